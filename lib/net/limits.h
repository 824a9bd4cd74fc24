#pragma once

#include <cstdint>

namespace liaison::net {

/// Raises this process's limit of open descriptors to at least `wanted` as far as the system's hard
/// limit allows; the limit now in force. A broker wants 4 times its peers: short of descriptors,
/// libzmq burns a core.
std::uint64_t raise_descriptor_limit(std::uint64_t wanted);

}  // namespace liaison::net
