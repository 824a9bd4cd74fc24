#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "broker/core/limits.h"
#include "broker/program/outside_witnesses.h"
#include "crypto/passphrase.h"

namespace liaison::broker {

/// What DIR/liaison.toml says. Every member has a default, which the file that `init` writes shows.
struct Settings {
  std::string name = "exchange";
  std::vector<std::string> listen{"tcp://127.0.0.1:7600"};
  std::vector<std::string> joining{"tcp://127.0.0.1:7601"};
  std::vector<std::string> advertise;          ///< what invitations say; empty: `listen`
  std::vector<std::string> advertise_joining;  ///< empty: `joining`
  std::string console = "127.0.0.1:7680";
  std::string log_level = "info";
  crypto::PassphraseSource keys{crypto::PassphraseSource::Kind::terminal, {}, "liaison-passphrase"};
  bool authority_online = true;
  Limits limits;
  std::vector<OutsideWitness> witnesses;
  std::uint64_t cache_bytes = std::uint64_t{64} << 20;

  [[nodiscard]] const std::vector<std::string>& exchange_addresses() const {
    return advertise.empty() ? listen : advertise;
  }
  [[nodiscard]] const std::vector<std::string>& joining_addresses() const {
    return advertise_joining.empty() ? joining : advertise_joining;
  }
};

/// Reads the text of a liaison.toml. One line names the key and what is wrong; an unknown key, the
/// nearest known one. `file` is how errors call it.
Result<Settings> settings_from(std::string_view text, std::string_view file);
/// Reads DIR/liaison.toml; not_found names it.
Result<Settings> read_settings(const std::filesystem::path& directory);
/// The text of a liaison.toml that says what `settings` says and documents every setting with its
/// default.
std::string documented(const Settings& settings);
/// Splits "127.0.0.1:7680" or "[::1]:7680".
Result<std::pair<std::string, int>> split_address(std::string_view text);

}  // namespace liaison::broker
