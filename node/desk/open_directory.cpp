#include "node/desk/open_directory.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "node/shell/engine.h"
#include "web/json.h"

namespace liaison::node {

OpenDirectory::OpenDirectory(std::vector<OpenService> services) {
  for (auto& [service, published] : services) {
    const auto parsed = web::parse_json_object(published);
    if (!parsed) continue;
    auto text = web::to_text(*parsed);
    longest_ = std::max(longest_, text.size());
    texts_.insert_or_assign(casework::reference_of(service), std::move(text));
    services_.put(std::move(service));
  }
}

std::string OpenDirectory::page(const std::string& words, std::size_t per_page,
                                std::size_t number) const {
  const auto found = services_.search(words);
  const auto most = std::clamp(page_bytes_max / longest_, std::size_t{1}, page_size_max);
  const auto size = std::clamp(per_page, std::size_t{1}, most);
  const auto pages = std::max<std::size_t>(1, (found.size() + size - 1) / size);
  const auto at = std::clamp(number, std::size_t{1}, pages);
  const auto begin = (at - 1) * size;
  const auto end = std::min(found.size(), at * size);
  std::string out = R"({"contents":[)";
  for (auto i = begin; i < end; ++i) {
    if (i > begin) out += ',';
    out += texts_.at(casework::reference_of(*found[i]));
  }
  const auto rest = web::to_text({{"total_items", found.size()},
                                  {"total_pages", pages},
                                  {"page_number", at},
                                  {"size", end - begin},
                                  {"first_page", at == 1},
                                  {"last_page", at == pages},
                                  {"empty", begin == end}});
  return out + "]," + rest.substr(1);
}

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

std::vector<OpenService> open_services(const Engine& engine) {
  std::vector<OpenService> out;
  for (const auto* service : offered(engine, "")) {
    auto listing = engine.listing(service->provider, service->id);
    if (listing) out.push_back({*service, std::move(listing->open_referral)});
  }
  return out;
}

}  // namespace liaison::node
