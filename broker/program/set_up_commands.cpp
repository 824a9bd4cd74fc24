#include <filesystem>
#include <iostream>

#include "base/log.h"
#include "broker/program/backup.h"
#include "broker/program/commands.h"
#include "broker/program/installation.h"
#include "broker/program/loop.h"
#include "broker/program/words.h"
#include "certs/invitation.h"
#include "cli/place.h"
#include "crypto/random.h"
#include "net/directory_lock.h"

/// Making a broker, running it, keeping a copy of it.
namespace liaison::broker {

using Json = nlohmann::json;
namespace fs = std::filesystem;

namespace {

std::string next_port(const std::string& listen) {
  const auto colon = listen.rfind(':');
  const auto port = listen.substr(colon + 1);
  if (port == "*") return listen;
  const auto value = std::stoi(port);
  if (value >= 65535)
    throw WrongUsage("--listen: the joining port is the next one; choose a port below 65535");
  return listen.substr(0, colon + 1) + std::to_string(value + 1);
}

log::Level level_of(const std::string& text) {
  if (text == "debug") return log::Level::debug;
  if (text == "warning") return log::Level::warning;
  return text == "error" ? log::Level::error : log::Level::info;
}

}  // namespace

void add_init(CLI::App& app) {
  auto& command =
      *app.add_subcommand("init", "Make a broker: keys, certificate authority, configuration");
  struct Words {
    std::string directory, name, listen, joining, passphrase_file, credential, authority,
        revocations;
    bool unprotected = false;
  };
  auto words = std::make_shared<Words>();
  command.add_option("DIR", words->directory, "A new directory")->required();
  command.add_option("--name", words->name, "The exchange's name");
  command.add_option("--listen", words->listen,
                     "Where nodes connect, tcp://ADDR:PORT; they join at the port after it");
  command.add_option("--joining", words->joining, "Where nodes join, if not there");
  auto* plain = command.add_flag("--unprotected", words->unprotected, "Keep the key files plain");
  command
      .add_option("--passphrase-file", words->passphrase_file,
                  "A file whose first line is the keys' passphrase")
      ->excludes(plain);
  command
      .add_option("--credential", words->credential,
                  "The service manager's credential that is the passphrase")
      ->excludes(plain);
  auto* offline =
      command.add_option("--authority", words->authority,
                         "Certificate (PEM) of an authority kept offline by liaison-ca");
  command.add_option("--revocations", words->revocations, "Its current revocation list")
      ->needs(offline);
  command.footer(
      "Example:\n  liaison-broker init /var/lib/liaison/broker --name \"Northern exchange\"");
  command.callback([words] {
    InitOrder order;
    order.directory = words->directory;
    auto& settings = order.settings;
    if (!words->name.empty()) settings.name = words->name;
    if (auto name = certs::check_organisation(settings.name); !name)
      throw Refusal("--name: " + name.error().text);
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
      const auto now = system_now();
      const auto engine = open_engine(*installation, &*keys, entropy, now);
      if (auto clock = engine->check_clock(now); !clock) throw Refusal(clock.error().text);
      if (auto curve = keys->curve(curve_key); !curve) throw Refusal(curve.error().text);
      std::cout << "configuration, keys and store are in order\n";
      return;
    }
    Loop(*installation, *keys).run();
  });
}

void add_backup(CLI::App& app) {
  auto& command =
      *app.add_subcommand("backup", "Write everything the broker is to one file, while it runs");
  auto file = std::make_shared<std::string>();
  auto with = common(command, "liaison-broker backup /srv/backup/broker-2026-05-06 --dir DIR");
  command
      .add_option("FILE", *file, "A new file. It holds the key files as they lie: keep it as safe")
      ->required();
  command.callback([with, file] {
    const auto path = fs::absolute(*file).string();
    if (const auto good = cli::check_hard_links(path); !good) throw Refusal(good.error().text);
    const auto answer = ask_broker(with->directory, {{"command", "backup"}, {"file", path}});
    std::cout << (with->json ? answer.dump(2) : *file) << '\n';
  });
  auto& restore = *app.add_subcommand("restore", "Make a broker's directory from a backup");
  auto from = std::make_shared<std::string>();
  auto to = std::make_shared<std::string>();
  restore.add_option("FILE", *from, "What `backup` wrote")->required();
  restore.add_option("--dir", *to, "A new directory")->required();
  restore.footer(
      "Example:\n  liaison-broker restore /srv/backup/broker-2026-05-06 --dir "
      "/var/lib/liaison/broker");
  restore.callback([from, to] {
    auto done = restore_backup(*from, *to, system_now());
    if (!done) throw Refusal(done.error().text);
    std::cout << *to << '\n';
  });
}

}  // namespace liaison::broker
