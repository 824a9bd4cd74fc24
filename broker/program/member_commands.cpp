#include <fmt/format.h>

#include <filesystem>
#include <iostream>

#include "base/time.h"
#include "broker/program/commands.h"
#include "broker/program/words.h"
#include "cli/input.h"
#include "crypto/certificate.h"

/// Who is on the exchange: inviting, shutting out, an offline authority's answers, administrators.
namespace liaison::broker {

using Json = nlohmann::json;
namespace fs = std::filesystem;

namespace {

std::uint64_t milliseconds_of(const std::string& text, const char* option) {
  auto read = parse_duration(text);
  if (!read) throw WrongUsage(fmt::format("{}: {}", option, read.error().text));
  return static_cast<std::uint64_t>(read->count());
}

}  // namespace

void add_invite(CLI::App& app) {
  auto& command = *app.add_subcommand("invite", "Print the invitation by which one node joins");
  struct Words {
    std::string node, organisation, role, valid = "7d";
    std::vector<std::string> capabilities;
    bool rejoin = false;
  };
  auto words = std::make_shared<Words>();
  auto with = common(command,
                     "liaison-broker invite --dir DIR --node able-futures --organisation \"Able "
                     "Futures\" --role provider");
  command.add_option("--node", words->node, "The node's id: 2 to 40 of a-z, 0-9 and '-'")
      ->required();
  command.add_option("--organisation", words->organisation, "As its certificate will name it")
      ->required();
  command.add_option("--role", words->role, "adviser or provider")->required();
  command.add_option("--capability", words->capabilities, "health or authority; may be repeated");
  command.add_option("--valid", words->valid, "How long it can be used (7d)");
  command.add_flag("--rejoin", words->rejoin, "For a node that lost its keys");
  command.callback([words, with] {
    Json request{{"command", "invite"},
                 {"node", words->node},
                 {"organisation", words->organisation},
                 {"role", words->role},
                 {"capabilities", words->capabilities},
                 {"valid_ms", milliseconds_of(words->valid, "--valid")},
                 {"rejoin", words->rejoin}};
    const auto answer = ask_broker(with->directory, request);
    std::cout << (with->json ? answer.dump() : answer.at("invitation").get<std::string>()) << '\n';
  });
}

void add_revoke(CLI::App& app) {
  auto& command = *app.add_subcommand("revoke", "Shut a node out of the exchange");
  struct Words {
    std::string node, why, as_of;
  };
  auto words = std::make_shared<Words>();
  auto with = common(
      command, "liaison-broker revoke able-futures --dir DIR --reason \"its contract ended\"");
  command.add_option("NODE", words->node, "Its id, as `nodes` prints it")->required();
  command.add_option("--reason", words->why, "Why, for the registry log (no person's name)")
      ->required();
  command.add_option("--as-of", words->as_of,
                     "From when nothing it signed is to be believed, RFC 3339");
  command.callback([words, with] {
    Json request{{"command", "revoke"}, {"node", words->node}, {"why", words->why}};
    if (!words->as_of.empty()) request["as_of"] = words->as_of;
    const auto answer = ask_broker(with->directory, request);
    if (with->json)
      std::cout << answer.dump(2) << '\n';
    else
      std::cout << words->node << " is shut out; revocation list " << answer.at("revocation_number")
                << '\n';
  });
}

void add_users(CLI::App& app) {
  auto& users = *app.add_subcommand("users", "The exchange's administrators");
  users.require_subcommand(1);
  users.footer("Example:\n  liaison-broker users list --dir DIR");
  auto& add = *users.add_subcommand(
      "add", "Add one; the password is asked for, or read from standard input");
  auto name = std::make_shared<std::string>();
  auto with = common(add, "liaison-broker users add ann --dir DIR");
  add.add_option("NAME", *name, "2 to 40 of a-z, 0-9 and '-'")->required();
  add.callback([with, name] {
    const auto password = cli::read_password("Password for " + *name, cli::Confirm::yes);
    if (!password) throw Refusal(password.error().text);
    const auto answer = ask_broker(
        with->directory, {{"command", "users-add"}, {"name", *name}, {"password", *password}});
    std::cout << (with->json ? answer.dump(2) : *name) << '\n';
  });
  add_listing(users, "list", "users-list", "Print them", {"name", "state", "created_at"});
  auto& disable = *users.add_subcommand("disable", "Take one's access away");
  auto whom = std::make_shared<std::string>();
  auto where = common(disable, "liaison-broker users disable ann --dir DIR");
  disable.add_option("NAME", *whom, "As `users list` prints it")->required();
  disable.callback([where, whom] {
    const auto answer =
        ask_broker(where->directory, {{"command", "users-disable"}, {"name", *whom}});
    std::cout << (where->json ? answer.dump(2) : *whom) << '\n';
  });
}

void add_import(CLI::App& app) {
  auto& command = *app.add_subcommand("import", "Take what an offline authority signed");
  auto file = std::make_shared<std::string>();
  auto with = common(command, "liaison-broker import able-futures.pem --dir DIR");
  command.add_option("FILE", *file, "A certificate (PEM or DER) or a revocation list (.crl)")
      ->required();
  command.callback([with, file] {
    const auto content = content_of(*file);
    const bool list = fs::path(*file).extension() == ".crl";
    std::string der = to_base64(as_bytes(content));
    if (auto certificate = crypto::certificate_from_pem(content))
      der = to_base64(certificate->der());
    const auto answer = ask_broker(
        with->directory,
        {{"command", "import"}, {"kind", list ? "revocations" : "certificate"}, {"der", der}});
    print_object(*with, answer);
  });
}

}  // namespace liaison::broker
