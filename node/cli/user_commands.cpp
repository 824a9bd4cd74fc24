#include <unistd.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "cli/input.h"
#include "cli/output.h"
#include "crypto/password.h"
#include "node/cli/operator.h"
#include "node/desk/people.h"

namespace liaison::node {
namespace {

using cli::Arguments;
using cli::Command;
using cli::Takes;
using nlohmann::json;

cli::As as(const Arguments& arguments) {
  return arguments.has("--json") ? cli::As::json : cli::As::text;
}

/// What --token-file means: the token to act by, or where a new one goes.
enum class TokenFile : std::uint8_t { shown, made };

/// A request about people; a token named in the environment is shown, so that a script that holds
/// an adviser's token does no more than an adviser may.
Result<json> ask(const Kind& kind, const Arguments& arguments, json request,
                 TokenFile token_file_is = TokenFile::shown) {
  const char* token_file = std::getenv("LIAISON_TOKEN_FILE");
  if (token_file != nullptr && *token_file != '\0') {
    const auto token = cli::read_private_line(token_file);
    if (!token) return fail(token.error());
    request["bearer"] = *token;
  }
  if (token_file_is == TokenFile::shown)
    if (const auto shown = show_token(arguments, request); !shown) return fail(shown.error());
  auto answer = ask_operator(kind, arguments.text("--dir"), std::move(request));
  if (!answer) return answer;
  return json((*answer)["result"]);
}

/// Before anything is made: a token that could not be kept would be lost.
Result<void> check_writable(const std::string& path) {
  auto parent = std::filesystem::path(path).parent_path();
  if (parent.empty()) parent = ".";
  const bool is_directory = std::filesystem::is_directory(path);
  if (!is_directory && ::access(parent.c_str(), W_OK | X_OK) == 0) return {};
  return fail(Reason::unavailable,
              "cannot write the token to " + path + ": choose another place with --token-file");
}

Result<void> add(const Kind& kind, const Arguments& arguments) {
  const auto name = check_person_name(arguments.text("NAME"));
  if (!name) return fail(name.error());
  const auto role = parse_role_at(kind.role, arguments.text("--role"));
  if (!role) return fail(role.error());
  const auto token_file = arguments.text("--token-file");
  if (!token_file.empty()) {
    if (const auto good = check_writable(token_file); !good) return good;
  }
  json request = {{"do", "user-add"},
                  {"name", *name},
                  {"role", arguments.text("--role")},
                  {"display_name", arguments.text("--name")}};
  const auto password = cli::read_password("Password for " + *name, cli::Confirm::yes);
  if (password) {
    if (const auto good = check_password(*password); !good) return good;
    request["password"] = crypto::hash_password(*password);
  } else if (token_file.empty() || password.error().reason != Reason::malformed ||
             isatty(STDIN_FILENO) != 0) {
    return fail(password.error());
  }
  if (!token_file.empty()) {
    request["with_token"] = true;
    if (arguments.has("--scope")) request["scope"] = arguments.text("--scope");
    if (arguments.has("--valid")) request["valid"] = arguments.text("--valid");
  }
  auto made = ask(kind, arguments, std::move(request), TokenFile::made);
  if (!made) return fail(made.error());
  if (!token_file.empty()) {
    cli::write_private_line(token_file, (*made)["token"].get<std::string>());
    made->erase("token");
  }
  cli::print_made(*made, as(arguments));
  return {};
}

Result<void> list(const Kind& kind, const Arguments& arguments) {
  const auto people = ask(kind, arguments, {{"do", "user-list"}});
  if (!people) return fail(people.error());
  cli::print_list(*people,
                  {{"NAME", "id"},
                   {"CALLED", "name"},
                   {"ROLE", "role"},
                   {"PASSWORD", "password"},
                   {"DISABLED", "disabled"}},
                  as(arguments));
  return {};
}

/// disable, enable: one person by name.
std::function<Result<void>(const Arguments&)> one(const Kind& kind, const char* what) {
  return [kind, what](const Arguments& arguments) -> Result<void> {
    const auto done = ask(kind, arguments, {{"do", what}, {"name", arguments.text("NAME")}});
    if (!done) return fail(done.error());
    cli::print_made(*done, as(arguments));
    return {};
  };
}

Result<void> password(const Kind& kind, const Arguments& arguments) {
  const auto name = arguments.text("NAME");
  const auto given = cli::read_password("New password for " + name, cli::Confirm::yes);
  if (!given) return fail(given.error());
  if (const auto good = check_password(*given); !good) return good;
  const auto done =
      ask(kind, arguments,
          {{"do", "user-password"}, {"name", name}, {"password", crypto::hash_password(*given)}});
  if (!done) return fail(done.error());
  cli::print_made(*done, as(arguments));
  return {};
}

Result<void> token(const Kind& kind, const Arguments& arguments) {
  const auto name = arguments.text("NAME");
  if (arguments.has("--list")) {
    const auto tokens = ask(kind, arguments, {{"do", "user-tokens"}, {"name", name}});
    if (!tokens) return fail(tokens.error());
    cli::print_list(
        *tokens,
        {{"ID", "id"}, {"SCOPE", "scope"}, {"EXPIRES", "expires_at"}, {"WITHDRAWN", "withdrawn"}},
        as(arguments));
    return {};
  }
  if (arguments.has("--withdraw")) {
    const auto done =
        ask(kind, arguments,
            {{"do", "user-withdraw-token"}, {"name", name}, {"id", arguments.text("--withdraw")}});
    if (!done) return fail(done.error());
    cli::print_made(*done, as(arguments));
    return {};
  }
  const auto file = arguments.text("--token-file");
  if (file.empty())
    throw cli::WrongUsage(
        "say with --token-file where the token goes (or --list, or --withdraw ID)");
  if (const auto good = check_writable(file); !good) return good;
  json request = {{"do", "user-token"}, {"name", name}};
  if (arguments.has("--scope")) request["scope"] = arguments.text("--scope");
  if (arguments.has("--valid")) request["valid"] = arguments.text("--valid");
  auto made = ask(kind, arguments, std::move(request), TokenFile::made);
  if (!made) return fail(made.error());
  cli::write_private_line(file, (*made)["token"].get<std::string>());
  made->erase("token");
  cli::print_made(*made, as(arguments));
  return {};
}

}  // namespace

std::vector<Command> user_commands(const Kind& kind) {
  const cli::Positional who = {"NAME", "sign-in name"};
  const cli::Option scope = {"--scope", "all|read", "what the token allows (default: all)"};
  const cli::Option valid = {"--valid", "90d", "how long the token lasts (default: 90d)"};
  const auto example = [&](const std::string& rest) { return kind.program + " user " + rest; };
  const std::string role = kind.role == NodeRole::adviser ? "adviser" : "caseworker";
  const auto with_kind = [&](Result<void> (*run)(const Kind&, const Arguments&)) {
    return [kind, run](const Arguments& arguments) { return run(kind, arguments); };
  };
  return {
      {"user add",
       "Adds a person; asks for the password, or reads it from standard input",
       example("add dana --role " + role + " --dir DIR"),
       {who},
       {{"--role", "ROLE", "what they are here", Takes::one, cli::Option::Need::required},
        {"--name", "NAME", "what to call them"},
        {"--token-file", "FILE", "also make a token, and write it there"},
        scope,
        valid,
        dir_option(),
        json_option()},
       with_kind(add)},
      {"user list",
       "Shows who may sign in",
       example("list --dir DIR"),
       {},
       {dir_option(), json_option(), token_option()},
       with_kind(list)},
      {"user disable",
       "Ends a person's sign-in and withdraws their tokens",
       example("disable dana --dir DIR"),
       {who},
       {dir_option(), json_option(), token_option()},
       one(kind, "user-disable")},
      {"user enable",
       "Lets a disabled person sign in again",
       example("enable dana --dir DIR"),
       {who},
       {dir_option(), json_option(), token_option()},
       one(kind, "user-enable")},
      {"user password",
       "Sets a person's password",
       example("password dana --dir DIR"),
       {who},
       {dir_option(), json_option(), token_option()},
       with_kind(password)},
      {"user token",
       "Makes a token for scripts, lists tokens, or withdraws one",
       example("token dana --token-file dana.token --dir DIR"),
       {who},
       {{"--token-file", "FILE", "where the token goes"},
        {"--list", "", "list the person's tokens", Takes::nothing},
        {"--withdraw", "ID", "withdraw a token"},
        scope,
        valid,
        dir_option(),
        json_option()},
       with_kind(token)},
  };
}

}  // namespace liaison::node
