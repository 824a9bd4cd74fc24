#include "cli/command.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <sstream>

#include "base/check.h"
#include "base/text.h"
#include "cli/output.h"
#include "cli/words.h"

namespace liaison::cli {
namespace {

std::vector<std::string> words_of(const std::string& path) {
  std::istringstream in(path);
  std::vector<std::string> out;
  for (std::string word; in >> word;)
    out.push_back(word);
  return out;
}

/// The app of a command's last word, its groups made on the way; `made` holds them by path.
CLI::App* place(CLI::App& root, const Program& program, const Command& command,
                std::map<std::string, CLI::App*>& made) {
  CLI::App* at = &root;
  std::string path;
  for (const auto& word : words_of(command.path)) {
    path += (path.empty() ? "" : " ") + word;
    auto& next = made[path];
    if (next == nullptr) {
      const auto group = program.groups.find(path);
      next = at->add_subcommand(word, group == program.groups.end() ? "" : group->second);
      next->footer("Example:\n  " + command.example);
    }
    at = next;
  }
  at->description(command.about);
  return at;
}

/// Binds a command's options to `into`, which must live until the parse.
void declare(CLI::App& app, const Command& command, Arguments& into) {
  for (const auto& positional : command.positionals) {
    auto& values = into.values[positional.name];
    // A list would take the words of those after it too.
    auto* option =
        positional.need == Positional::Need::many
            ? app.add_option(positional.name, values, positional.about)
            : app.add_option_function<std::string>(
                  positional.name, [&values](const std::string& text) { values = {text}; },
                  positional.about);
    option->type_name("");
    if (positional.need == Positional::Need::required) option->required();
  }
  for (const auto& given : command.options) {
    auto& values = into.values[given.name];
    if (given.takes == Takes::nothing) {
      app.add_flag_callback(
          given.name, [&values] { values.assign(1, "yes"); }, given.about);
      continue;
    }
    auto* option =
        given.takes == Takes::many
            ? app.add_option(given.name, values, given.about)->allow_extra_args(false)
            : app.add_option_function<std::string>(
                  given.name, [&values](const std::string& text) { values = {text}; }, given.about);
    option->type_name(given.value);
    if (given.need == Option::Need::required) option->required();
    if (!given.environment.empty()) option->envname(given.environment);
  }
  app.footer("Example:\n  " + command.example);
}

int say(const std::string& program, std::string_view text) {
  if (!text.empty()) std::cerr << program << ": " << in_one_line(text) << "\n";
  return 1;
}

}  // namespace

bool Arguments::has(const std::string& name) const {
  return !list(name).empty();
}

std::string Arguments::text(const std::string& name, const std::string& otherwise) const {
  const auto& given = list(name);
  return given.empty() ? otherwise : given.front();
}

const std::vector<std::string>& Arguments::list(const std::string& name) const {
  const auto found = values.find(name);
  LIAISON_CHECK(found != values.end());
  return found->second;
}

int run(const Program& program, int argc, const char* const* argv) {
  CLI::App app(program.about, program.name);
  app.set_version_flag("--version", program.name + " 0.1.0");
  app.require_subcommand(1);
  if (!program.commands.empty()) app.footer("Example:\n  " + program.commands.front().example);
  std::vector<Arguments> given(program.commands.size());
  std::vector<CLI::App*> apps;
  std::map<std::string, CLI::App*> made;
  for (std::size_t i = 0; i < program.commands.size(); ++i) {
    apps.push_back(place(app, program, program.commands[i], made));
    declare(*apps.back(), program.commands[i], given[i]);
  }
  for (const auto& [path, group] : made) {
    const bool is_command = std::find(apps.begin(), apps.end(), group) != apps.end();
    if (!is_command) group->require_subcommand(1);
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // --help, --version
    std::cerr << program.name << ": " << in_one_line(usage_error(app, error)) << "\n";
    return 2;
  }
  for (std::size_t i = 0; i < apps.size(); ++i) {
    if (!apps[i]->parsed() || !apps[i]->get_subcommands().empty()) continue;
    try {
      const auto done = program.commands[i].run(given[i]);
      const auto written = finish_output();
      if (done && written) return 0;
      return say(program.name, (done ? written : done).error().text);
    } catch (const WrongUsage& error) {
      (void)say(program.name, error.what());
      return 2;
    } catch (const std::exception& error) {
      return say(program.name, error.what());
    }
  }
  std::cerr << program.name << ": no such command (see --help)\n";
  return 2;
}

}  // namespace liaison::cli
