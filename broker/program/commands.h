#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>

namespace liaison::broker {

/// Wrong usage that only shows after the words were read: exit status 2.
struct WrongUsage : std::runtime_error {
  using std::runtime_error::runtime_error;
};
/// A refusal or a failed check: one line, exit status 1.
struct Refusal : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// One command, or family of commands, each.
void add_init(CLI::App& app);
void add_serve(CLI::App& app);
void add_invite(CLI::App& app);
void add_revoke(CLI::App& app);
void add_policy(CLI::App& app);
void add_quota(CLI::App& app);
void add_users(CLI::App& app);
void add_mailboxes(CLI::App& app);
void add_status(CLI::App& app);
void add_import(CLI::App& app);
void add_backup(CLI::App& app);  ///< and restore
void add_rotate_log_key(CLI::App& app);
void add_archive(CLI::App& app);

/// Adds every command of liaison-broker to `app`; the one that was given runs as the callback of
/// its parser.
void add_commands(CLI::App& app);

/// Asks the broker of a directory: the one that serves it, or its store if none does. The value of
/// "ok"; throws Refusal with the text of "error".
nlohmann::json ask_broker(const std::string& directory, const nlohmann::json& request);

}  // namespace liaison::broker
