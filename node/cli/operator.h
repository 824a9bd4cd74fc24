#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>

#include "node/cli/kind.h"

namespace liaison::node {

/// Asks the daemon that serves the directory through its administration socket, or, when none
/// serves, opens the store and answers by itself. The answer without its "ok"; or its error.
Result<nlohmann::json> ask_operator(const Kind& kind, const std::filesystem::path& directory,
                                    nlohmann::json request);

/// Puts the token of --token-file, if that is given, into a request: what it asks for is done only
/// if an administrator's token, so that a script does no more than its token says.
Result<void> show_token(const cli::Arguments& arguments, nlohmann::json& request);

/// The options --dir, --json and --token-file, as every operator's command has them.
cli::Option dir_option();
cli::Option json_option();
cli::Option token_option();

}  // namespace liaison::node
