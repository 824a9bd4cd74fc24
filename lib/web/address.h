#pragma once

#include <string>

namespace liaison::web {

/// What counts as one address where places or attempts are bounded by it: an IPv4 address, and of
/// an IPv6 one its /64, of which one machine has them all. `peer` is numeric, without a port; what
/// is no address stands for itself.
std::string counted_as(const std::string& peer);

}  // namespace liaison::web
