#include <algorithm>
#include <charconv>
#include <map>
#include <nlohmann/json.hpp>

#include "casework/json/casework_json.h"
#include "node/desk/routes.h"
#include "web/json.h"

namespace liaison::node {
namespace {

using nlohmann::json;
using web::Request;
using web::Response;

constexpr std::size_t page_size_default = 50;
constexpr std::size_t page_size_max = 200;

/// Nobody can be referred to a provider that has left the exchange.
bool has_left(const Engine& engine, const casework::Service& service) {
  const auto provider = engine.peer(service.provider);
  return provider && provider->revoked;
}

std::vector<const casework::Service*> offered(const Engine& engine, const std::string& words) {
  auto out = engine.directory().search(words);
  std::map<NodeId, bool> left;
  out.erase(std::remove_if(out.begin(), out.end(),
                           [&](const casework::Service* service) {
                             const auto [at, fresh] = left.emplace(service->provider, false);
                             if (fresh) at->second = has_left(engine, *service);
                             return at->second;
                           }),
            out.end());
  return out;
}

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

/// The listing exactly as its provider published it.
Result<json> as_published(const Engine& engine, const casework::Service& service) {
  const auto listing = engine.listing(service.provider, service.id);
  if (!listing) return fail(listing.error());
  return web::parse_json_object(listing->open_referral);
}

Response open_referral_root(Desk& desk, const Request&, const Caller&) {
  return desk.read([](Engine&, Now) -> Result<Shown> {
    return Shown{web::to_text({{"version", "3.0"},
                               {"profile", "https://docs.openreferraluk.org/en/latest/"},
                               {"openapi_url",
                                "https://openreferraluk.org/specifications/3.0/openapi.json"}}),
                 ""};
  });
}

Response open_referral_services(Desk& desk, const Request& request, const Caller&) {
  return desk.read([&](Engine& engine, Now) -> Result<Shown> {
    const auto found = offered(engine, request.query_value("search").value_or(""));
    const auto size =
        std::clamp(number(request, "per_page", page_size_default), std::size_t{1}, page_size_max);
    const auto pages = std::max<std::size_t>(1, (found.size() + size - 1) / size);
    const auto page = std::clamp(number(request, "page", 1), std::size_t{1}, pages);
    auto contents = json::array();
    for (std::size_t i = (page - 1) * size; i < std::min(found.size(), page * size); ++i) {
      auto service = as_published(engine, *found[i]);
      if (service) contents.push_back(std::move(*service));
    }
    const auto count = contents.size();
    return Shown{web::to_text({{"total_items", found.size()},
                               {"total_pages", pages},
                               {"page_number", page},
                               {"size", count},
                               {"first_page", page == 1},
                               {"last_page", page == pages},
                               {"empty", count == 0},
                               {"contents", std::move(contents)}}),
                 ""};
  });
}

Response open_referral_service(Desk& desk, const Request& request, const Caller&) {
  return desk.read([&](Engine& engine, Now) -> Result<Shown> {
    const auto service = engine.directory().find(request.parameter("id"));
    if (!service) return fail(service.error());
    const auto published = as_published(engine, **service);
    if (!published) return fail(published.error());
    return Shown{web::to_text(*published), ""};
  });
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
            "A page of services, as published", "OpenReferralPage", open_referral_services),
      reads("/open-referral/services/{id}", {}, "openReferralService", "One service, as published",
            "OpenReferralService", open_referral_service),
  };
}

}  // namespace liaison::node
