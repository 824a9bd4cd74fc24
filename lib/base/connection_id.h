#pragma once

#include <cstdint>

namespace liaison {

/// One connection of a peer to this process, from its first frame until it ends. Given out by
/// net/exchange_server.h in rising order and never used again within a process; says nothing
/// about who the peer is (that is the CURVE key that comes with each frame).
enum class ConnectionId : std::uint64_t {};

}  // namespace liaison
