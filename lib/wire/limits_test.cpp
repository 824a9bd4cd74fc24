#include "wire/limits.h"

#include <letter.capnp.h>
#include <link.capnp.h>

#include <catch2/catch.hpp>
#include <cstring>
#include <optional>

#include "wire/capnp_io.h"
#include "wire/frame.h"
#include "wire/letter.h"

/// What a peer could write and our own encoder never does: lists beyond the limits, and pointers
/// that make a small message large.

using namespace liaison;
using namespace liaison::wire;

namespace {

std::optional<Reason> refusal_of_frame(ByteView octets) {
  auto frame = decode_frame(octets);
  return frame ? std::nullopt : std::optional(frame.error().reason);
}

std::optional<Reason> refusal_of_content(ByteView octets) {
  auto content = decode_content(octets);
  return content ? std::nullopt : std::optional(content.error().reason);
}

/// A frame of `count` items that say nothing; `init` makes the list.
template <class Init>
Bytes frame_of(std::size_t count, Init init) {
  return io::encode<schema::Frame>(
      [&](schema::Frame::Builder out) { init(out, static_cast<unsigned>(count)); });
}

/// A letter's content about `count` items that say nothing.
template <class Init>
Bytes content_of(std::size_t count, Init init) {
  return io::encode<schema::Content>([&](schema::Content::Builder out) {
    out.setVersion(1);
    const Bytes id(16, 1);
    out.setLetter(io::to_kj(id));
    out.setSender("jcp-leeds");
    out.setRecipient("able-futures");
    out.setSealedAt(1'790'000'000'000);
    init(out, static_cast<unsigned>(count));
  });
}

/// Where in the message the word is that points to octets of this length; Cap'n Proto's encoding,
/// "List": kind 1 in the lowest two bits, element size 2 (octets) and the length above.
std::size_t pointer_to_octets(const Bytes& message, std::uint32_t length) {
  for (std::size_t at = 8; at + 8 <= message.size(); at += 8) {
    std::uint32_t low = 0;
    std::uint32_t high = 0;
    std::memcpy(&low, &message[at], 4);
    std::memcpy(&high, &message[at + 4], 4);
    if ((low & 3) == 1 && high == (length << 3 | 2)) return at;
  }
  return 0;
}

}  // namespace

TEST_CASE("a list longer than a frame may carry is refused before its items are read", "[wire]") {
  const auto check = [](std::size_t most, auto init) {
    CHECK(refusal_of_frame(frame_of(most + 1, init)) == Reason::too_large);
    CHECK(refusal_of_frame(frame_of(most, init)) != Reason::too_large);
  };
  check(letters_per_frame_max, [](auto out, unsigned count) { out.initSubmit(count); });
  check(letters_per_frame_max, [](auto out, unsigned count) { out.initDeliver(count); });
  check(answers_per_frame_max, [](auto out, unsigned count) { out.initAccepted(count); });
  check(answers_per_frame_max, [](auto out, unsigned count) { out.initRefused(count); });
  check(answers_per_frame_max, [](auto out, unsigned count) { out.initTaken(count); });
  check(answers_per_frame_max, [](auto out, unsigned count) { out.initSetAside(count); });
  check(publications_per_frame_max, [](auto out, unsigned count) { out.initPublish(count); });
  check(publications_per_frame_max, [](auto out, unsigned count) { out.initPublished(count); });
  check(entries_per_frame_max,
        [](auto out, unsigned count) { out.initEntries().initEntries(count); });
}

TEST_CASE("a list longer than a letter may carry is refused before its items are read", "[wire]") {
  const auto check = [](std::size_t most, auto init) {
    CHECK(refusal_of_content(content_of(most + 1, init)) == Reason::too_large);
    CHECK(refusal_of_content(content_of(most, init)) != Reason::too_large);
  };
  check(events_per_letter_max, [](auto out, unsigned count) { out.initEvents(count); });
  check(receipts_per_letter_max, [](auto out, unsigned count) { out.initReceipts(count); });
  check(have_max, [](auto out, unsigned count) {
    const Bytes id(16, 1);
    auto ask = out.initAsk();
    ask.setWhole(io::to_kj(id));
    ask.initHave(count);
  });
}

namespace {

/// A frame of 200 KiB of sealed octets to which all its letters point.
Bytes frame_of_letters_that_share(unsigned letters) {
  constexpr std::uint32_t shared = 200 * 1024;
  auto octets = frame_of(letters, [&](schema::Frame::Builder out, unsigned count) {
    auto list = out.initSubmit(count);
    const Bytes id(16, 1);
    const Bytes hash(32, 2);
    for (unsigned at = 0; at < count; ++at) {
      auto letter = list[at];
      letter.setId(io::to_kj(id));
      letter.setSender("jcp-leeds");
      letter.setRecipient("able-futures");
      letter.setSealingKey(io::to_kj(hash));
      letter.setCommitment(io::to_kj(hash));
      letter.setExpires(1'790'000'000'000);
      // Lengths that nothing else in the message has, to find the pointers by.
      const Bytes sealed(at == 0 ? shared : 100 + at, 7);
      letter.setSealed(io::to_kj(sealed));
    }
  });
  const auto first = pointer_to_octets(octets, shared);
  std::int32_t low = 0;
  std::memcpy(&low, &octets[first], 4);
  const auto target = static_cast<std::int64_t>(first) + 8 + std::int64_t{low >> 2} * 8;
  for (std::uint32_t at = 1; at < letters; ++at) {
    const auto pointer = pointer_to_octets(octets, 100 + at);
    const auto words = (target - static_cast<std::int64_t>(pointer) - 8) / 8;
    const auto changed = static_cast<std::int32_t>(words * 4 + 1);
    const std::uint32_t length = shared << 3 | 2;
    std::memcpy(&octets[pointer], &changed, 4);
    std::memcpy(&octets[pointer + 4], &length, 4);
  }
  return octets;
}

}  // namespace

TEST_CASE("a small frame whose letters all point to the same octets is not read as a large one",
          "[wire]") {
  // Twice is within four times what came; sixteen times is not.
  const auto twice = decode_frame(frame_of_letters_that_share(2)).value();
  for (const auto& each : std::get<std::vector<Letter>>(twice))
    CHECK(each.sealed.size() == 200 * 1024);
  CHECK(refusal_of_frame(frame_of_letters_that_share(16)) == Reason::malformed);
}

TEST_CASE("the longest revocation list is read as an entry, and nothing else of its length",
          "[wire]") {
  for (const auto kind : {EntryKind::revocation_list, EntryKind::listing}) {
    for (const std::size_t size : {publication_bytes_max, published_list_bytes_max}) {
      const Entries entries{0, 1, {{kind, from_ms(1), Bytes(size, 1)}}};
      const bool fits = size == publication_bytes_max || kind == EntryKind::revocation_list;
      CHECK(decode_frame(encode(Frame(entries))).has_value() == fits);
      const std::vector<Publication> publications{{kind, Bytes(size, 1)}};
      CHECK(decode_frame(encode(Frame(publications))).has_value() == fits);
    }
  }
}
