#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/role.h"
#include "cli/settings.h"
#include "crypto/passphrase.h"
#include "web/server.h"

namespace liaison::node {

/// Every setting of a node's `DIR/liaison.toml`. `port` is the desk's default.
std::vector<cli::Setting> settings_schema(int port);
/// Reads DIR/liaison.toml; one line says what is wrong in it. No file: all defaults.
Result<cli::Settings> read_settings(const std::filesystem::path& directory, int port);
/// Writes DIR/liaison.toml with these values; a file that is there already stays as it is.
void write_settings(const std::filesystem::path& directory, int port,
                    const std::map<std::string, cli::SettingValue>& chosen);

Result<web::ServerOptions> server_options(const cli::Settings& settings);
Result<crypto::PassphraseSource> passphrase_source(const cli::Settings& settings);
/// "127.0.0.1:7681", "[::1]:7681".
Result<std::pair<std::string, int>> parse_listen(const std::string& text);

}  // namespace liaison::node
