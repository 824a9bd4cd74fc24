#include "broker/program/commands.h"

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

#include "base/log.h"
#include "base/time.h"
#include "broker/program/backup.h"
#include "broker/program/files.h"
#include "broker/program/installation.h"
#include "broker/program/loop.h"
#include "certs/invitation.h"
#include "crypto/random.h"
#include "net/directory_lock.h"

namespace liaison::broker {

namespace {

using Json = nlohmann::json;
namespace fs = std::filesystem;

/// What every command that looks at a broker takes.
struct Common {
  std::string directory;
  bool json = false;
};

std::shared_ptr<Common> common(CLI::App& command, const char* example) {
  auto out = std::make_shared<Common>();
  command.add_option("--dir", out->directory, "The broker's directory")->required();
  command.add_flag("--json", out->json, "Print JSON");
  command.footer(std::string("Example:\n  ") + example);
  return out;
}

std::string shown(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_null()) return "-";
  if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
  if (value.is_array()) {
    std::string out;
    for (const auto& each : value)
      out += (out.empty() ? "" : " ") + shown(each);
    return out.empty() ? "-" : out;
  }
  return value.dump();
}

/// Objects as aligned columns of the named members.
void print_table(const Json& rows, const std::vector<std::string>& members) {
  std::vector<std::size_t> widths;
  for (const auto& member : members) {
    auto width = member.size();
    for (const auto& row : rows)
      width = std::max(width, shown(row.value(member, Json())).size());
    widths.push_back(width);
  }
  const auto line = [&](auto cell) {
    std::string out;
    for (std::size_t at = 0; at < members.size(); ++at)
      out += fmt::format("{:<{}}  ", cell(members[at]), widths[at]);
    while (!out.empty() && out.back() == ' ')
      out.pop_back();
    std::cout << out << '\n';
  };
  line([](const std::string& member) { return member; });
  for (const auto& row : rows)
    line([&](const std::string& member) { return shown(row.value(member, Json())); });
}

void print_members(const Json& value) {
  for (const auto& [key, each] : value.items())
    std::cout << key << ": " << shown(each) << '\n';
}

std::uint64_t milliseconds_of(const std::string& text, const char* option) {
  auto read = parse_duration(text);
  if (!read) throw WrongUsage(fmt::format("{}: {}", option, read.error().text));
  return static_cast<std::uint64_t>(read->count());
}

std::string content_of(const std::string& file) {
  if (file == "-") return {std::istreambuf_iterator<char>(std::cin), {}};
  auto content = read_file(file);
  if (!content) throw Refusal(content.error().text);
  return *content;
}

std::string one_line_from_input(const char* what) {
  if (::isatty(STDIN_FILENO) != 0) {
    crypto::PassphraseSource source;
    source.kind = crypto::PassphraseSource::Kind::terminal;
    auto asked = crypto::read_passphrase(source, crypto::Ask::twice);
    if (!asked || !*asked) throw Refusal(fmt::format("no {} was given", what));
    return std::string(as_text((*asked)->view()));
  }
  std::string line;
  if (!std::getline(std::cin, line) || line.empty()) throw Refusal(fmt::format("no {} on standard input", what));
  if (line.back() == '\r') line.pop_back();
  return line;
}

std::string next_port(const std::string& listen) {
  const auto colon = listen.rfind(':');
  const auto port = listen.substr(colon + 1);
  if (port == "*") return listen;
  const auto value = std::stoi(port);
  if (value >= 65535) throw WrongUsage("--listen: the joining port is the next one; choose a port below 65535");
  return listen.substr(0, colon + 1) + std::to_string(value + 1);
}

void add_init(CLI::App& app) {
  auto& command = *app.add_subcommand("init", "Make a broker: keys, certificate authority, configuration");
  struct Words {
    std::string directory, name, listen, joining, passphrase_file, credential, authority, revocations;
    bool unprotected = false;
  };
  auto words = std::make_shared<Words>();
  command.add_option("DIR", words->directory, "A new directory")->required();
  command.add_option("--name", words->name, "The exchange's name");
  command.add_option("--listen", words->listen, "Where nodes connect, tcp://ADDR:PORT; they join at the port after it");
  command.add_option("--joining", words->joining, "Where nodes join, if not there");
  auto* plain = command.add_flag("--unprotected", words->unprotected, "Keep the key files plain");
  command.add_option("--passphrase-file", words->passphrase_file, "A file whose first line is the keys' passphrase")->excludes(plain);
  command.add_option("--credential", words->credential, "The service manager's credential that is the passphrase")->excludes(plain);
  auto* offline = command.add_option("--authority", words->authority, "Certificate (PEM) of an authority kept offline by liaison-ca");
  command.add_option("--revocations", words->revocations, "Its current revocation list")->needs(offline);
  command.footer("Example:\n  liaison-broker init /var/lib/liaison/broker --name \"Northern exchange\"");
  command.callback([words] {
    InitOrder order;
    order.directory = words->directory;
    auto& settings = order.settings;
    if (!words->name.empty()) settings.name = words->name;
    if (auto name = certs::check_organisation(settings.name); !name) throw Refusal("--name: " + name.error().text);
    for (const auto* address : {&words->listen, &words->joining})
      if (!address->empty() && !certs::is_address(*address))
        throw WrongUsage("\"" + *address + "\" is no address; one is tcp://HOST:PORT");
    if (!words->listen.empty()) {
      settings.listen = {words->listen};
      settings.joining = {next_port(words->listen)};
    }
    if (!words->joining.empty()) settings.joining = {words->joining};
    using Kind = crypto::PassphraseSource::Kind;
    if (words->unprotected) settings.keys.kind = Kind::unprotected;
    if (!words->passphrase_file.empty()) {
      settings.keys.kind = Kind::file;
      settings.keys.file = fs::absolute(words->passphrase_file);
    }
    if (!words->credential.empty()) {
      settings.keys.kind = Kind::credential;
      settings.keys.credential = words->credential;
    }
    settings.authority_online = words->authority.empty();
    order.authority = words->authority;
    order.revocations = words->revocations;
    auto made = make_installation(order, system_now());
    if (!made) throw Refusal(made.error().text);
    std::cout << words->directory << '\n';
  });
}

log::Level level_of(const std::string& text) {
  if (text == "debug") return log::Level::debug;
  if (text == "warning") return log::Level::warning;
  return text == "error" ? log::Level::error : log::Level::info;
}

void add_serve(CLI::App& app) {
  auto& command = *app.add_subcommand("serve", "Run the broker");
  struct Words {
    std::string directory;
    bool check = false;
  };
  auto words = std::make_shared<Words>();
  command.add_option("--dir", words->directory, "The broker's directory")->required();
  command.add_flag("--check", words->check, "Check configuration, keys and store, and stop");
  command.footer("Example:\n  liaison-broker serve --dir /var/lib/liaison/broker");
  command.callback([words] {
    auto installation = read_installation(words->directory);
    if (!installation) throw Refusal(installation.error().text);
    log::start("liaison-broker", level_of(installation->settings.log_level));
    if (words->check && net::is_locked(words->directory)) {
      std::cout << "the configuration is in order; a broker serves this directory\n";
      return;
    }
    const net::DirectoryLock lock(words->directory);
    auto keys = open_keys(*installation);
    if (!keys) throw Refusal(keys.error().text);
    if (words->check) {
      crypto::SystemEntropy entropy;
      open_engine(*installation, &*keys, entropy, system_now());
      if (auto curve = keys->curve(curve_key); !curve) throw Refusal(curve.error().text);
      std::cout << "configuration, keys and store are in order\n";
      return;
    }
    Loop(*installation, *keys).run();
  });
}

void add_invite(CLI::App& app) {
  auto& command = *app.add_subcommand("invite", "Print the invitation by which one node joins");
  struct Words {
    std::string node, organisation, role, valid = "7d";
    std::vector<std::string> capabilities;
    bool rejoin = false;
  };
  auto words = std::make_shared<Words>();
  auto with = common(command,
                     "liaison-broker invite --dir DIR --node able-futures --organisation \"Able Futures\" --role provider");
  command.add_option("--node", words->node, "The node's id: 2 to 40 of a-z, 0-9 and '-'")->required();
  command.add_option("--organisation", words->organisation, "As its certificate will name it")->required();
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

/// A command that asks one thing and prints a list.
void add_listing(CLI::App& app, const char* name, const char* request, const char* meaning,
                 std::vector<std::string> members) {
  auto& command = *app.add_subcommand(name, meaning);
  auto with = common(command, fmt::format("liaison-broker {} --dir DIR --json", name).c_str());
  command.callback([with, request, members] {
    const auto answer = ask_broker(with->directory, {{"command", request}});
    if (with->json)
      std::cout << answer.dump(2) << '\n';
    else
      print_table(answer, members);
  });
}

void add_revoke(CLI::App& app) {
  auto& command = *app.add_subcommand("revoke", "Shut a node out of the exchange");
  struct Words {
    std::string node, why, as_of;
  };
  auto words = std::make_shared<Words>();
  auto with = common(command, "liaison-broker revoke able-futures --dir DIR --reason \"its contract ended\"");
  command.add_option("NODE", words->node)->required();
  command.add_option("--reason", words->why, "Why, for the registry log (no person's name)")->required();
  command.add_option("--as-of", words->as_of, "From when nothing it signed is to be believed, RFC 3339");
  command.callback([words, with] {
    Json request{{"command", "revoke"}, {"node", words->node}, {"why", words->why}};
    if (!words->as_of.empty()) request["as_of"] = words->as_of;
    const auto answer = ask_broker(with->directory, request);
    if (with->json)
      std::cout << answer.dump(2) << '\n';
    else
      std::cout << words->node << " is shut out; revocation list " << answer.at("revocation_number") << '\n';
  });
}

void add_policy(CLI::App& app) {
  auto& policy = *app.add_subcommand("policy", "Who may write to whom");
  policy.require_subcommand(1);
  auto& show = *policy.add_subcommand("show", "Print the policy, as JSON");
  auto with = common(show, "liaison-broker policy show --dir DIR");
  show.callback([with] { std::cout << ask_broker(with->directory, {{"command", "policy-show"}}).dump(2) << '\n'; });
  auto& set = *policy.add_subcommand("set", "Replace the policy");
  auto file = std::make_shared<std::string>();
  auto where = common(set, "echo '{\"otherwise\": \"allow\", \"rules\": [{\"from\": \"role:provider\", \"to\": "
                           "\"role:provider\", \"verdict\": \"deny\"}]}' | liaison-broker policy set - --dir DIR");
  set.add_option("FILE", *file, "JSON as `policy show` prints it; - is standard input")->required();
  set.callback([where, file] {
    const auto rules = Json::parse(content_of(*file), nullptr, false);
    if (rules.is_discarded()) throw Refusal(*file + " is no JSON");
    std::cout << ask_broker(where->directory, {{"command", "policy-set"}, {"policy", rules}}).dump(2) << '\n';
  });
}

void print_quota(const Common& with, const Json& answer) {
  if (with.json)
    std::cout << answer.dump(2) << '\n';
  else
    print_members(answer);
}

void add_quota(CLI::App& app) {
  auto& quota = *app.add_subcommand("quota", "How much may wait");
  quota.require_subcommand(1);
  auto& show = *quota.add_subcommand("show", "Print a node's quota, or the one of all others");
  auto node = std::make_shared<std::string>();
  auto with = common(show, "liaison-broker quota show --dir DIR --node able-futures");
  show.add_option("--node", *node, "Of one node");
  show.callback([with, node] {
    Json request{{"command", "quota-show"}};
    if (!node->empty()) request["node"] = *node;
    print_quota(*with, ask_broker(with->directory, request));
  });
  auto& set = *quota.add_subcommand("set", "Change it");
  struct Words {
    std::string node;
    std::map<std::string, std::optional<std::uint64_t>> values;
    bool standard = false;
  };
  auto words = std::make_shared<Words>();
  auto where = common(set, "liaison-broker quota set --dir DIR --node able-futures --mailbox-letters 20000");
  set.add_option("--node", words->node, "Of one node; without it, of all that have none of their own");
  for (const char* member : {"mailbox_letters", "mailbox_bytes", "sender_letters", "sender_bytes"}) {
    std::string option = std::string("--") + member;
    std::replace(option.begin(), option.end(), '_', '-');
    set.add_option(option, words->values[member]);
  }
  set.add_flag("--default", words->standard, "Take the node's own quota away");
  set.callback([where, words] {
    Json request{{"command", "quota-set"}};
    if (!words->node.empty()) request["node"] = words->node;
    if (!words->standard) {
      request["quota"] = Json::object();
      for (const auto& [member, value] : words->values)
        if (value) request["quota"][member] = *value;
      if (request["quota"].empty()) throw WrongUsage("say what to set, or --default");
    }
    print_quota(*where, ask_broker(where->directory, request));
  });
}

void add_users(CLI::App& app) {
  auto& users = *app.add_subcommand("users", "The exchange's administrators");
  users.require_subcommand(1);
  auto& add = *users.add_subcommand("add", "Add one; the password is asked for, or read from standard input");
  auto name = std::make_shared<std::string>();
  auto with = common(add, "liaison-broker users add ann --dir DIR");
  add.add_option("NAME", *name)->required();
  add.callback([with, name] {
    const auto answer =
        ask_broker(with->directory, {{"command", "users-add"}, {"name", *name}, {"password", one_line_from_input("password")}});
    std::cout << (with->json ? answer.dump(2) : *name) << '\n';
  });
  add_listing(users, "list", "users-list", "Print them", {"name", "state", "created_at"});
  auto& disable = *users.add_subcommand("disable", "Take one's access away");
  auto whom = std::make_shared<std::string>();
  auto where = common(disable, "liaison-broker users disable ann --dir DIR");
  disable.add_option("NAME", *whom)->required();
  disable.callback([where, whom] {
    const auto answer = ask_broker(where->directory, {{"command", "users-disable"}, {"name", *whom}});
    std::cout << (where->json ? answer.dump(2) : *whom) << '\n';
  });
}

void add_mailboxes(CLI::App& app) {
  auto& command = *app.add_subcommand("mailboxes", "What waits, as the broker sees it: metadata and the first octets of ciphertext");
  struct Words {
    std::string node;
    std::uint64_t items = 20;
  };
  auto words = std::make_shared<Words>();
  auto with = common(command, "liaison-broker mailboxes --dir DIR --node able-futures");
  command.add_option("--node", words->node, "Of one node");
  command.add_option("--items", words->items, "Letters to show at most (20)");
  command.callback([words, with] {
    Json request{{"command", "mailboxes"}, {"items_max", words->items}};
    if (!words->node.empty()) request["node"] = words->node;
    const auto answer = ask_broker(with->directory, request);
    if (with->json) {
      std::cout << answer.dump(2) << '\n';
      return;
    }
    print_table(answer, {"node", "letters", "bytes", "reports"});
    for (const auto& mailbox : answer)
      for (const auto& item : mailbox.at("items"))
        std::cout << fmt::format("{}: {} {} from {}, {} octets, {}...\n", shown(mailbox.at("node")), shown(item.at("kind")),
                                 shown(item.at("letter")), shown(item.value("sender", Json())),
                                 shown(item.value("size_bytes", Json())), shown(item.value("first_octets", Json())));
  });
}

void add_status(CLI::App& app) {
  auto& command = *app.add_subcommand("status", "How the broker stands");
  auto with = common(command, "liaison-broker status --dir DIR");
  command.callback([with] {
    const auto answer = ask_broker(with->directory, {{"command", "status"}});
    if (with->json)
      std::cout << answer.dump(2) << '\n';
    else
      print_members(answer);
  });
}

void add_import(CLI::App& app) {
  auto& command = *app.add_subcommand("import", "Take what an offline authority signed");
  auto file = std::make_shared<std::string>();
  auto with = common(command, "liaison-broker import able-futures.pem --dir DIR");
  command.add_option("FILE", *file, "A certificate (PEM or DER) or a revocation list (.crl)")->required();
  command.callback([with, file] {
    const auto content = content_of(*file);
    const bool list = fs::path(*file).extension() == ".crl";
    std::string der = to_base64(as_bytes(content));
    if (auto certificate = crypto::certificate_from_pem(content)) der = to_base64(certificate->der());
    std::cout << ask_broker(with->directory,
                            {{"command", "import"}, {"kind", list ? "revocations" : "certificate"}, {"der", der}})
                     .dump()
              << '\n';
  });
}

void add_backup(CLI::App& app) {
  auto& command = *app.add_subcommand("backup", "Write everything the broker is to one file, while it runs");
  auto file = std::make_shared<std::string>();
  auto with = common(command, "liaison-broker backup /srv/backup/broker-2026-05-06 --dir DIR");
  command.add_option("FILE", *file, "A new file. It holds the key files as they lie: keep it as safe")->required();
  command.callback([with, file] {
    const auto answer = ask_broker(with->directory, {{"command", "backup"}, {"file", fs::absolute(*file).string()}});
    std::cout << (with->json ? answer.dump(2) : *file) << '\n';
  });
  auto& restore = *app.add_subcommand("restore", "Make a broker's directory from a backup");
  auto from = std::make_shared<std::string>();
  auto to = std::make_shared<std::string>();
  restore.add_option("FILE", *from)->required();
  restore.add_option("--dir", *to, "A new directory")->required();
  restore.footer("Example:\n  liaison-broker restore /srv/backup/broker-2026-05-06 --dir /var/lib/liaison/broker");
  restore.callback([from, to] {
    auto done = restore_backup(*from, *to, system_now());
    if (!done) throw Refusal(done.error().text);
    std::cout << *to << '\n';
  });
}

}  // namespace

void add_commands(CLI::App& app) {
  app.require_subcommand(1);
  add_init(app);
  add_serve(app);
  add_invite(app);
  add_listing(app, "nodes", "nodes", "The nodes of the exchange",
              {"id", "role", "organisation", "state", "connected", "waiting", "certificate_expires"});
  add_revoke(app);
  add_policy(app);
  add_quota(app);
  add_listing(app, "alarms", "alarms", "Alarms of the registry that nobody has acknowledged", {"node", "raised_at", "what"});
  add_users(app);
  add_mailboxes(app);
  add_status(app);
  add_listing(app, "pending", "pending", "Requests that wait for an offline authority", {"node", "reason", "asked_at"});
  add_import(app);
  add_backup(app);
}

}  // namespace liaison::broker
