#pragma once

#include <cstdint>
#include <string>

namespace liaison::net {

/// Raises this process's limit of open descriptors to at least `wanted` as far as the system's hard
/// limit allows; the limit now in force. A broker wants 4 times its peers: short of descriptors,
/// libzmq burns a core.
std::uint64_t raise_descriptor_limit(std::uint64_t wanted);

/// Below it libzmq ends the process when it opens its own.
inline constexpr std::uint64_t descriptors_least = 64;
/// One line for who may open fewer.
std::string too_few_descriptors(std::uint64_t limit);

}  // namespace liaison::net
