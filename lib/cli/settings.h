#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace liaison::cli {

using SettingValue = std::variant<bool, std::int64_t, std::string, std::vector<std::string>>;

/// One setting of a daemon's `liaison.toml`: its type is that of its default.
struct Setting {
  std::string key;  ///< "desk.port": a table and a name, or a name alone
  SettingValue otherwise;
  std::string about;  ///< a sentence or two; stands above it in the file
  std::int64_t least = 0;
  std::int64_t most = 0;  ///< for numbers, if over `least`
};

/// A daemon's settings, read strictly: an unknown key is an error that names the nearest known one,
/// and so is a value of another type. Asking for a key that is none of the schema's is a bug.
class Settings {
 public:
  /// TOML of at most 64 KiB.
  static Result<Settings> read(std::string_view toml, const std::vector<Setting>& schema);

  [[nodiscard]] bool flag(std::string_view key) const;
  [[nodiscard]] std::int64_t number(std::string_view key) const;
  [[nodiscard]] const std::string& text(std::string_view key) const;
  [[nodiscard]] const std::vector<std::string>& list(std::string_view key) const;
  [[nodiscard]] const std::map<std::string, SettingValue, std::less<>>& all() const {
    return values_;
  }

 private:
  [[nodiscard]] const SettingValue& at(std::string_view key) const;
  std::map<std::string, SettingValue, std::less<>> values_;
};

/// The file that a daemon's directory begins with: every setting with what it means; those of
/// `chosen` with their value, the others commented out with their default.
std::string document(std::string_view heading, const std::vector<Setting>& schema,
                     const std::map<std::string, SettingValue>& chosen);

}  // namespace liaison::cli
