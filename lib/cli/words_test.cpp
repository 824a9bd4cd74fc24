#include "cli/words.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <catch2/catch.hpp>

using namespace liaison::cli;

namespace {

/// What is said of words that cannot be parsed.
std::string said(std::vector<std::string> words) {
  CLI::App app("tries the command line", "liaison-probe");
  app.require_subcommand(1);
  bool json = false;
  std::string reason;
  auto& revoke = *app.add_subcommand("revoke", "shuts out");
  revoke.add_option("NODE")->required();
  revoke.add_option("--reason", reason)->required();
  revoke.add_flag("--json", json);
  auto& users = *app.add_subcommand("users", "the administrators");
  users.require_subcommand(1);
  users.add_subcommand("add", "adds");
  users.add_subcommand("list", "lists");
  std::reverse(words.begin(), words.end());
  try {
    app.parse(words);
  } catch (const CLI::ParseError& error) {
    return usage_error(app, error);
  }
  return "";
}

}  // namespace

TEST_CASE("an unknown command is named, with what it was meant to be and what there is", "[cli]") {
  CHECK(said({"revok"}) ==
        "there is no command \"revok\"; did you mean \"revoke\"? (revoke, users)");
  CHECK(said({"invent", "x"}) == "there is no command \"invent\" (revoke, users)");
  CHECK(said({}) == "say what to do (revoke, users)");
  CHECK(said({"users"}) == "users: say what to do (add, list)");
  CHECK(said({"users", "--json"}) == "users: say what to do (add, list)");
  CHECK(said({"users", "lst", "--json"}) ==
        "users: there is no command \"lst\"; did you mean \"list\"? (add, list)");
}

TEST_CASE("an unknown option is named; other slips are said in one line", "[cli]") {
  CHECK(said({"revoke", "able", "--raeson", "x"}) ==
        "there is no option \"--raeson\" here; did you mean \"--reason\"? (see --help)");
  CHECK(said({"--json", "users", "list"}) ==
        "\"--json\" stands before the command: put it after \"list\" (see --help)");
  CHECK(said({"--reason", "x", "revoke", "able"}) ==
        "\"--reason\" stands before the command: put it after \"revoke\" (see --help)");
  CHECK(said({"revoke", "able"}) == "--reason is required (see --help)");
  const auto missing = said({"revoke", "able", "--reason"});
  CHECK(missing.find("--reason") != std::string::npos);
  CHECK(missing.find('\n') == std::string::npos);
}

TEST_CASE("a long word is not measured against every other", "[cli]") {
  CHECK(nearest(std::string(100'000, 'x'), {"xx", "yy"}).empty());
  CHECK(nearest("nodse", {"nodes", "alarms"}) == "nodes");
  CHECK(nearest("zzz", {"nodes", "alarms"}).empty());
  CHECK(nearest("x", {}).empty());
}
