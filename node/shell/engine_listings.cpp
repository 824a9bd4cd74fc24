#include "casework/json/casework_json.h"
#include "node/shell/engine_parts.h"
#include "wire/limits.h"
#include "wire/registry.h"

/// Listings: what providers offer, as far as their publishers are believed, and this node's own.
namespace liaison::node {
namespace {

/// What a registry's entry or a publication of that kind says; its signature is not looked at.
std::optional<wire::Listing> listing_in(ByteView body) {
  const auto published = wire::decode_signed_listing(body);
  if (!published) return std::nullopt;
  auto listing = wire::decode_listing(published->body);
  if (!listing) return std::nullopt;
  return std::move(*listing);
}

}  // namespace

void Engine::Parts::put_listing(const ListingView& listing) {
  auto service = casework::parse_service(listing.open_referral);
  if (!service)
    return;  // of a later version, or a publisher's mistake: it stays in the registry's copy
  service->provider = listing.publisher;
  service->id = listing.service;
  service->version = listing.version;
  service->published_at = listing.published_at;
  service->closed = listing.closed;
  // Who it is the authority has certified; what a listing says of that is its publisher's word.
  if (const auto* fact = peers.newest(listing.publisher))
    service->organisation = fact->organisation;
  directory.put(std::move(*service));
}

/// Counts once its signer is followed, as letters do: until then who has only a new key of a
/// provider's does not change what is shown of it.
void Engine::Parts::take_listing(const wire::RegistryEntry& entry, const ListingView& listing,
                                 const Fingerprint& signer, Now now) {
  switch (peers.signer_of_event(signer, listing.publisher, listing.published_at, now.wall)) {
    case Standing::good:
      registry.keep_listing(listing);
      put_listing(listing);
      changed = true;
      return;
    case Standing::unlogged:
    case Standing::unproven:
      listings_waiting.push_back(entry);
      return;
    case Standing::unknown:
    case Standing::contested:
    case Standing::revoked:
    case Standing::another_node:
      return;
  }
}

void Engine::Parts::look_at_listings_again(Now now) {
  for (const auto& entry : std::exchange(listings_waiting, {}))
    learn(entry, std::nullopt, entry.at, now);
}

/// After a start: what had come and did not count yet.
void Engine::Parts::load_listings_waiting() {
  for (auto& entry : registry.entries_of(wire::EntryKind::listing)) {
    const auto said = listing_in(entry.body);
    if (!said) continue;
    const auto kept = registry.listing(said->publisher, said->service);
    if (!kept || kept->version < said->version) listings_waiting.push_back(std::move(entry));
  }
}

/// The last version of a service of ours that the exchange has, whether or not who signed it is
/// believed now.
std::uint32_t Engine::Parts::version_listed(const std::string& service) {
  std::uint32_t version = registry.newest_version(service);
  for (const auto& entry : registry.entries_of(wire::EntryKind::listing)) {
    const auto said = listing_in(entry.body);
    if (said && said->publisher == self() && said->service == service)
      version = std::max(version, said->version);
  }
  return version;
}

Result<std::uint32_t> Engine::publish_listing(const std::string& service,
                                              const std::string& open_referral, bool closed,
                                              Now now) {
  auto& p = *parts_;
  if (open_referral.size() > wire::listing_text_max)
    return fail(Reason::too_large, "a service's JSON is at most 128 KiB: shorten its descriptions");
  wire::Listing listing;
  listing.publisher = p.self();
  listing.service = service;
  listing.version = p.version_listed(service) + 1;
  listing.published_at = now.wall;
  listing.closed = closed;
  listing.open_referral = open_referral;
  wire::SignedListing published;
  published.body = wire::encode(listing);
  // Others read it by the same rule; all else in it was looked at above, or is this node's own.
  if (!wire::decode_listing(published.body))
    return fail(Reason::malformed,
                "a service's id has 1 to 64 letters, digits and signs, but no blank and no slash");
  published.signature = p.signing.sign(wire::signed_bytes_of_listing(published.body));
  published.certificate = p.certificate.fingerprint();
  p.publish(wire::EntryKind::listing, wire::encode(published), service, listing.version, now);
  p.changed = true;
  return listing.version;
}

std::vector<OwnListing> Engine::own_listings() const {
  auto& p = *parts_;
  std::map<std::string, OwnListing> newest;
  for (const auto& each : p.registry.published_listings()) {
    const auto listing = listing_in(each.publication.body);
    if (!listing) continue;
    auto& own = newest[listing->service];
    if (own.listing.version > listing->version) continue;
    own.listing = {p.self(),
                   p.profile.organisation,
                   listing->service,
                   listing->version,
                   listing->published_at,
                   listing->closed,
                   listing->open_referral};
    own.replicated = each.state == PublicationState::stands;
    own.refused = each.state == PublicationState::refused ? each.refused : "";
  }
  // A restored node may have published more than its own record says.
  for (const auto& listing : p.registry.listings()) {
    if (listing.publisher != p.self()) continue;
    auto& own = newest[listing.service];
    if (own.listing.version >= listing.version) continue;
    own.listing = listing;
    own.listing.organisation = p.profile.organisation;
    own.replicated = true;
    own.refused.clear();
  }
  std::vector<OwnListing> out;
  for (auto& [service, own] : newest)
    out.push_back(std::move(own));
  return out;
}

const casework::Directory& Engine::directory() const {
  return parts_->directory;
}

Result<ListingView> Engine::listing(const NodeId& publisher, const std::string& service) const {
  auto& p = *parts_;
  auto listing = p.registry.listing(publisher, service);
  if (!listing) return fail(Reason::not_found, "no such service in the directory");
  if (const auto* fact = p.peers.newest(publisher)) listing->organisation = fact->organisation;
  return *listing;
}

}  // namespace liaison::node
