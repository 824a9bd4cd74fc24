#pragma once

#include <optional>
#include <string_view>

#include "base/id.h"
#include "base/time.h"
#include "wire/frame.h"

/// Plain value of schemas/log.capnp: an entry of the message log.
namespace liaison::wire {

enum class LogKind : std::uint16_t {
  accepted,
  taken,
  set_aside,
  expired,
  returned,
  refused,
  refused_many
};
const char* name_of(LogKind kind);
/// The kind of that name; none: there is no such.
std::optional<LogKind> log_kind_of(std::string_view name);

struct LogEntry {
  LogKind kind{};
  Instant at;
  LetterId letter;  ///< zero with refused_many
  NodeId sender;
  NodeId recipient;  ///< empty with refused_many
  std::uint32_t size_bytes = 0;
  Digest digest;
  Commitment commitment;
  RefusalReason reason{};
  std::uint32_t count = 0;
  friend bool operator==(const LogEntry&, const LogEntry&) = default;
};

/// The bytes that are kept, hashed and exported. Written once, never re-encoded.
Bytes encode(const LogEntry& entry);
Result<LogEntry> decode_log_entry(ByteView bytes);

}  // namespace liaison::wire
