#pragma once

// Private to lib/wire: how bytes become Cap'n Proto readers and back. docs/PROTOCOL.md states the
// limits; the facts behind them are in docs/SECURITY.md ("Cap'n Proto").

#include <capnp/message.h>
#include <capnp/serialize.h>
#include <kj/exception.h>

#include <cstring>
#include <memory>

#include "base/bytes.h"
#include "base/id.h"
#include "base/time.h"
#include "wire/limits.h"

namespace liaison::wire::io {

/// A value that is not of its form, thrown by the readers below and turned into an Error by
/// `decode`; it never leaves lib/wire.
struct Malformed {
  Reason reason;
  const char* what;
};

inline void require(bool holds, const char* what, Reason reason = Reason::malformed) {
  if (!holds) throw Malformed{reason, what};
}

inline kj::ArrayPtr<const kj::byte> to_kj(ByteView bytes) {
  return {bytes.data(), bytes.size()};
}
inline ByteView from_kj(kj::ArrayPtr<const kj::byte> bytes) {
  return {bytes.begin(), bytes.size()};
}
inline capnp::Text::Reader to_text(const std::string& text) {
  return {text.c_str(), text.size()};
}

inline Bytes read_bytes(capnp::Data::Reader data, std::size_t size_max, const char* what) {
  require(data.size() <= size_max, what, Reason::too_large);
  return {data.begin(), data.end()};
}

/// Text within a limit, well-formed UTF-8 and without NUL.
inline std::string read_text(capnp::Text::Reader text, std::size_t size_max, const char* what) {
  require(text.size() <= size_max, what, Reason::too_large);
  std::string_view view(text.cStr(), text.size());
  require(is_utf8(view) && view.find('\0') == std::string_view::npos, what);
  return std::string(view);
}

template <class Id>
Id read_id(capnp::Data::Reader data, const char* what) {
  require(data.size() == Id::size, what);
  Id id;
  std::memcpy(id.octets.data(), data.begin(), Id::size);
  return id;
}

/// As read_id, or zero where the field is empty.
template <class Id>
Id read_id_or_zero(capnp::Data::Reader data, const char* what) {
  return data.size() == 0 ? Id{} : read_id<Id>(data, what);
}

inline NodeId read_node(capnp::Text::Reader text, const char* what) {
  auto node = NodeId::parse({text.cStr(), text.size()});
  require(node.has_value(), what);
  return *node;
}

/// A time that calendars can show: years 1970 to 9999. Arithmetic on it cannot overflow.
inline Instant read_time(std::int64_t ms, const char* what) {
  require(ms >= 0 && ms < 253'402'300'800'000, what);
  return from_ms(ms);
}

inline Duration read_duration(std::int64_t ms, const char* what) {
  require(ms >= 0 && ms < 253'402'300'800'000, what);
  return Duration(ms);
}

template <class List>
auto read_list(List list, std::size_t count_max, const char* what) {
  require(list.size() <= count_max, what, Reason::too_large);
  return list;
}

/// Reads one unpacked message of one segment: checks its table and length, copies it only where it
/// is not aligned, and lets no exception out. `read` gets the root's reader and returns the value.
template <class Root, class Read>
auto decode(ByteView bytes, const char* what, Read read)
    -> Result<decltype(read(std::declval<typename Root::Reader>()))> {
  if (bytes.size() < 16 || bytes.size() % sizeof(capnp::word) != 0) {
    return fail(Reason::malformed, std::string(what) + ": not one Cap'n Proto message");
  }
  std::uint32_t segments_less_one = 0;
  std::uint32_t words = 0;
  std::memcpy(&segments_less_one, bytes.data(), 4);
  std::memcpy(&words, bytes.data() + 4, 4);
  if (segments_less_one != 0 || words != bytes.size() / sizeof(capnp::word) - 1) {
    return fail(Reason::malformed, std::string(what) + ": not one segment of the stated length");
  }
  std::unique_ptr<capnp::word[]> aligned;
  const auto* start = reinterpret_cast<const capnp::word*>(bytes.data());
  if (reinterpret_cast<std::uintptr_t>(bytes.data()) % alignof(capnp::word) != 0) {
    aligned = std::make_unique<capnp::word[]>(words + 1);
    std::memcpy(aligned.get(), bytes.data(), bytes.size());
    start = aligned.get();
  }
  capnp::ReaderOptions options;
  options.traversalLimitInWords = 4 * (std::uint64_t(words) + 1);
  options.nestingLimit = nesting_max;
  try {
    capnp::FlatArrayMessageReader message({start, words + 1}, options);
    return read(message.getRoot<Root>());
  } catch (const Malformed& malformed) {
    return fail(malformed.reason, std::string(what) + ": " + malformed.what);
  } catch (const kj::Exception&) {
    return fail(Reason::malformed, std::string(what) + ": not readable as Cap'n Proto");
  }
}

/// Writes one unpacked message of one segment. Built in memory that is zeroed after use.
template <class Root, class Fill>
Bytes encode(Fill fill) {
  // The builder wants zeroed memory and zeroes what it used, so one buffer a thread serves for
  // ever.
  constexpr std::size_t scratch_words = 192 * 1024;
  static thread_local auto scratch = std::make_unique<capnp::word[]>(scratch_words);
  auto finish = [](capnp::MessageBuilder& message) {
    Bytes out;
    auto segments = message.getSegmentsForOutput();
    if (segments.size() != 1) return out;
    auto body = segments[0].asBytes();
    auto words = static_cast<std::uint32_t>(segments[0].size());
    out.reserve(8 + body.size());
    out.resize(8);
    std::memcpy(out.data() + 4, &words, 4);
    out.insert(out.end(), body.begin(), body.end());
    return out;
  };
  {
    capnp::MallocMessageBuilder message(kj::ArrayPtr<capnp::word>(scratch.get(), scratch_words));
    fill(message.initRoot<Root>());
    if (Bytes out = finish(message); !out.empty()) return out;
  }
  for (std::size_t words = 2 * scratch_words;; words *= 2) {
    capnp::MallocMessageBuilder message(static_cast<unsigned>(words));
    fill(message.initRoot<Root>());
    if (Bytes out = finish(message); !out.empty()) return out;
  }
}

}  // namespace liaison::wire::io
