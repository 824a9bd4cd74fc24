#pragma once

#include <filesystem>

#include "node/cli/kind.h"

namespace liaison::node {

/// Runs the node until SIGTERM or SIGINT: the engine on this thread, the desk on threads of its
/// own. While it runs, DIR/serving.json says where the desk is: {"url", "node", "pid"}.
Result<void> serve(const Kind& kind, const std::filesystem::path& directory);
/// Does all that serving does before it listens, and stops.
Result<void> check_serving(const Kind& kind, const std::filesystem::path& directory);

/// The routes with one more: /api/openapi.json, which describes them all.
std::vector<DeskRoute> with_description(std::vector<DeskRoute> routes, NodeRole role,
                                        const SessionCookie& cookie);

}  // namespace liaison::node
