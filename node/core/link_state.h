#pragma once

#include <cstdint>

namespace liaison::node {

/// Where the link with the broker stands.
///
///   disconnected --(connected: hello)--> hello_sent --(welcome)--> ready
///        ^                                   |                       |
///        |                                   \--(goodbye renewOnly)--+--> renew_only
///        \------------(connection lost, goodbye stopping)------------/
///   any --(goodbye replaced)--> replaced      any --(goodbye revoked)--> revoked     (no
///   redialling)
enum class LinkState : std::uint8_t {
  disconnected,
  hello_sent,
  ready,
  renew_only,  ///< our certificate has ended: nothing goes but a renewal
  replaced,  ///< a newer connection of this node took over: a second daemon, or a copied directory
  revoked,   ///< the exchange shut this node out
};
const char* name_of(LinkState state);

}  // namespace liaison::node
