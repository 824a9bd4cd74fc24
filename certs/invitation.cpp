#include "certs/invitation.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/check.h"
#include "crypto/digest.h"

namespace liaison::certs {

namespace {

using nlohmann::json;

constexpr std::string_view prefix = "liaison-invitation-1.";
constexpr std::string_view any_version = "liaison-invitation-";
constexpr std::size_t addresses_max = 8;
constexpr std::size_t log_keys_max = 8;
constexpr std::size_t checksum_digits = 8;

std::string checksum_of(std::string_view text) {
  return crypto::sha256(as_bytes(text)).text().substr(0, checksum_digits);
}

tl::unexpected<Error> damaged() {
  return fail(
      Reason::malformed,
      "the invitation is damaged: copy the whole line again, or ask the exchange for a new one");
}

std::string without_white_space(std::string_view text) {
  std::string out;
  std::copy_if(text.begin(), text.end(), std::back_inserter(out), [](char each) {
    return each != ' ' && each != '\t' && each != '\r' && each != '\n';
  });
  return out;
}

std::string to_json(const Invitation& invitation) {
  json log_keys = json::array();
  for (const auto& key : invitation.log_keys)
    log_keys.push_back(key.text());
  // nlohmann orders the keys by name: one invitation has one text.
  return json{{"authority", invitation.authority.text()},
              {"broker", invitation.broker.text()},
              {"exchange", invitation.exchange},
              {"expires", to_rfc3339(invitation.expires)},
              {"joining", invitation.joining},
              {"log_keys", log_keys},
              {"node", invitation.node.text()},
              {"secret", invitation.secret.text()}}
      .dump();
}

/// The text under `name`; empty if there is none, which no field takes.
std::string text_of(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::optional<std::vector<std::string>> texts_of(const json& object, const char* name,
                                                 std::size_t least, std::size_t most) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_array() || found->size() < least || found->size() > most)
    return std::nullopt;
  std::vector<std::string> out;
  for (const auto& each : *found) {
    if (!each.is_string()) return std::nullopt;
    out.push_back(each.get<std::string>());
  }
  return out;
}

bool are_addresses(const std::vector<std::string>& list) {
  return std::all_of(list.begin(), list.end(), [](const auto& each) { return is_address(each); });
}

Result<Invitation> from_json(std::string_view text) {
  const auto object = json::parse(text, nullptr, false);
  if (!object.is_object()) return damaged();
  auto node = NodeId::parse(text_of(object, "node"));
  auto exchange = texts_of(object, "exchange", 1, addresses_max);
  auto joining = texts_of(object, "joining", 1, addresses_max);
  const auto broker = CurveKey::parse(text_of(object, "broker"));
  const auto authority = Fingerprint::parse(text_of(object, "authority"));
  const auto secret = InvitationSecret::parse(text_of(object, "secret"));
  const auto expires = parse_rfc3339(text_of(object, "expires"));
  const auto log_keys = texts_of(object, "log_keys", 0, log_keys_max);
  if (!node || !exchange || !joining || !broker || !authority || !secret || !expires || !log_keys ||
      !are_addresses(*exchange) || !are_addresses(*joining)) {
    return damaged();
  }
  Invitation out{
      std::move(*node), std::move(*exchange), std::move(*joining), *broker, *authority, {}, *secret,
      *expires};
  for (const auto& each : *log_keys) {
    const auto key = crypto::WitnessKey::parse(each);
    if (!key) return damaged();
    out.log_keys.push_back(*key);
  }
  return out;
}

bool is_port(std::string_view text) {
  if (text.empty() || text.size() > 5 || text.front() == '0') return false;
  int value = 0;
  for (const char each : text) {
    if (each < '0' || each > '9') return false;
    value = value * 10 + (each - '0');
  }
  return value <= 65535;
}

bool all_of(std::string_view text, std::string_view allowed) {
  return text.find_first_not_of(allowed) == std::string_view::npos;
}

}  // namespace

bool is_address(std::string_view text) {
  constexpr std::string_view scheme = "tcp://";
  if (text.size() > 300 || text.substr(0, scheme.size()) != scheme) return false;
  text.remove_prefix(scheme.size());
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos || !is_port(text.substr(colon + 1))) return false;
  auto host = text.substr(0, colon);
  if (host.empty()) return false;
  if (host.front() == '[') {
    return host.size() > 3 && host.back() == ']' &&
           all_of(host.substr(1, host.size() - 2), "0123456789abcdefABCDEF:.");
  }
  return host.front() != '-' && host.front() != '.' &&
         all_of(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.");
}

std::string encode(const Invitation& invitation) {
  LIAISON_CHECK(!invitation.node.empty() && are_addresses(invitation.exchange) &&
                are_addresses(invitation.joining));
  std::string out(prefix);
  out += to_base64url(as_bytes(to_json(invitation)));
  const auto checksum = checksum_of(out);
  return out + '.' + checksum;
}

Result<Invitation> parse_invitation(std::string_view text) {
  if (text.size() > invitation_characters_max) return damaged();
  const auto line = without_white_space(text);
  if (line.empty())
    return fail(Reason::malformed, "there is no invitation: give the line that the exchange sent");
  if (line.compare(0, prefix.size(), prefix) != 0) {
    if (line.compare(0, any_version.size(), any_version) == 0) {
      return fail(Reason::unsupported,
                  "the invitation is of a later version: install the newest Liaison");
    }
    return fail(Reason::malformed, "this is no invitation: it begins with " + std::string(prefix));
  }
  const auto dot = line.rfind('.');
  if (dot < prefix.size() ||
      line.substr(dot + 1) != checksum_of(std::string_view(line).substr(0, dot))) {
    return damaged();
  }
  const auto body =
      from_base64url(std::string_view(line).substr(prefix.size(), dot - prefix.size()));
  if (!body) return damaged();
  auto out = from_json(as_text(*body));
  // Written anew it must be the same: no member twice, none that this version does not know.
  if (out && encode(*out) != line) return damaged();
  return out;
}

}  // namespace liaison::certs
