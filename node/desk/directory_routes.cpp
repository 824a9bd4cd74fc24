#include <charconv>
#include <nlohmann/json.hpp>

#include "casework/json/casework_json.h"
#include "node/desk/open_directory.h"
#include "node/desk/routes.h"
#include "node/shell/loop.h"
#include "web/json.h"
#include "web/problem.h"

namespace liaison::node {
namespace {

using nlohmann::json;
using web::Request;
using web::Response;

constexpr std::size_t page_size_default = 50;

Response find_services(Desk& desk, const Request& request, const Caller&) {
  return desk.read([&](Engine& engine, Now now) -> Result<Shown> {
    auto out = json::array();
    for (const auto* service : offered(engine, request.query_value("q").value_or(""))) {
      out.push_back(casework::service_json(*service, now.wall));
    }
    return Shown{web::to_text(out), ""};
  });
}

Result<Shown> show(Engine& engine, Now now, const std::string& reference) {
  const auto service = engine.directory().find(reference);
  if (!service) return fail(service.error());
  auto out = casework::service_json(**service, now.wall);
  out["provider_left"] = has_left(engine, **service);
  return Shown{web::to_text(out), std::to_string((*service)->version)};
}

Response show_service(Desk& desk, const Request& request, const Caller&) {
  return desk.read(
      [&](Engine& engine, Now now) { return show(engine, now, request.parameter("service")); });
}

Response show_service_of(Desk& desk, const Request& request, const Caller&) {
  return desk.read([&](Engine& engine, Now now) {
    return show(engine, now, request.parameter("publisher") + "/" + request.parameter("service"));
  });
}

std::size_t number(const Request& request, const char* name, std::size_t otherwise) {
  const auto text = request.query_value(name).value_or("");
  std::size_t out = otherwise;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

Response with_json(std::string text) {
  Response out;
  out.body = std::move(text);
  return out;
}

// Who asks for these need not say who they are: the engine's thread does little for them.

Response open_referral_root(Desk&, const Request&, const Caller&) {
  return with_json(web::to_text(
      {{"version", "3.0"},
       {"profile", "https://docs.openreferraluk.org/en/latest/"},
       {"openapi_url", "https://openreferraluk.org/specifications/3.0/openapi.json"}}));
}

Response open_referral_services(Desk& desk, const Request& request, const Caller&) {
  return with_json(desk.open_directory()->page(request.query_value("search").value_or(""),
                                               number(request, "per_page", page_size_default),
                                               number(request, "page", 1)));
}

/// The listing exactly as its provider published it; a closed one too.
Response open_referral_service(Desk& desk, const Request& request, const Caller&) {
  const auto published = desk.loop().call([&](Engine& engine, Now) -> Result<std::string> {
    const auto service = engine.directory().find(request.parameter("id"));
    if (!service) return fail(service.error());
    auto listing = engine.listing((*service)->provider, (*service)->id);
    if (!listing) return fail(listing.error());
    return std::move(listing->open_referral);
  });
  if (!published) return web::problem(published.error());
  const auto parsed = web::parse_json_object(*published);
  return parsed ? with_json(web::to_text(*parsed)) : web::problem(parsed.error());
}

}  // namespace

std::vector<DeskRoute> directory_routes() {
  return {
      reads("/api/v1/services", everyone, "findServices",
            "Services of the exchange in which every word of `q` occurs", "Services",
            find_services),
      reads("/api/v1/services/{service}", everyone, "showService", "One service, by its id",
            "Service", show_service),
      reads("/api/v1/services/{publisher}/{service}", everyone, "showServiceOf",
            "One service of one provider", "Service", show_service_of),
      reads("/open-referral", {}, "openReferral", "Which version of Open Referral is spoken here",
            "OpenReferral", open_referral_root),
      reads("/open-referral/", {}, "openReferralRoot",
            "Which version of Open Referral is spoken here", "OpenReferral", open_referral_root),
      reads("/open-referral/services", {}, "openReferralServices",
            "A page of services, as published; at most five seconds behind what is known",
            "OpenReferralPage", open_referral_services),
      reads("/open-referral/services/{id}", {}, "openReferralService", "One service, as published",
            "OpenReferralService", open_referral_service),
  };
}

}  // namespace liaison::node
