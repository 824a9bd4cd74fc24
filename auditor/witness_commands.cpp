#include <fmt/format.h>

#include <iostream>
#include <nlohmann/json.hpp>

#include "auditor/commands.h"
#include "auditor/witness.h"
#include "base/log.h"
#include "broker/program/settings.h"
#include "cli/input.h"
#include "cli/output.h"
#include "cli/settings.h"
#include "crypto/file.h"
#include "crypto/key_vault.h"
#include "crypto/passphrase.h"
#include "net/directory_lock.h"
#include "net/poller.h"
#include "net/signals.h"
#include "web/server.h"

/// A witness of logs, ours or others', that whoever likes runs on a machine of theirs.
namespace liaison::auditor {
namespace {

namespace fs = std::filesystem;
using cli::Arguments;
using cli::Takes;

constexpr const char* key_name = "witness";
constexpr std::size_t settings_bytes_max = 64 * 1024;

std::vector<cli::Setting> settings_schema() {
  return {
      {"name", std::string(),
       "The witness's name, as \"witness.example.org/w1\": who changes it is another witness."},
      {"listen", std::string("127.0.0.1:7690"),
       "Address and port; port 0 is any free one. Beyond this machine it serves with TLS only: "
       "name certificate and key."},
      {"certificate", std::string(), "PEM file of the TLS certificate, with its chain."},
      {"key", std::string(), "PEM file of that certificate's private key."},
      {"host_names", std::vector<std::string>{},
       "Further names by which logs reach it, as \"witness.example.org\" or with a port."},
      {"passphrase", std::string("terminal"),
       "Where the passphrase of the witness's key comes from: \"terminal\", \"file\", "
       "\"credential\" (the service manager's, named liaison-passphrase), or \"unprotected\"."},
      {"passphrase_file", std::string(),
       "With passphrase = \"file\": its first line is the passphrase; only its owner may read it."},
  };
}

struct Place {
  fs::path directory;
  [[nodiscard]] fs::path settings() const { return directory / "witness.toml"; }
  [[nodiscard]] fs::path logs() const { return directory / "logs"; }
  [[nodiscard]] fs::path keys() const { return directory / "keys"; }
  [[nodiscard]] fs::path state() const { return directory / "state"; }
  [[nodiscard]] fs::path vkey() const { return directory / "vkey"; }
  /// A key that has signed stays the key, whatever was removed beside it.
  [[nodiscard]] bool is_begun() const {
    if (fs::exists(vkey())) return true;
    if (!fs::exists(keys())) return false;
    const auto kept = WitnessState::open(state());
    return !kept || !kept->all().empty();
  }
};

Result<crypto::PassphraseSource> source_of(const cli::Settings& settings) {
  using Kind = crypto::PassphraseSource::Kind;
  crypto::PassphraseSource out;
  const auto& kind = settings.text("passphrase");
  if (kind == "terminal") {
    out.kind = Kind::terminal;
  } else if (kind == "file") {
    out.kind = Kind::file;
    out.file = settings.text("passphrase_file");
  } else if (kind == "credential") {
    out.kind = Kind::credential;
  } else if (kind != "unprotected") {
    return fail(Reason::malformed,
                "witness.toml: \"passphrase\" must be terminal, file, credential or unprotected");
  }
  return out;
}

Result<cli::Settings> read_settings(const Place& place) {
  const auto text = cli::read_input(place.settings().string(), settings_bytes_max);
  if (!text) return fail(text.error());
  auto out = cli::Settings::read(*text, settings_schema());
  if (!out) return fail(out.error().reason, "witness.toml: " + out.error().text);
  if (!audit::is_key_name(out->text("name")))
    return fail(Reason::malformed,
                "witness.toml: \"name\" must be a name without spaces or '+', as "
                "witness.example.org/w1");
  return out;
}

/// Makes directory, settings and key. The file that is written last says that it is whole; what
/// an attempt before left is made anew, for nothing was signed by it.
Result<void> begin(const Place& place, const Arguments& arguments) {
  const auto name = arguments.text("--name");
  if (!arguments.has("--logs") || !audit::is_key_name(name))
    return fail(Reason::malformed,
                place.directory.string() +
                    " is no witness yet: to make one, name it with --name (as "
                    "witness.example.org/w1, without spaces or '+'), and give the keys of the logs "
                    "that it is to witness with --logs");
  const auto logs = WatchedLogs::read(arguments.text("--logs"));
  if (!logs) return fail(logs.error());
  fs::remove_all(place.keys());
  std::map<std::string, cli::SettingValue> chosen{{"name", name}};
  if (arguments.has("--listen")) chosen["listen"] = arguments.text("--listen");
  if (arguments.has("--unprotected")) chosen["passphrase"] = std::string("unprotected");
  if (arguments.has("--passphrase-file")) {
    chosen["passphrase"] = std::string("file");
    chosen["passphrase_file"] = fs::absolute(arguments.text("--passphrase-file")).string();
  }
  const auto text =
      cli::document("Settings of this witness, read when it starts.", settings_schema(), chosen);
  const auto settings = cli::Settings::read(text, settings_schema());
  if (!settings) return fail(settings.error());
  const auto source = source_of(*settings);
  if (!source) return fail(source.error());
  auto passphrase = crypto::read_passphrase(*source, crypto::Ask::twice);
  if (!passphrase) return fail(passphrase.error());
  crypto::write_file(place.settings(), as_bytes(text), 0600);
  std::string lines =
      "# Keys of the logs that are witnessed, a line each, as `liaison-audit checkpoint` prints "
      "them.\n";
  for (const auto& key : logs->keys())
    lines += audit::encode(key) + '\n';
  crypto::write_file(place.logs(), as_bytes(lines), 0600);
  (void)WitnessState::create(place.state());
  auto vault = crypto::KeyVault::create(place.keys(), std::move(*passphrase));
  if (!vault) return fail(vault.error());
  const auto key = crypto::Ed25519Key::generate();
  vault->keep(key_name, key);
  const auto vkey = audit::encode({name, audit::KeyKind::cosignature, key.public_key()}) + '\n';
  crypto::write_file(place.vkey(), as_bytes(vkey), 0600);
  return {};
}

web::Router router_of(Witness& witness) {
  web::Route route;
  route.method = web::Method::post;
  route.pattern = "/add-checkpoint";
  route.access = web::Access::open;
  route.body_bytes_max = audit::add_checkpoint_bytes_max;
  route.handler = [&witness](const web::Request& request) {
    auto answer = witness.answer(request.body, system_now().wall);
    web::Response out;
    out.status = answer.status;
    out.content_type = std::move(answer.content_type);
    out.body = std::move(answer.body);
    return out;
  };
  web::Route health;
  health.pattern = "/healthz";
  health.access = web::Access::open;
  health.handler = [](const web::Request&) {
    web::Response out;
    out.body = R"({"status":"ok"})";
    return out;
  };
  web::Router out;
  out.add(std::move(route));
  out.add(std::move(health));
  return out;
}

Result<web::ServerOptions> server_options(const cli::Settings& settings) {
  const auto split = broker::split_address(settings.text("listen"));
  if (!split) return fail(split.error().reason, "witness.toml: listen: " + split.error().text);
  web::ServerOptions out;
  out.address = split->first;
  out.port = split->second;
  out.called = "the witness";
  out.certificate_file = settings.text("certificate");
  out.key_file = settings.text("key");
  out.host_names = settings.list("host_names");
  out.pages_at_once = 4;
  out.streams_max = 1;
  out.connections_max = 128;
  out.connections_per_peer_max = 32;
  if (const auto fits = web::check_listening(out); !fits) return fail(fits.error());
  return out;
}

Result<void> serve(const Place& place, const Arguments& arguments) {
  net::StopSignal stop;  // before any thread
  log::start("liaison-audit", log::Level::info);
  fs::create_directories(place.directory);
  fs::permissions(place.directory, fs::perms::owner_all);
  const net::DirectoryLock lock(place.directory.string());
  if (!place.is_begun())
    if (const auto begun = begin(place, arguments); !begun) return fail(begun.error());
  const auto settings = read_settings(place);
  if (!settings) return fail(settings.error());
  auto logs = WatchedLogs::read(place.logs());
  if (!logs) return fail(logs.error());
  auto state = WitnessState::open(place.state());
  if (!state) return fail(state.error());
  const auto source = source_of(*settings);
  if (!source) return fail(source.error());
  auto passphrase = crypto::read_passphrase(*source);
  if (!passphrase) return fail(passphrase.error());
  const auto vault = crypto::KeyVault::open(place.keys(), std::move(*passphrase));
  if (!vault) return fail(vault.error());
  auto key = vault->ed25519(key_name);
  if (!key) return fail(key.error());
  const auto& name = settings->text("name");
  const auto vkey = audit::encode({name, audit::KeyKind::cosignature, key->public_key()});
  crypto::write_file(place.vkey(), as_bytes(vkey + '\n'), 0600);
  auto options = server_options(*settings);
  if (!options) return fail(options.error());
  Witness witness(std::move(*logs), std::move(*state), name, std::move(*key));
  web::Server server(std::move(*options), router_of(witness),
                     [](const web::Request&, const web::Route&) { return std::nullopt; });
  server.start();
  std::cout << vkey << '\n' << server.url() << std::endl;
  log::info("witnessing", {{"url", server.url()}, {"name", name}});
  net::Poller poller;
  poller.add(stop);
  while (!stop.asked())
    poller.wait(std::nullopt);
  log::info("stopping");
  server.stop();
  return {};
}

Result<void> status(const Place& place, const Arguments& arguments) {
  if (!place.is_begun())
    return fail(Reason::not_found, place.directory.string() + " is no witness");
  const auto vkey = cli::read_input(place.vkey().string(), settings_bytes_max);
  if (!vkey) return fail(vkey.error());
  const auto settings = read_settings(place);
  if (!settings) return fail(settings.error());
  const auto state = WitnessState::open(place.state());
  if (!state) return fail(state.error());
  auto logs = nlohmann::json::array();
  for (const auto& [origin, last] : state->all())
    logs.push_back(
        {{"origin", origin}, {"entries", last.size}, {"root", to_base64(last.root.view())}});
  const bool serves = net::is_locked(place.directory.string());
  if (arguments.has("--json")) {
    cli::print_record({{"key", vkey->substr(0, vkey->find('\n'))},
                       {"listen", settings->text("listen")},
                       {"serves", serves},
                       {"logs", logs}},
                      cli::As::json);
    return {};
  }
  cli::print_line(vkey->substr(0, vkey->find('\n')));
  cli::print_line(
      fmt::format("{} at {}", serves ? "serves" : "does not serve", settings->text("listen")));
  for (const auto& log : logs)
    cli::print_line(fmt::format("cosigned {} entries of {}", log["entries"].dump(),
                                log["origin"].get<std::string>()));
  return {};
}

Result<void> witness(const Arguments& arguments) {
  const Place place{arguments.text("--dir")};
  return arguments.has("--status") ? status(place, arguments) : serve(place, arguments);
}

}  // namespace

std::vector<cli::Command> witness_commands() {
  return {
      {"witness",
       "Witness logs for others (c2sp.org/tlog-witness); the first start makes its key",
       "liaison-audit witness --dir DIR --name witness.example.org/w1 --logs OUT/keys "
       "--passphrase-file FILE",
       {},
       {{"--dir", "DIR", "The witness's directory", Takes::one, cli::Option::Need::required},
        {"--name", "NAME", "First start: its name, as witness.example.org/w1"},
        {"--logs", "FILE", "First start: keys of the logs to witness, a line each"},
        {"--listen", "ADDR:PORT", "First start: where it listens; 127.0.0.1:7690 if not given"},
        {"--passphrase-file", "FILE", "First start: the first line is its key's passphrase"},
        {"--unprotected", "", "First start: keep the key plain", Takes::nothing},
        {"--status", "", "Say what it has cosigned, and stop", Takes::nothing},
        {"--json", "", "With --status: as JSON", Takes::nothing}},
       witness},
  };
}

}  // namespace liaison::auditor
