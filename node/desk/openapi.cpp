#include <nlohmann/json.hpp>

#include "node/desk/openapi_components.h"
#include "node/desk/routes.h"
#include "web/json.h"

namespace liaison::node {
namespace {

using nlohmann::json;

json reference(const std::string& schema) {
  return {{"$ref", "#/components/schemas/" + schema}};
}

json content_of(const std::string& schema) {
  if (schema == "Octets") return {{"application/octet-stream", json::object()}};
  if (schema == "Text") return {{"text/plain", json::object()}};
  if (schema == "EventStream") return {{"text/event-stream", json::object()}};
  return {{"application/json", {{"schema", reference(schema)}}}};
}

json parameters_of(const DeskRoute& route) {
  auto out = json::array();
  for (auto at = route.pattern.find('{'); at != std::string::npos;
       at = route.pattern.find('{', at + 1)) {
    const auto end = route.pattern.find('}', at);
    out.push_back({{"name", route.pattern.substr(at + 1, end - at - 1)},
                   {"in", "path"},
                   {"required", true},
                   {"schema", {{"type", "string"}}}});
  }
  if (route.method == web::Method::post && !route.roles.empty()) {
    out.push_back({{"$ref", "#/components/parameters/IdempotencyKey"}});
  }
  if (route.method == web::Method::patch)
    out.push_back({{"$ref", "#/components/parameters/IdempotencyKeyIfAny"}});
  if (web::is_unsafe(route.method) && route.pattern.find('{') != std::string::npos) {
    out.push_back({{"$ref", "#/components/parameters/IfMatch"}});
  }
  return out;
}

json operation_of(const DeskRoute& route) {
  json good = {{"description", "Done"}};
  if (!route.answer.empty()) good["content"] = content_of(route.answer);
  const char* status = route.answer.empty()                ? "204"
                       : route.method == web::Method::post ? "2XX"
                                                           : "200";
  json out = {
      {"operationId", route.name},
      {"summary", route.about},
      {"parameters", parameters_of(route)},
      {"responses",
       {{status, std::move(good)}, {"default", {{"$ref", "#/components/responses/Problem"}}}}}};
  if (!route.body.empty())
    out["requestBody"] = {{"required", true}, {"content", content_of(route.body)}};
  out["security"] = json::array();
  if (!route.roles.empty())
    out["security"] = {{{"bearer", json::array()}}, {{"session", json::array()}}};
  return out;
}

std::string lower(std::string text) {
  for (auto& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

}  // namespace

std::string openapi_document(const std::vector<DeskRoute>& routes, NodeRole role,
                             const SessionCookie& cookie) {
  auto paths = json::object();
  for (const auto& route : routes)
    paths[route.pattern][lower(web::name_of(route.method))] = operation_of(route);
  auto components = json::parse(openapi_components);
  components["securitySchemes"]["session"]["name"] = cookie.name();
  json document = {
      {"openapi", "3.1.0"},
      {"info",
       {{"title",
         role == NodeRole::adviser ? "Liaison, an office's desk" : "Liaison, a provider's desk"},
        {"version", "0.1.0"},
        {"description", "Texts and records of clients travel in bodies, never in addresses."},
        {"license", {{"name", "Apache-2.0"}, {"identifier", "Apache-2.0"}}}}},
      {"paths", std::move(paths)},
      {"components", std::move(components)}};
  return web::to_text(document);
}

}  // namespace liaison::node
