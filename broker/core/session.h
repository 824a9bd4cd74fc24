#pragma once

#include <optional>

#include "broker/core/ids.h"

namespace liaison::broker {

/// One node's connection that has said hello.
///
///   (none) --hello--> open --goodbye, closed, newer hello, revoked--> (none)
///   (none) --hello, certificate ended--> renewing --hello after renewed--> open
struct Session {
  ConnectionId connection;
  NodeNumber node;
  CurveKey curve;  ///< by which it is connected
  enum class State { open, renewing } state = State::open;
  std::uint64_t credit_letters = 0;
  std::uint64_t credit_bytes = 0;
  /// The next registry entry to push as it comes; nothing until `since` was answered to the end.
  std::optional<std::uint64_t> follows_from;
  /// Octets of entries that may yet be pushed to it before it asks again.
  std::uint64_t push_room = 0;
  /// It was told unasked that there is more, and may ask for that beyond its share.
  bool told_of_more = false;
  /// From where on it asked for registry entries, until that is answered: of several, the last.
  std::optional<std::uint64_t> asks_from;
  friend bool operator==(const Session&, const Session&) = default;
};

}  // namespace liaison::broker
