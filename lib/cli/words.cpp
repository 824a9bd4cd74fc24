#include "cli/words.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "base/text.h"

namespace liaison::cli {
namespace {

/// The command that the words reached: "liaison-broker", or its "users".
const CLI::App& reached(const CLI::App& root) {
  const auto* at = &root;
  while (!at->get_subcommands().empty())
    at = at->get_subcommands().front();
  return *at;
}

std::vector<std::string> commands_of(const CLI::App& app) {
  std::vector<std::string> out;
  for (const auto* each : app.get_subcommands([](const CLI::App*) { return true; }))
    out.push_back(each->get_name());
  return out;
}

std::vector<std::string> options_of(const CLI::App& app) {
  std::vector<std::string> out;
  for (const auto* each : app.get_options())
    for (const auto& name : each->get_lnames())
      out.push_back("--" + name);
  return out;
}

std::string meant(std::string_view word, const std::vector<std::string>& known) {
  const auto found = nearest(word, known);
  return found.empty() ? "" : "; did you mean \"" + found + "\"?";
}

std::string unknown_command(const CLI::App& root, const CLI::App& at, const std::string& word) {
  const auto known = commands_of(at);
  std::string out = &at == &root ? "" : at.get_name() + ": ";
  out +=
      word.empty() ? "say what to do" : "there is no command \"" + word + "\"" + meant(word, known);
  out += " (";
  for (const auto& each : known)
    out += (&each == known.data() ? "" : ", ") + each;
  return out + ")";
}

}  // namespace

std::string nearest(std::string_view word, const std::vector<std::string>& known) {
  const auto best = std::min_element(known.begin(), known.end(), [&](const auto& a, const auto& b) {
    return slips_between(word, a) < slips_between(word, b);
  });
  if (best == known.end() || word.size() > 100) return {};
  const auto slips = slips_between(word, *best);
  return slips <= std::max<std::size_t>(2, word.size() / 3) && slips < word.size() ? *best : "";
}

namespace {

std::string section_of(const std::string& key) {
  const auto dot = key.rfind('.');
  return dot == std::string::npos ? "" : key.substr(0, dot);
}
std::string name_in(const std::string& key) {
  const auto dot = key.rfind('.');
  return dot == std::string::npos ? key : key.substr(dot + 1);
}

}  // namespace

std::string unknown_setting(const std::string& key, const std::vector<std::string>& known) {
  const auto section = section_of(key);
  const auto slips = [&](const std::string& each) {
    // The same section breaks a tie.
    return 2 * std::min(slips_between(key, each), slips_between(name_in(key), name_in(each))) +
           (section_of(each) == section ? 0 : 1);
  };
  const auto best = std::min_element(
      known.begin(), known.end(),
      [&](const std::string& a, const std::string& b) { return slips(a) < slips(b); });
  std::string out = "there is no setting \"" + key + "\"";
  if (best == known.end()) return out;
  const auto belongs = section_of(*best);
  if (belongs == section) return out + "; the nearest is \"" + *best + "\"";
  return out + "; the nearest is \"" + name_in(*best) + "\", which belongs " +
         (belongs.empty() ? "above the first [section]" : "in [" + belongs + "]");
}

std::string usage_error(const CLI::App& app, const CLI::ParseError& error) {
  const auto& at = reached(app);
  const auto before = app.remaining();
  if (&at != &app && !before.empty() && before.front().front() == '-')
    return "\"" + before.front() + "\" stands before the command: put it after \"" + at.get_name() +
           "\" (see --help)";
  const auto left = at.remaining();
  const std::string word = left.empty() ? "" : left.front();
  const bool is_option = word.size() > 1 && word.front() == '-';
  const auto option_meant = is_option ? meant(word, options_of(at)) : "";
  const bool wants_command = !commands_of(at).empty() && at.get_require_subcommand_min() > 0;
  // An option of the command that is missing says nothing yet.
  if (wants_command && option_meant.empty()) return unknown_command(app, at, is_option ? "" : word);
  if (is_option) return "there is no option \"" + word + "\" here" + option_meant + " (see --help)";
  std::string text = error.what();
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text + " (see --help)";
}

}  // namespace liaison::cli
