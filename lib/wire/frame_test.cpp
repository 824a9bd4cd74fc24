#include "wire/frame.h"

#include <catch2/catch.hpp>

#include "wire/join.h"
#include "wire/limits.h"
#include "wire/log_entry.h"
#include "wire/registry.h"

using namespace liaison;
using namespace liaison::wire;

namespace {

template <class Id>
Id id_of(std::uint8_t first) {
  Id id;
  for (std::size_t i = 0; i < Id::size; ++i)
    id.octets[i] = static_cast<std::uint8_t>(first + i);
  return id;
}
NodeId node(const char* text) {
  return NodeId::parse(text).value();
}

Letter letter() {
  return {id_of<LetterId>(1),    node("jcp-leeds"),    node("able-futures"),
          id_of<Fingerprint>(2), id_of<Commitment>(3), from_ms(1'800'000'000'000),
          Bytes(1000, 7)};
}

std::vector<Frame> one_of_each() {
  const Instant at = from_ms(1'790'000'000'123);
  return {
      Hello{1, 2, node("jcp-leeds"), 3, 4, 5, at, "liaison 0.1", 100, 1 << 20},
      Welcome{1, 2, 3, 4, at, 512 * 1024, 1000, Duration(86'400'000), true, Bytes(300, 9)},
      std::vector<Letter>{letter(), letter()},
      std::vector<Accepted>{{id_of<LetterId>(1), 7, at}},
      std::vector<Refused>{
          {id_of<LetterId>(1), RefusalReason::mailbox_full, Meaning::retry, Duration(5000), "full"},
          {std::nullopt, RefusalReason::malformed, Meaning::final_, Duration(0), ""}},
      Credit{10, 20},
      std::vector<Delivery>{{5, at, letter(), 77},
                            {6, at,
                             Report{id_of<LetterId>(9), node("able-futures"),
                                    RefusalReason::expired, Meaning::final_, at}}},
      std::vector<Taken>{{5, id_of<LetterId>(1)}},
      std::vector<SetAside>{{5, id_of<LetterId>(1), RefusalReason::no_such_key}},
      std::vector<Publication>{{EntryKind::listing, Bytes(10, 1)}},
      std::vector<Published>{{id_of<Digest>(1), std::uint64_t(8)},
                             {id_of<Digest>(2), std::string("no")}},
      Since{17},
      Entries{3, 9, {{EntryKind::sealing_certificate, at, Bytes(20, 2)}}},
      Renewal{Bytes(200, 1), id_of<Fingerprint>(1), Bytes(70, 2)},
      Renewed{Bytes(300, 3)},
      Renewed{RenewalPending{}},
      Renewed{std::string("not yours")},
      Goodbye{GoodbyeReason::revoked, "shut out"},
      Prove{1, 2, {3, 5, 8}, {13}, {21, 34}},
      Proofs{"registry\n",
             "message\n",
             2,
             {3, 5},
             {id_of<Digest>(1), id_of<Digest>(2)},
             {{13, {id_of<Digest>(3)}}},
             {{21, {}}, {34, {id_of<Digest>(4)}}},
             true},
      Cosigned{1, 2, "\u2014 registry AAAAAAAA\n", 3, "\u2014 message AAAAAAAA\n"},
  };
}

}  // namespace

TEST_CASE("each kind of frame is read as it was written", "[wire]") {
  for (const Frame& frame : one_of_each()) {
    Bytes bytes = encode(frame);
    auto read = decode_frame(bytes);
    REQUIRE(read.has_value());
    CHECK(*read == frame);
  }
}

TEST_CASE("a frame that does not start on a word of memory is read all the same", "[wire]") {
  Bytes bytes = encode(one_of_each()[2]);
  Bytes shifted(bytes.size() + 1);
  std::copy(bytes.begin(), bytes.end(), shifted.begin() + 1);
  CHECK(decode_frame(ByteView(shifted).subspan(1)).value() == one_of_each()[2]);
}

TEST_CASE("a frame cut short, lengthened or of two segments is refused", "[wire]") {
  for (const Frame& frame : one_of_each()) {
    Bytes bytes = encode(frame);
    for (std::size_t keep = 0; keep < bytes.size(); ++keep) {
      REQUIRE_FALSE(decode_frame(ByteView(bytes).first(keep)).has_value());
    }
    Bytes longer = bytes;
    longer.resize(bytes.size() + 8);
    CHECK_FALSE(decode_frame(longer).has_value());
    Bytes two_segments = bytes;
    two_segments[0] = 1;
    CHECK_FALSE(decode_frame(two_segments).has_value());
  }
}

TEST_CASE("no single changed octet makes reading a frame throw", "[wire]") {
  for (const Frame& frame : one_of_each()) {
    Bytes bytes = encode(frame);
    for (std::size_t i = 0; i < std::min<std::size_t>(bytes.size(), 600); ++i) {
      for (int change : {1, 0x80, 0xFF}) {
        Bytes changed = bytes;
        changed[i] = static_cast<std::uint8_t>(changed[i] ^ change);
        (void)decode_frame(changed);
      }
    }
  }
}

TEST_CASE("a frame of the most answers is read, one of too many octets is not", "[wire]") {
  std::vector<Taken> many(answers_per_frame_max, Taken{1, id_of<LetterId>(1)});
  CHECK(decode_frame(encode(Frame(many))).has_value());
  auto refused = decode_frame(Bytes(frame_bytes_max + 8));
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().reason == Reason::too_large);
}

TEST_CASE("every refusal has one meaning, a name and a sentence", "[wire]") {
  for (std::uint16_t i = 0; i <= static_cast<std::uint16_t>(RefusalReason::no_such_key); ++i) {
    auto reason = static_cast<RefusalReason>(i);
    CHECK(std::string(name_of(reason)) != "unknown");
    CHECK(std::string(sentence_for(reason)).size() > 20);
  }
  CHECK(meaning_of(RefusalReason::mailbox_full) == Meaning::retry);
  CHECK(meaning_of(RefusalReason::key_replaced) == Meaning::reseal);
  CHECK(meaning_of(RefusalReason::recipient_revoked) == Meaning::final_);
}

TEST_CASE("joining, registry and log values are read as they were written", "[wire]") {
  JoinRequest request{
      1, node("jcp-leeds"), id_of<Digest>(1), Bytes(200, 1), id_of<CurveKey>(2), id_of<Digest>(3)};
  CHECK(decode_join_request(encode(request)).value() == request);
  for (const JoinAnswer& answer :
       {JoinAnswer(Joined{Bytes(300, 1), Bytes(310, 2)}), JoinAnswer(JoinPending{}),
        JoinAnswer(std::string("used already"))}) {
    CHECK(decode_join_answer(encode(answer)).value() == answer);
  }
  IssuedCertificate issued{Bytes(300, 1), IssueReason::renewed, id_of<Fingerprint>(4),
                           Bytes(200, 2), Bytes(70, 3)};
  CHECK(decode_issued_certificate(encode(issued)).value() == issued);
  Listing listing{node("able-futures"), "s-1", 2, from_ms(5), true, "{}"};
  CHECK(decode_listing(encode(listing)).value() == listing);
  listing.service = "hope-house/s-1";  // would look like another's
  CHECK_FALSE(decode_listing(encode(listing)));
  listing.service = "s-1";
  SignedListing with_signature{encode(listing), Bytes(70, 1), id_of<Fingerprint>(1)};
  CHECK(decode_signed_listing(encode(with_signature)).value() == with_signature);
  LogKey change{2, 7, {}, {}, Bytes(64, 9)};
  change.former.octets.fill(3);
  change.key.octets.fill(4);
  CHECK(decode_log_key(encode(change)) == change);
  CHECK(signed_bytes_of(change, {}).size() == 18 + 32 + 8 + 4 + 64);
  change.signature.pop_back();
  CHECK_FALSE(decode_log_key(encode(change)));
  AdministratorAct act{"root", "revoke", "able-futures", "left"};
  CHECK(decode_administrator_act(encode(act)).value() == act);
  LogEntry entry{LogKind::accepted,        from_ms(5), id_of<LetterId>(1), node("jcp-leeds"),
                 node("able-futures"),     1000,       id_of<Digest>(1),   id_of<Commitment>(2),
                 RefusalReason::malformed, 0};
  CHECK(decode_log_entry(encode(entry)).value() == entry);
}
