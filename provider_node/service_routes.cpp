#include <algorithm>
#include <nlohmann/json.hpp>

#include "casework/json/casework_json.h"
#include "node/desk/routes.h"
#include "provider_node/routes.h"
#include "web/json.h"
#include "web/problem.h"

namespace liaison::provider_node {
namespace {

using namespace node;
using nlohmann::json;
using web::Request;
using web::Response;

constexpr Roles publishers = {wire::UserRole::caseworker, wire::UserRole::practitioner,
                              wire::UserRole::manager, wire::UserRole::administrator};

const OwnListing* find_own(const std::vector<OwnListing>& own, const std::string& id) {
  const auto found = std::find_if(own.begin(), own.end(),
                                  [&](const OwnListing& one) { return one.listing.service == id; });
  return found == own.end() ? nullptr : &*found;
}

json own_json(const OwnListing& own, Instant now) {
  auto service = casework::parse_service(own.listing.open_referral);
  json out = json::object();
  if (service) {
    service->provider = own.listing.publisher;
    service->version = own.listing.version;
    service->published_at = own.listing.published_at;
    service->closed = own.listing.closed;
    out = casework::service_json(*service, now);
  }
  out["id"] = own.listing.service;
  out["version"] = own.listing.version;
  out["closed"] = own.listing.closed;
  out["replicated"] = own.replicated;
  out["refused"] = own.refused.empty() ? json(nullptr) : json(own.refused);
  return out;
}

Result<Shown> show(Engine& engine, Now now, const std::string& id) {
  const auto all = engine.own_listings();
  const auto* own = find_own(all, id);
  if (own == nullptr)
    return fail(Reason::not_found,
                "this provider has no service " + id + ": service list shows them");
  return Shown{web::to_text(own_json(*own, now.wall)), std::to_string(own->listing.version)};
}

Response list_own(Desk& desk, const Request&, const Caller&) {
  return desk.read([](Engine& engine, Now now) -> Result<Shown> {
    auto out = json::array();
    for (const auto& own : engine.own_listings())
      out.push_back(own_json(own, now.wall));
    return Shown{web::to_text(out), ""};
  });
}

Response publish(Desk& desk, const Request& request, const Caller& caller) {
  const auto service = casework::parse_service(request.body);
  if (!service) return web::problem(service.error());
  return desk.change(
      request, caller, Desk::Makes::new_thing,
      [&](Engine& engine, Now now) -> Result<std::string> {
        const auto version = engine.publish_listing(service->id, request.body, false, now);
        if (!version) return fail(version.error());
        return service->id;
      },
      [](Engine& engine, Now now, const std::string& id) { return show(engine, now, id); });
}

/// Published once more, as it was and closed, so that every office learns of it.
Response close(Desk& desk, const Request& request, const Caller& caller) {
  return desk.change(
      request, caller, Desk::Makes::change,
      [&](Engine& engine, Now now) -> Result<std::string> {
        const auto all = engine.own_listings();
        const auto* own = find_own(all, request.parameter("service"));
        if (own == nullptr) {
          return fail(Reason::not_found, "this provider has no service " +
                                             request.parameter("service") +
                                             ": service list shows them");
        }
        const auto same = check_version(request, std::to_string(own->listing.version));
        if (!same) return fail(same.error());
        const auto version =
            engine.publish_listing(own->listing.service, own->listing.open_referral, true, now);
        if (!version) return fail(version.error());
        return own->listing.service;
      },
      [](Engine& engine, Now now, const std::string& id) { return show(engine, now, id); });
}

}  // namespace

std::vector<DeskRoute> service_routes() {
  return {
      reads("/api/v1/own-services", everyone, "listOwnServices",
            "This provider's services, and whether the exchange has them", "OwnServices", list_own),
      posts("/api/v1/own-services", publishers, "publishService",
            "Publishes a service, or its next version", "OpenReferralService", "OwnService",
            publish),
      posts("/api/v1/own-services/{service}/close", publishers, "closeService",
            "Closes a service to new referrals", "", "OwnService", close),
  };
}

std::vector<DeskRoute> routes() {
  return joined(joined(common_routes(), service_routes()), referral_routes());
}

}  // namespace liaison::provider_node
