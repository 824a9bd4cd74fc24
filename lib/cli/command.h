#pragma once

#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

/// What the programs have in common at their command line: one declaration a command, `--help`
/// with an example for each, and the exit statuses of interface.md: 0 done, 1 refused or failed
/// (one line on standard error), 2 wrong usage.
namespace liaison::cli {

/// A refusal or failed check that has its own line already on standard output (a `--check` that
/// printed what it found): exit status 1, nothing on standard error.
inline constexpr std::string_view already_said = "";

enum class Takes {
  nothing,  ///< a flag
  one,      ///< a value
  many,     ///< a value, any number of times
};

/// Wrong usage that only shows when a command looks at its words together: exit status 2. Thrown by
/// a command's `run`.
struct WrongUsage : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct Option {
  std::string name;   ///< "--to"
  std::string value;  ///< what stands for the value in help: "NODE"; empty for a flag
  std::string about;
  Takes takes = Takes::one;
  enum class Need { optional, required } need = Need::optional;
  std::string environment = {};  ///< the variable that stands in when the option is not given
};

struct Positional {
  std::string name;  ///< "REFERRAL"
  std::string about;
  enum class Need {
    optional,
    required,
    many
  } need = Need::required;  ///< many: any number of words
};

/// What a command was given. Asking for a name that the command did not declare is a bug.
class Arguments {
 public:
  std::map<std::string, std::vector<std::string>> values;

  [[nodiscard]] bool has(const std::string& name) const;
  /// The value, or `otherwise` if it was not given.
  [[nodiscard]] std::string text(const std::string& name, const std::string& otherwise = {}) const;
  [[nodiscard]] const std::vector<std::string>& list(const std::string& name) const;
};

struct Command {
  std::string path;     ///< "referral show": one or more words
  std::string about;    ///< one line
  std::string example;  ///< a whole command line
  std::vector<Positional> positionals;
  std::vector<Option> options;
  std::function<Result<void>(const Arguments&)> run;
};

struct Program {
  std::string name;   ///< "liaison-adviser"
  std::string about;  ///< one line
  /// What each first word groups, for its help: {"referral", "referrals made here"}.
  std::map<std::string, std::string> groups;
  std::vector<Command> commands;
};

/// Parses, runs and reports. Exceptions that reach it are the machine failing: one line, status 1.
int run(const Program& program, int argc, const char* const* argv);

}  // namespace liaison::cli
