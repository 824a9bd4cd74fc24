#include "broker/program/settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "broker/program/settings_table.h"
#include "cli/words.h"

namespace liaison::broker {

namespace {

std::string full_name(const Setting& setting) {
  return *setting.table == '\0' ? setting.key : std::string(setting.table) + "." + setting.key;
}

Error unknown(std::string_view file, const toml::key& at, const std::string& key,
              const std::vector<Setting>& settings) {
  std::vector<std::string> known;
  for (const auto& each : settings)
    known.push_back(full_name(each));
  return {Reason::malformed, fmt::format("{}: line {}: {}", file, at.source().begin.line,
                                         cli::unknown_setting(key, known))};
}

Result<void> read_table(Settings& to, const toml::table& table, const std::string& name,
                        std::string_view file, const std::vector<Setting>& settings) {
  for (const auto& [key, node] : table) {
    const auto full = name.empty() ? std::string(key.str()) : name + "." + std::string(key.str());
    const auto known = std::find_if(settings.begin(), settings.end(),
                                    [&](const Setting& each) { return full_name(each) == full; });
    if (known != settings.end()) {
      if (auto read = known->read(to, node); !read)
        return fail(Reason::malformed, fmt::format("{}: {}: {}", file, full, read.error().text));
      continue;
    }
    const bool is_table = std::any_of(settings.begin(), settings.end(),
                                      [&](const Setting& each) { return full == each.table; });
    if (!name.empty() || !is_table || !node.is_table())
      return fail(unknown(file, key, full, settings));
    if (auto read = read_table(to, *node.as_table(), full, file, settings); !read) return read;
  }
  return {};
}

}  // namespace

Result<std::pair<std::string, int>> split_address(std::string_view text) {
  const auto colon = text.rfind(':');
  const auto bad = [] { return fail(Reason::malformed, "an address is \"HOST:PORT\""); };
  if (colon == std::string_view::npos || colon == 0) return bad();
  auto host = std::string(text.substr(0, colon));
  if (host.size() > 2 && host.front() == '[' && host.back() == ']')
    host = host.substr(1, host.size() - 2);
  const auto port = text.substr(colon + 1);
  if (port.empty() || port.size() > 5 ||
      !std::all_of(port.begin(), port.end(), [](char c) { return c >= '0' && c <= '9'; }))
    return bad();
  const auto value = std::stoi(std::string(port));
  if (value > 65535) return bad();
  return std::pair(host, value);
}

Result<Settings> settings_from(std::string_view text, std::string_view file) {
  const auto settings = all_settings();
  Settings out;
  try {
    const auto table = toml::parse(text, file);
    if (auto read = read_table(out, table, "", file, settings); !read) return fail(read.error());
  } catch (const toml::parse_error& error) {
    return fail(Reason::malformed, fmt::format("{}: line {}: {}", file, error.source().begin.line,
                                               error.description()));
  }
  if (out.listen.empty() || out.joining.empty())
    return fail(Reason::malformed,
                fmt::format("{}: listen and joining need an address each", file));
  return out;
}

Result<Settings> read_settings(const std::filesystem::path& directory) {
  const auto file = directory / "liaison.toml";
  std::ifstream in(file, std::ios::binary);
  if (!in)
    return fail(Reason::not_found,
                fmt::format("{} cannot be read: make a broker with `liaison-broker init {}`; if a "
                            "restore into it was interrupted, restore into a new directory",
                            file.string(), directory.string()));
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  if (text.size() > (1U << 20)) return fail(Reason::too_large, file.string() + " is over 1 MiB");
  return settings_from(text, file.string());
}

std::string documented(const Settings& settings) {
  std::string out =
      "# A Liaison broker. Every setting stands here with its default, commented out if it is not "
      "changed.\n"
      "# An unknown setting is an error.\n";
  std::string table;
  const Settings defaults;
  for (const auto& each : all_settings()) {
    if (each.table != table) {
      table = each.table;
      out += "\n[" + table + "]\n";
    }
    std::string meaning = each.meaning;
    for (auto at = meaning.find('\n'); at != std::string::npos; at = meaning.find('\n', at + 3))
      meaning.replace(at, 1, "\n# ");
    const auto value = each.show(settings);
    out += fmt::format("\n# {}\n{}{} = {}\n", meaning, value == each.show(defaults) ? "# " : "",
                       each.key, value);
  }
  return out;
}

}  // namespace liaison::broker
