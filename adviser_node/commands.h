#pragma once

#include <vector>

#include "node/cli/kind.h"

namespace liaison::adviser_node {

node::Kind kind();
/// The office's own commands: clients, sharing, referring.
std::vector<cli::Command> commands(const node::Kind& kind);

}  // namespace liaison::adviser_node
