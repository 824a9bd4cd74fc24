#include "node/cli/settings.h"

#include <charconv>
#include <fstream>

#include "certs/invitation.h"
#include "cli/input.h"

namespace liaison::node {
namespace {

constexpr const char* file_name = "liaison.toml";

}  // namespace

std::vector<cli::Setting> settings_schema(int port) {
  return {
      {"listen", "127.0.0.1:" + std::to_string(port),
       "Address and port of the desk and its API; port 0 is any free one (serving.json says "
       "which). Beyond this "
       "machine it serves with TLS only: name certificate and key."},
      {"certificate", std::string(), "PEM file of the desk's TLS certificate, with its chain."},
      {"key", std::string(), "PEM file of that certificate's private key."},
      {"host_names", std::vector<std::string>{},
       "Further names by which browsers reach the desk, as \"desk.example.org\" or with a port."},
      {"pages_at_once", std::int64_t{16},
       "How many requests are answered at the same time even while streams_max pages listen for "
       "changes; more while fewer do.",
       2, 256},
      {"streams_max", std::int64_t{64},
       "How many open pages may listen for changes; each holds a thread.", 1, 1024},
      {"passphrase", std::string("terminal"),
       "Where the passphrase of the private keys comes from: \"terminal\" (asked when it starts), "
       "\"file\", \"credential\" "
       "(the service manager's, named liaison-passphrase), or \"unprotected\" (the keys lie plain; "
       "status shows it)."},
      {"passphrase_file", std::string(),
       "With passphrase = \"file\": its first line is the passphrase; only its owner may read it."},
      {"log_level", std::string("info"),
       "The least that is logged: debug, info, warning or error. Never a client's detail."},
      {"broker.addresses", std::vector<std::string>{},
       "Addresses of the exchange's broker, best first, as \"tcp://host:7600\". Empty: those "
       "that were last used, at first the invitation's."},
  };
}

Result<cli::Settings> read_settings(const std::filesystem::path& directory, int port) {
  const auto path = directory / file_name;
  if (!std::filesystem::exists(path)) return cli::Settings::read("", settings_schema(port));
  const auto text = cli::read_input(path.string(), std::size_t{128} << 10);
  if (!text) return fail(text.error());
  return cli::Settings::read(*text, settings_schema(port));
}

void write_settings(const std::filesystem::path& directory, int port,
                    const std::map<std::string, cli::SettingValue>& chosen) {
  const auto path = directory / file_name;
  if (std::filesystem::exists(path)) return;
  auto text =
      cli::document("Settings of this node, read when it starts.", settings_schema(port), chosen);
  text.pop_back();
  cli::write_private_line(path.string(), text);
}

Result<std::pair<std::string, int>> parse_listen(const std::string& text) {
  const auto wrong = [&] {
    return fail(
        Reason::malformed,
        "liaison.toml: \"listen\" must be ADDRESS:PORT, as 127.0.0.1:7681, not \"" + text + "\"");
  };
  const auto colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0) return wrong();
  int port = -1;
  const auto* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data() + colon + 1, end, port);
  if (error != std::errc{} || stopped != end || port < 0 || port > 65535) return wrong();
  auto address = text.substr(0, colon);
  if (address.front() == '[' && address.back() == ']')
    address = address.substr(1, address.size() - 2);
  if (address.empty()) return wrong();
  return std::pair(address, port);
}

Result<web::ServerOptions> server_options(const cli::Settings& settings) {
  const auto listen = parse_listen(settings.text("listen"));
  if (!listen) return fail(listen.error());
  web::ServerOptions out;
  out.address = listen->first;
  out.port = listen->second;
  out.certificate_file = settings.text("certificate");
  out.key_file = settings.text("key");
  if (out.certificate_file.empty() != out.key_file.empty()) {
    return fail(Reason::malformed,
                "liaison.toml: \"certificate\" and \"key\" go together: name both or neither");
  }
  out.host_names = settings.list("host_names");
  out.pages_at_once = static_cast<std::size_t>(settings.number("pages_at_once"));
  out.streams_max = static_cast<std::size_t>(settings.number("streams_max"));
  for (const auto& address : settings.list("broker.addresses")) {
    if (!certs::is_address(address)) {
      return fail(
          Reason::malformed,
          "liaison.toml: \"broker.addresses\" must hold addresses as tcp://host:7600, not \"" +
              address + "\"");
    }
  }
  return out;
}

Result<crypto::PassphraseSource> passphrase_source(const cli::Settings& settings) {
  using Kind = crypto::PassphraseSource::Kind;
  crypto::PassphraseSource out;
  const auto& from = settings.text("passphrase");
  if (from == "unprotected") {
    out.kind = Kind::unprotected;
  } else if (from == "file") {
    out.kind = Kind::file;
    out.file = settings.text("passphrase_file");
    if (out.file.empty())
      return fail(
          Reason::malformed,
          "liaison.toml: \"passphrase_file\" must name the file, because passphrase is \"file\"");
  } else if (from == "credential") {
    out.kind = Kind::credential;
  } else if (from == "terminal") {
    out.kind = Kind::terminal;
  } else {
    return fail(Reason::malformed,
                "liaison.toml: \"passphrase\" must be \"terminal\", \"file\", \"credential\" or "
                "\"unprotected\"");
  }
  return out;
}

}  // namespace liaison::node
