#include "certs/signing_request.h"

#include <nlohmann/json.hpp>

namespace liaison::certs {

namespace {

using nlohmann::json;

constexpr const char* format = "liaison-signing-request-1";

tl::unexpected<Error> wrong(const char* member) {
  return fail(Reason::malformed, std::string("not a signing request: \"") + member +
                                     "\" is missing or not of its form");
}

std::string text_of(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

Result<Capabilities> read_capabilities(const json& object) {
  const auto found = object.find("capabilities");
  if (found == object.end() || !found->is_array()) return wrong("capabilities");
  Capabilities out;
  for (const auto& each : *found) {
    const auto capability =
        parse_capability(each.is_string() ? each.get<std::string>() : std::string());
    if (!capability || out.has(*capability)) return wrong("capabilities");
    out.add(*capability);
  }
  return out;
}

Result<std::optional<Continuity>> read_continuity(const json& object) {
  if (!object.contains("previous") && !object.contains("continuity"))
    return std::optional<Continuity>();
  const auto previous = Fingerprint::parse(text_of(object, "previous"));
  if (!previous) return wrong("previous");
  auto signature = from_base64(text_of(object, "continuity"));
  if (!signature || signature->empty()) return wrong("continuity");
  return std::optional<Continuity>(Continuity{*previous, std::move(*signature)});
}

}  // namespace

std::string encode(const SigningRequest& request) {
  json capabilities = json::array();
  for (const auto each : request.enrolment.capabilities.list())
    capabilities.push_back(name_of(each));
  json out{{"format", format},
           {"node", request.enrolment.node.text()},
           {"organisation", request.enrolment.organisation},
           {"role", name_of(request.enrolment.role)},
           {"capabilities", std::move(capabilities)},
           {"request", to_base64(request.request)}};
  if (request.continuity) {
    out["previous"] = request.continuity->previous.text();
    out["continuity"] = to_base64(request.continuity->signature);
  }
  return out.dump(2) + '\n';
}

Result<SigningRequest> parse_signing_request(std::string_view text) {
  if (text.size() > signing_request_bytes_max)
    return fail(Reason::too_large, "the signing request is over 32 KiB");
  const auto object = json::parse(text, nullptr, false);
  if (!object.is_object() || text_of(object, "format") != format) return wrong("format");
  auto node = NodeId::parse(text_of(object, "node"));
  if (!node) return wrong("node");
  auto organisation = text_of(object, "organisation");
  if (!check_organisation(organisation)) return wrong("organisation");
  const auto role = parse_role(text_of(object, "role"));
  if (!role) return wrong("role");
  const auto capabilities = read_capabilities(object);
  if (!capabilities) return fail(capabilities.error());
  auto request = from_base64(text_of(object, "request"));
  if (!request || request->empty()) return wrong("request");
  auto continuity = read_continuity(object);
  if (!continuity) return fail(continuity.error());
  if (object.size() != (*continuity ? 8U : 6U)) {
    return fail(Reason::malformed,
                "not a signing request: it has a member that this version does not know");
  }
  return SigningRequest{{std::move(*node), std::move(organisation), *role, *capabilities},
                        std::move(*request),
                        std::move(*continuity)};
}

}  // namespace liaison::certs
