#include "cli/settings.h"

#include <toml++/toml.h>
#include <algorithm>
#include <sstream>

#include "base/check.h"
#include "cli/words.h"

namespace liaison::cli {
namespace {

constexpr std::size_t file_bytes_max = 64 * 1024;

const char* type_of(const SettingValue& value) {
  if (std::holds_alternative<bool>(value)) return "true or false";
  if (std::holds_alternative<std::int64_t>(value)) return "a whole number";
  if (std::holds_alternative<std::string>(value)) return "a text in quotes";
  return "a list of texts, [\"...\"]";
}

/// A TOML basic string.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return out + "\"";
}

std::string written(const SettingValue& value) {
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
  if (const auto* text = std::get_if<std::string>(&value)) return quoted(*text);
  std::string out = "[";
  for (const auto& text : std::get<std::vector<std::string>>(value)) {
    if (out.size() > 1) out += ", ";
    out += quoted(text);
  }
  return out + "]";
}

std::string place_of(const toml::key& key) {
  return "liaison.toml, line " + std::to_string(key.source().begin.line) + ": ";
}

Error unknown(const toml::key& at, const std::string& key, const std::vector<Setting>& schema) {
  std::vector<std::string> known;
  for (const auto& each : schema)
    known.push_back(each.key);
  return {Reason::malformed, place_of(at) + unknown_setting(key, known)};
}

Result<SettingValue> value_of(const toml::node& node, const Setting& setting) {
  const auto wrong = [&] {
    return fail(Reason::malformed,
                "liaison.toml: \"" + setting.key + "\" must be " + type_of(setting.otherwise));
  };
  if (std::holds_alternative<bool>(setting.otherwise)) {
    if (!node.is_boolean()) return wrong();
    return SettingValue(node.as_boolean()->get());
  }
  if (std::holds_alternative<std::int64_t>(setting.otherwise)) {
    if (!node.is_integer()) return wrong();
    const auto number = node.as_integer()->get();
    if (setting.most > setting.least && (number < setting.least || number > setting.most)) {
      return fail(Reason::malformed, "liaison.toml: \"" + setting.key + "\" must be from " +
                                         std::to_string(setting.least) + " to " +
                                         std::to_string(setting.most));
    }
    return SettingValue(number);
  }
  if (std::holds_alternative<std::string>(setting.otherwise)) {
    if (!node.is_string()) return wrong();
    return SettingValue(node.as_string()->get());
  }
  if (!node.is_array()) return wrong();
  std::vector<std::string> out;
  for (const auto& one : *node.as_array()) {
    if (!one.is_string()) return wrong();
    out.push_back(one.as_string()->get());
  }
  return SettingValue(std::move(out));
}

Result<void> take(const toml::table& table, const std::string& prefix,
                  const std::vector<Setting>& schema,
                  std::map<std::string, SettingValue, std::less<>>& into) {
  for (auto&& [name, node] : table) {
    const auto key = prefix + std::string(name.str());
    const auto setting =
        std::find_if(schema.begin(), schema.end(), [&](const Setting& s) { return s.key == key; });
    if (setting == schema.end() && node.is_table() && prefix.empty()) {
      const bool known = std::any_of(schema.begin(), schema.end(), [&](const Setting& s) {
        return s.key.compare(0, key.size() + 1, key + ".") == 0;
      });
      if (!known) return fail(unknown(name, key, schema));
      const auto taken = take(*node.as_table(), key + ".", schema, into);
      if (!taken) return taken;
      continue;
    }
    if (setting == schema.end()) return fail(unknown(name, key, schema));
    auto value = value_of(node, *setting);
    if (!value) return fail(value.error());
    into[key] = std::move(*value);
  }
  return {};
}

}  // namespace

Result<Settings> Settings::read(std::string_view text, const std::vector<Setting>& schema) {
  if (text.size() > file_bytes_max) return fail(Reason::too_large, "liaison.toml: over 64 KiB");
  Settings out;
  for (const auto& setting : schema)
    out.values_[setting.key] = setting.otherwise;
  try {
    const auto table = toml::parse(text);
    const auto taken = take(table, "", schema, out.values_);
    if (!taken) return fail(taken.error());
  } catch (const toml::parse_error& error) {
    return fail(Reason::malformed, "liaison.toml, line " +
                                       std::to_string(error.source().begin.line) + ": " +
                                       std::string(error.description()));
  }
  return out;
}

const SettingValue& Settings::at(std::string_view key) const {
  const auto found = values_.find(key);
  LIAISON_CHECK(found != values_.end());
  return found->second;
}

bool Settings::flag(std::string_view key) const {
  return std::get<bool>(at(key));
}
std::int64_t Settings::number(std::string_view key) const {
  return std::get<std::int64_t>(at(key));
}
const std::string& Settings::text(std::string_view key) const {
  return std::get<std::string>(at(key));
}
const std::vector<std::string>& Settings::list(std::string_view key) const {
  return std::get<std::vector<std::string>>(at(key));
}

std::string document(std::string_view heading, const std::vector<Setting>& schema,
                     const std::map<std::string, SettingValue>& chosen) {
  std::string out = "# " + std::string(heading) + "\n";
  std::string table;
  for (const auto& setting : schema) {
    const auto dot = setting.key.find('.');
    const auto its_table = dot == std::string::npos ? std::string() : setting.key.substr(0, dot);
    if (its_table != table) {
      out += "\n[" + its_table + "]\n";
      table = its_table;
    }
    std::istringstream words(setting.about);
    std::string line = "#";
    out += "\n";
    for (std::string word; words >> word;) {
      if (line.size() + 1 + word.size() > 98) {
        out += line + "\n";
        line = "#";
      }
      line += " " + word;
    }
    out += line + "\n";
    const auto name = dot == std::string::npos ? setting.key : setting.key.substr(dot + 1);
    const auto given = chosen.find(setting.key);
    if (given != chosen.end()) {
      out += name + " = " + written(given->second) + "\n";
    } else {
      out += "#" + name + " = " + written(setting.otherwise) + "\n";
    }
  }
  return out;
}

}  // namespace liaison::cli
