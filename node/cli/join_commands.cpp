#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <iostream>
#include <nlohmann/json.hpp>

#include "certs/invitation.h"
#include "cli/input.h"
#include "cli/output.h"
#include "crypto/passphrase.h"
#include "crypto/random.h"
#include "crypto/start.h"
#include "node/cli/directory.h"
#include "node/cli/opened.h"
#include "node/cli/operator.h"
#include "node/cli/settings.h"
#include "node/desk/people_store.h"
#include "node/shell/backup.h"
#include "node/shell/join.h"
#include "store/database.h"

namespace liaison::node {
namespace {

using cli::Arguments;
using cli::Command;
using cli::Takes;
namespace fs = std::filesystem;

constexpr const char* administrator = "administrator";

/// What the options say about the keys' passphrase, and how the settings put it.
struct Protection {
  crypto::PassphraseSource source;
  std::map<std::string, cli::SettingValue> settings;
};

/// Whether somebody can be asked, though the invitation comes on standard input.
bool has_terminal() {
  const int terminal = ::open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (terminal < 0) return false;
  ::close(terminal);
  return true;
}

Result<Protection> protection_of(const Arguments& arguments) {
  using Source = crypto::PassphraseSource::Kind;
  Protection out;
  const auto file = arguments.text("--passphrase-file");
  if (arguments.has("--unprotected") && !file.empty()) {
    throw cli::WrongUsage("--unprotected and --passphrase-file exclude each other: give one");
  }
  if (arguments.has("--unprotected")) {
    out.source.kind = Source::unprotected;
    out.settings["passphrase"] = std::string("unprotected");
  } else if (!file.empty()) {
    out.source.kind = Source::file;
    out.source.file = fs::absolute(file);
    out.settings["passphrase"] = std::string("file");
    out.settings["passphrase_file"] = out.source.file.string();
  } else if (has_terminal()) {
    out.source.kind = Source::terminal;
    out.settings["passphrase"] = std::string("terminal");
  } else {
    return fail(Reason::malformed,
                "nobody is there to type a passphrase for the private keys: name a file with "
                "--passphrase-file, or "
                "leave them plain with --unprotected");
  }
  return out;
}

Result<std::map<std::string, cli::SettingValue>> desk_settings(const Arguments& arguments) {
  std::map<std::string, cli::SettingValue> out;
  const auto desk = arguments.text("--desk");
  if (desk.empty()) return out;
  const auto listen = parse_listen(desk);
  if (!listen) return fail(Reason::malformed, "--desk must be ADDRESS:PORT, as 127.0.0.1:7681");
  out["listen"] = desk;
  return out;
}

fs::path token_path(const fs::path& directory) {
  return directory / "administrator.token";
}

/// The first administrator and their token, once. Who joins again has them, and may have taken the
/// token elsewhere or disabled the person. The token lies in its file before the store knows it: a
/// kill in between leaves no administrator, and joining again makes both anew.
void make_administrator(const fs::path& directory, Now now) {
  auto opened = open_store(directory);
  PeopleStore people(*opened->database);
  if (people.find(administrator)) return;
  crypto::SystemEntropy entropy;
  store::Transaction change(*opened->database);
  Person person;
  person.name = administrator;
  person.display_name = "Administrator";
  person.role = wire::UserRole::administrator;
  person.created_at = now.wall;
  (void)people.add(person, "");
  const auto token = people.make_token(administrator, Scope::all, token_life, entropy, now.wall);
  if (!token) throw std::runtime_error(token.error().text);
  cli::write_private_line(token_path(directory).string(), token->token);
  change.commit();
}

void make_directory(const fs::path& directory) {
  if (fs::exists(directory)) return;
  fs::create_directories(directory);
  ::chmod(directory.c_str(), 0700);
}

Result<void> join(const Kind& kind, const Arguments& arguments) {
  const fs::path directory = arguments.text("--dir");
  auto text = arguments.text("INVITATION", "-");
  if (text == "-") {
    auto read = cli::read_input("-", certs::invitation_characters_max);
    if (!read) return fail(read.error());
    text = std::move(*read);
  }
  const auto invitation = certs::parse_invitation(text);
  if (!invitation) return fail(invitation.error());
  auto chosen = desk_settings(arguments);
  if (!chosen) return fail(chosen.error());
  const auto protection = protection_of(arguments);
  if (!protection) return fail(protection.error());
  chosen->insert(protection->settings.begin(), protection->settings.end());
  crypto::start();

  make_directory(directory);
  const auto now = system_now();
  const bool again = fs::exists(keys_path(directory));
  auto passphrase =
      crypto::read_passphrase(protection->source, again ? crypto::Ask::once : crypto::Ask::twice);
  if (!passphrase) return fail(passphrase.error());
  JoinOptions options;
  options.passphrase = std::move(*passphrase);
  take_directory(directory);  // for a moment: join() takes it itself, and leaves serving.json
  const auto joined = node::join(directory, *invitation, std::move(options), now);
  if (!joined) return fail(joined.error());
  const auto& outcome = *joined;
  if (outcome.pending && arguments.has("--json")) {
    cli::print_record(
        {{"id", outcome.node.text()}, {"state", "pending"}, {"dir", directory.string()}},
        cli::As::json);
    return {};
  }
  if (outcome.pending) {
    cli::print_line(
        "The request is with the exchange's authority, which is offline: run the same command "
        "again later.");
    return {};
  }
  if (outcome.role != kind.role) {
    const std::string other =
        kind.role == NodeRole::adviser ? "liaison-provider" : "liaison-adviser";
    return fail(Reason::conflict, "the invitation is for " + std::string(name_of(outcome.role)) +
                                      "s: run " + other +
                                      " join with the same directory and invitation");
  }
  write_settings(directory, kind.port, *chosen);
  make_administrator(directory, now);
  const auto token = token_path(directory);
  const nlohmann::json record = {
      {"id", outcome.node.text()},
      {"state", "joined"},
      {"organisation", outcome.organisation},
      {"role", name_of(outcome.role)},
      {"dir", directory.string()},
      {"administrator_token_file",
       fs::exists(token) ? nlohmann::json(token.string()) : nlohmann::json(nullptr)}};
  cli::print_made(record, arguments.has("--json") ? cli::As::json : cli::As::text);
  return {};
}

/// restore(), and then no token of the backup is good any more, though this process be killed in
/// between.
Result<void> restore_without_tokens(const std::string& file, const fs::path& directory, Now now) {
  // Of a node that is there already, or from no file: restore() says so.
  if (!fs::exists(file) || fs::exists(store_path(directory))) return restore(file, directory, now);
  make_directory(directory);
  cli::write_private_line(restoring_path(directory).string(), file);
  const auto restored = restore(file, directory, now);
  if (restored)
    (void)open_store(directory);
  else if (!fs::exists(store_path(directory)))  // else another restore has put it in place
    fs::remove(restoring_path(directory));
  return restored;
}

Result<void> restore_node(const Kind& kind, const Arguments& arguments) {
  const fs::path directory = arguments.text("--dir");
  auto chosen = desk_settings(arguments);
  if (!chosen) return fail(chosen.error());
  crypto::start();
  const auto restored = restore_without_tokens(arguments.text("FILE"), directory, system_now());
  if (!restored) return fail(restored.error());
  if (arguments.has("--passphrase-file")) {
    (*chosen)["passphrase"] = std::string("file");
    (*chosen)["passphrase_file"] = fs::absolute(arguments.text("--passphrase-file")).string();
  } else if (crypto::KeyVault::is_unprotected(keys_path(directory))) {
    (*chosen)["passphrase"] = std::string("unprotected");
  }
  write_settings(directory, kind.port, *chosen);
  if (arguments.has("--json"))
    cli::print_record({{"dir", directory.string()}}, cli::As::json);
  else
    cli::print_line(directory.string());
  std::cerr << kind.program << ": every token of the backup was withdrawn, because some may have "
            << "been since it was written: make new ones with user token\n";
  return {};
}

}  // namespace

std::vector<Command> join_commands(const Kind& kind) {
  const cli::Option desk = {
      "--desk", "ADDR:PORT",
      "where the desk listens (default: 127.0.0.1:" + std::to_string(kind.port) + ")"};
  const cli::Option passphrase = {"--passphrase-file", "FILE",
                                  "its first line is the passphrase of the private keys"};
  return {
      {"join",
       "Joins an exchange with an invitation; safe to repeat",
       kind.program + " join --dir /srv/leeds - < invitation",
       {{"INVITATION", "the one line of the invitation; - or nothing reads it from standard input",
         cli::Positional::Need::optional}},
       {passphrase,
        {"--unprotected", "", "leave the private keys plain", Takes::nothing},
        desk,
        dir_option(),
        json_option()},
       [kind](const Arguments& arguments) { return join(kind, arguments); }},
      {"restore",
       "Makes a node's directory from a backup, and withdraws the tokens in it",
       kind.program + " restore leeds.backup --dir /srv/leeds-new",
       {{"FILE", "a backup"}},
       {passphrase,
        desk,
        {"--dir", "NEW", "the directory to make", Takes::one, cli::Option::Need::required},
        json_option()},
       [kind](const Arguments& arguments) { return restore_node(kind, arguments); }},
  };
}

}  // namespace liaison::node
