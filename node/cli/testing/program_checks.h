#pragma once

#include "node/cli/kind.h"

/// What holds for both programs of a node, over the tables of each.
namespace liaison::node::testing {

/// The API's description and the routes that are served are the same, and it refers to nothing that
/// it does not have.
void check_description(const std::vector<DeskRoute>& routes, NodeRole role);

/// Every command says what it does, once, with an example that begins with its own words.
void check_commands(const Kind& kind, const std::vector<cli::Command>& commands);

}  // namespace liaison::node::testing
