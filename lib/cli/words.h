#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
class ParseError;
}  // namespace CLI

namespace liaison::cli {

/// The one of `known` that `word` was most likely meant to be; empty if none is like it.
std::string nearest(std::string_view word, const std::vector<std::string>& known);

/// What an error says of a key of liaison.toml that is none of `known` ("desk.port", "name"). In
/// TOML a line belongs to the section above it, so one added at the file's end belongs to the last:
/// where the key would be right is said too.
std::string unknown_setting(const std::string& key, const std::vector<std::string>& known);

/// One line for wrong usage: the word that is not known, what it was likely meant to be, and what
/// there is; for other slips, what the parser says of them.
std::string usage_error(const CLI::App& app, const CLI::ParseError& error);

}  // namespace liaison::cli
