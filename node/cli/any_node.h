#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>

#include "base/result.h"

/// For programs that are told a directory and not of which kind of node it is.
namespace liaison::node {

/// Whether it is a node's directory.
bool is_node(const std::filesystem::path& directory);

/// As ask_operator() (node/cli/operator.h), of the kind of node that the directory is of.
Result<nlohmann::json> ask_any_node(const std::filesystem::path& directory, nlohmann::json request);

}  // namespace liaison::node
