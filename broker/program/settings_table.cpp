#include "broker/program/settings_table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "certs/authority.h"
#include "certs/invitation.h"

namespace liaison::broker {
namespace {

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (char each : text) {
    if (each == '"' || each == '\\') out += '\\';
    out += each;
  }
  return out + "\"";
}

std::string shown(const std::vector<std::string>& list) {
  std::vector<std::string> out;
  for (const auto& each : list)
    out.push_back(quoted(each));
  return fmt::format("[{}]", fmt::join(out, ", "));
}

std::string shown(Duration time) {
  const auto ms = time.count();
  if (ms % 86'400'000 == 0) return fmt::format("\"{}d\"", ms / 86'400'000);
  if (ms % 3'600'000 == 0) return fmt::format("\"{}h\"", ms / 3'600'000);
  if (ms % 60'000 == 0) return fmt::format("\"{}m\"", ms / 60'000);
  return fmt::format("\"{}s\"", ms / 1000);
}

Result<std::string> text_of(const toml::node& node) {
  const auto value = node.value_exact<std::string>();
  if (!value) return fail(Reason::malformed, "a text in quotes is wanted");
  return *value;
}

Setting text(const char* table, const char* key, const char* meaning, std::string Settings::*member,
             Result<void> (*check)(const std::string&)) {
  return {table, key, meaning, [=](const Settings& from) { return quoted(from.*member); },
          [=](Settings& to, const toml::node& node) -> Result<void> {
            auto value = text_of(node);
            if (!value) return fail(value.error());
            if (auto fits = check(*value); !fits) return fits;
            to.*member = *value;
            return {};
          }};
}

Setting addresses(const char* key, const char* meaning, std::vector<std::string> Settings::*member,
                  bool (*fits)(std::string_view)) {
  return {"", key, meaning, [=](const Settings& from) { return shown(from.*member); },
          [=](Settings& to, const toml::node& node) -> Result<void> {
            const auto* list = node.as_array();
            if (list == nullptr || list->size() > 8)
              return fail(Reason::malformed, "a list of at most 8 addresses is wanted");
            std::vector<std::string> out;
            for (const auto& each : *list) {
              auto value = text_of(each);
              if (!value || !fits(*value))
                return fail(Reason::malformed, "an address is \"tcp://HOST:PORT\"");
              out.push_back(*value);
            }
            to.*member = out;
            return {};
          }};
}

Setting number(const char* key, const char* meaning, std::uint64_t least, std::uint64_t most,
               std::function<std::uint64_t(const Settings&)> get,
               std::function<void(Settings&, std::uint64_t)> set) {
  return {"limits", key, meaning, [get](const Settings& from) { return std::to_string(get(from)); },
          [=](Settings& to, const toml::node& node) -> Result<void> {
            const auto value = node.value_exact<std::int64_t>();
            if (!value || *value < 0 || static_cast<std::uint64_t>(*value) < least ||
                static_cast<std::uint64_t>(*value) > most)
              return fail(Reason::malformed,
                          fmt::format("a number from {} to {} is wanted", least, most));
            set(to, static_cast<std::uint64_t>(*value));
            return {};
          }};
}

Setting time(const char* key, const char* meaning, Duration least, Duration most,
             Duration Limits::*member) {
  return {"limits", key, meaning, [=](const Settings& from) { return shown(from.limits.*member); },
          [=](Settings& to, const toml::node& node) -> Result<void> {
            auto value = text_of(node);
            if (!value) return fail(value.error());
            auto read = parse_duration(*value);
            if (!read || *read < least || *read > most)
              return fail(Reason::malformed,
                          fmt::format("a time from {} to {} is wanted", shown(least), shown(most)));
            to.limits.*member = *read;
            return {};
          }};
}

Result<void> any_name(const std::string& value) {
  return certs::check_organisation(value);
}
Result<void> console_address(const std::string& value) {
  if (value.empty()) return {};
  auto split = split_address(value);
  if (!split) return fail(split.error());
  return {};
}
Result<void> level(const std::string& value) {
  if (value == "debug" || value == "info" || value == "warning" || value == "error") return {};
  return fail(Reason::malformed, "debug, info, warning or error is wanted");
}
/// Where to bind also takes "*" as host and port.
bool is_listening(std::string_view text) {
  return text.rfind("tcp://", 0) == 0 && text.find(':', 6) != std::string_view::npos;
}

const char* name_of(crypto::PassphraseSource::Kind kind) {
  using Kind = crypto::PassphraseSource::Kind;
  switch (kind) {
    case Kind::unprotected:
      return "unprotected";
    case Kind::file:
      return "file";
    case Kind::credential:
      return "credential";
    case Kind::terminal:
      return "terminal";
  }
  return "";
}

std::vector<Setting> key_settings() {
  using Kind = crypto::PassphraseSource::Kind;
  return {
      {"keys", "passphrase",
       "Where the passphrase of DIR/keys comes from: \"terminal\" (asked for), \"file\", "
       "\"credential\"\n"
       "(the service manager's, decrypted by it), or \"unprotected\": the key files lie plain.",
       [](const Settings& from) { return quoted(name_of(from.keys.kind)); },
       [](Settings& to, const toml::node& node) -> Result<void> {
         auto value = text_of(node);
         if (!value) return fail(value.error());
         for (auto kind : {Kind::unprotected, Kind::file, Kind::credential, Kind::terminal}) {
           if (*value != name_of(kind)) continue;
           to.keys.kind = kind;
           return {};
         }
         return fail(Reason::malformed,
                     "\"terminal\", \"file\", \"credential\" or \"unprotected\" is wanted");
       }},
      {"keys", "file",
       "With passphrase = \"file\": the file, readable by its owner alone; its first line counts.",
       [](const Settings& from) { return quoted(from.keys.file.string()); },
       [](Settings& to, const toml::node& node) -> Result<void> {
         auto value = text_of(node);
         if (!value) return fail(value.error());
         to.keys.file = *value;
         return {};
       }},
      {"keys", "credential", "With passphrase = \"credential\": its name.",
       [](const Settings& from) { return quoted(from.keys.credential); },
       [](Settings& to, const toml::node& node) -> Result<void> {
         auto value = text_of(node);
         if (!value) return fail(value.error());
         to.keys.credential = *value;
         return {};
       }},
  };
}

std::vector<Setting> limit_settings() {
  constexpr std::uint64_t big = std::uint64_t{1} << 50;
  using namespace std::chrono_literals;
  return {
      number(
          "mailbox_letters",
          "Letters that may wait for one recipient (`quota set` changes it for one node).", 1, big,
          [](const Settings& from) { return from.limits.quota.mailbox_letters_max; },
          [](Settings& to, std::uint64_t value) { to.limits.quota.mailbox_letters_max = value; }),
      number(
          "mailbox_bytes",
          "And their sealed octets in all. One sender may fill half a mailbox at most.", 1, big,
          [](const Settings& from) { return from.limits.quota.mailbox_bytes_max; },
          [](Settings& to, std::uint64_t value) { to.limits.quota.mailbox_bytes_max = value; }),
      number(
          "sender_letters", "Letters of one sender that may wait, in all mailboxes.", 1, big,
          [](const Settings& from) { return from.limits.quota.sender_letters_max; },
          [](Settings& to, std::uint64_t value) { to.limits.quota.sender_letters_max = value; }),
      number(
          "sender_bytes", "And their sealed octets in all.", 1, big,
          [](const Settings& from) { return from.limits.quota.sender_bytes_max; },
          [](Settings& to, std::uint64_t value) { to.limits.quota.sender_bytes_max = value; }),
      number(
          "letter_bytes", "The longest sealed letter, in octets.", 4096, wire::letter_bytes_max,
          [](const Settings& from) { return std::uint64_t{from.limits.letter_bytes_max}; },
          [](Settings& to, std::uint64_t value) {
            to.limits.letter_bytes_max = static_cast<std::uint32_t>(value);
          }),
      number(
          "letters_unanswered",
          "Letters that one node may have submitted and not yet been answered for.", 256, 1'000'000,
          [](const Settings& from) { return std::uint64_t{from.limits.letters_waiting_max}; },
          [](Settings& to, std::uint64_t value) {
            to.limits.letters_waiting_max = static_cast<std::uint32_t>(value);
          }),
      number(
          "nodes", "Nodes that may ever join, revoked ones included.", 1, 1'000'000,
          [](const Settings& from) { return std::uint64_t{from.limits.nodes_max}; },
          [](Settings& to, std::uint64_t value) {
            to.limits.nodes_max = static_cast<std::uint32_t>(value);
          }),
      number(
          "accepted_ids",
          "Letters remembered, so that repeats are answered alike; 64 octets of memory each.", 1000,
          std::uint64_t{1} << 34, [](const Settings& from) { return from.limits.accepted_ids_max; },
          [](Settings& to, std::uint64_t value) { to.limits.accepted_ids_max = value; }),
      number(
          "listings_per_day", "Listings that one node may publish in a day.", 10, 1'000'000,
          [](const Settings& from) { return from.limits.listings_per_day_max; },
          [](Settings& to, std::uint64_t value) { to.limits.listings_per_day_max = value; }),
      number(
          "listing_bytes_per_day", "Octets of all listings that one node may publish in a day.",
          1 << 20, std::uint64_t{1} << 40,
          [](const Settings& from) { return from.limits.listing_bytes_per_day_max; },
          [](Settings& to, std::uint64_t value) { to.limits.listing_bytes_per_day_max = value; }),
      number(
          "letters_per_day", "Letters accepted of one node in a day.", 1000, 1'000'000'000,
          [](const Settings& from) { return from.limits.letters_per_day_max; },
          [](Settings& to, std::uint64_t value) { to.limits.letters_per_day_max = value; }),
      number(
          "cache_bytes",
          "Octets of letters just accepted that are kept in memory until they are delivered.", 0,
          std::uint64_t{1} << 36, [](const Settings& from) { return from.cache_bytes; },
          [](Settings& to, std::uint64_t value) { to.cache_bytes = value; }),
      number(
          "strikes",
          "Frames of one node that cannot be read before its link ends; one is forgiven a minute.",
          1, 1000,
          [](const Settings& from) { return static_cast<std::uint64_t>(from.limits.strikes_max); },
          [](Settings& to, std::uint64_t value) {
            to.limits.strikes_max = static_cast<int>(value);
          }),
      time("expiry", "How long mail waits at most.", 1min, 24h * 365, &Limits::expiry_max),
      time("recovery_window",
           "How long a restored broker waits for its nodes to tell what they know, at most.", 1s,
           24h, &Limits::recovery_window),
  };
}

}  // namespace

std::vector<Setting> all_settings() {
  std::vector<Setting> out{
      text("", "name", "The exchange's name, as people see it.", &Settings::name, any_name),
      addresses("listen", "Where nodes connect. Port `*`: any free one.", &Settings::listen,
                is_listening),
      addresses("joining", "Where nodes join.", &Settings::joining, is_listening),
      addresses("advertise",
                "What invitations say instead of `listen`, if nodes reach this machine by other "
                "addresses.",
                &Settings::advertise, certs::is_address),
      addresses("advertise_joining", "The same for `joining`.", &Settings::advertise_joining,
                certs::is_address),
      text("", "console", "Health and metrics (loopback); \"\": none.", &Settings::console,
           console_address),
      text("", "log_level", "debug, info, warning or error.", &Settings::log_level, level),
      {"", "witnesses",
       "Witnesses outside the exchange that are asked to cosign its logs: of each \"URL KEY\", as\n"
       "\"https://witness.example.org/prefix witness.example.org/w1+5b17fbc7+BF3d...\".",
       [](const Settings& from) {
         std::vector<std::string> all;
         for (const auto& each : from.witnesses)
           all.push_back(encode(each));
         return shown(all);
       },
       [](Settings& to, const toml::node& node) -> Result<void> {
         const auto* list = node.as_array();
         if (list == nullptr || list->size() > 8)
           return fail(Reason::malformed, "a list of at most 8 witnesses is wanted");
         to.witnesses.clear();
         for (const auto& each : *list) {
           auto value = text_of(each);
           if (!value) return fail(value.error());
           auto witness = parse_outside_witness(*value);
           if (!witness) return fail(witness.error());
           to.witnesses.push_back(std::move(*witness));
         }
         return {};
       }},
      {"", "authority",
       "\"online\": this broker has the authority's key and signs what it admits. \"offline\": "
       "requests are\n"
       "written to DIR/authority/requests and certificates are picked up from "
       "DIR/authority/signed.",
       [](const Settings& from) { return quoted(from.authority_online ? "online" : "offline"); },
       [](Settings& to, const toml::node& node) -> Result<void> {
         auto value = text_of(node);
         if (!value || (*value != "online" && *value != "offline"))
           return fail(Reason::malformed, "\"online\" or \"offline\" is wanted");
         to.authority_online = *value == "online";
         return {};
       }},
  };
  for (auto& each : key_settings())
    out.push_back(std::move(each));
  for (auto& each : limit_settings())
    out.push_back(std::move(each));
  return out;
}

}  // namespace liaison::broker
