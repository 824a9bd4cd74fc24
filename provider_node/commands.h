#pragma once

#include <vector>

#include "node/cli/kind.h"

namespace liaison::provider_node {

node::Kind kind();
/// The provider's own commands: its services, and deciding on referrals.
std::vector<cli::Command> commands(const node::Kind& kind);

}  // namespace liaison::provider_node
