#include <algorithm>

#include "base/deliberate_bug.h"
#include "base/log.h"
#include "casework/json/casework_json.h"
#include "crypto/digest.h"
#include "node/shell/engine_parts.h"
#include "wire/limits.h"
#include "wire/registry.h"

/// The registry's copy: what it teaches, and what this node publishes in it.
namespace liaison::node {
namespace {
constexpr Duration publish_again_after = std::chrono::minutes(1);
constexpr const char* revocations_meta = "revocations";

std::map<Bytes, Revoked> revoked_of(const crypto::RevocationList& list) {
  std::map<Bytes, Revoked> out;
  for (const auto& entry : list.entries())
    out.emplace(entry.serial,
                Revoked{entry.reason == crypto::RevocationReason::superseded, entry.holds_until()});
  return out;
}
}  // namespace

void Engine::Parts::load_registry(Now) {
  for (const auto& kept : registry.certificates()) {
    auto learnt = door.relearn(kept.der, kept.kind == CertificateKind::sealing, kept.under,
                               kept.first_seen, kept.confirmed);
    if (!learnt) continue;
    if (learnt->signing) peers.learn(std::move(*learnt->signing));
    if (learnt->sealing) peers.learn(std::move(*learnt->sealing));
  }
  if (auto kept = registry.meta(revocations_meta))
    if (auto list = crypto::RevocationList::parse(*kept))
      peers.revoke(list->number(), revoked_of(*list));
  for (const auto& listing : registry.listings())
    put_listing(listing);
  load_listings_waiting();
}

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

void Engine::Parts::on(const wire::Entries& entries, Now now) {
  write();
  // No entry stands in a registry twice. One that comes again, an old list of revocations say,
  // would take the place of another that this node then never learns of.
  for (std::size_t i = 0; i < entries.entries.size(); ++i) {
    if (entries.first + i < replica.size() || LIAISON_BUG(revocation_goes_backwards)) continue;
    if (!registry.stands(crypto::sha256(entries.entries[i].body))) continue;
    log::warning("the exchange sent an entry of its registry again as another; it was not used");
    hang_up = true;
    return;
  }
  bool first_copy = registry.number("copied_once") == 0;
  auto decision = replica.entries(entries);
  for (std::size_t i = 0; i < decision.keep; ++i) {
    const auto& entry = entries.entries[decision.skip + i];
    registry.append(decision.from + i, entry);
    // A node that comes new to the exchange takes the past as the exchange tells it; a change that
    // it sees happen is measured by its own clock.
    learn(entry, first_copy ? std::min(entry.at, now.wall) : now.wall, now);
  }
  if (decision.ask && link.is_ready()) say_last.emplace_back(*decision.ask);
  if (decision.keep > 0) {
    changed = true;
    outbox.certificates_changed();
    count_attempts(inbox.came(Need::registry));
    look_at_listings_again(now);
  }
  if (decision.complete) registry_complete(now);
}

void Engine::Parts::learn(const wire::RegistryEntry& entry, Instant first_seen, Now now) {
  auto learnt = door.learn(entry, peers, first_seen);
  if (learnt.signing) {
    const auto& fact = *learnt.signing;
    registry.keep_certificate({fact.fingerprint, CertificateKind::signing,
                               learnt.certificate->der(), fact.continues, fact.first_seen, false});
    bool own = fact.node == self();
    peers.learn(std::move(*learnt.signing));
    if (own) adopt(learnt.certificate->der(), now);
  }
  if (learnt.sealing) {
    registry.keep_certificate({learnt.sealing->fingerprint, CertificateKind::sealing,
                               learnt.certificate->der(), learnt.sealing->signing, first_seen,
                               false});
    const auto node = learnt.sealing->node;
    peers.learn(std::move(*learnt.sealing));
    outbox.sealing_key_changed(node);
    if (node == self()) {
      sealing_key_stands(entry.body, now);
      keys_due = true;
    }
  }
  if (learnt.revocations &&
      peers.revoke(learnt.revocations->number(), revoked_of(*learnt.revocations)))
    registry.set_meta(revocations_meta, learnt.revocations->der());
  if (learnt.listing) take_listing(entry, *learnt.listing, learnt.listed_by, now);
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
    case Standing::unproven:
      listings_waiting.push_back(entry);
      return;
    case Standing::unknown:
    case Standing::revoked:
    case Standing::another_node:
      return;
  }
}

void Engine::Parts::look_at_listings_again(Now now) {
  for (const auto& entry : std::exchange(listings_waiting, {}))
    learn(entry, entry.at, now);
}

/// After a start: what had come and did not count yet.
void Engine::Parts::load_listings_waiting() {
  for (auto& entry : registry.entries_of(wire::EntryKind::listing)) {
    const auto signed_listing = wire::decode_signed_listing(entry.body);
    const auto said = signed_listing ? wire::decode_listing(signed_listing->body)
                                     : Result<wire::Listing>(fail(signed_listing.error()));
    if (!said) continue;
    const auto kept = registry.listing(said->publisher, said->service);
    if (!kept || kept->version < said->version) listings_waiting.push_back(std::move(entry));
  }
}

void Engine::Parts::registry_complete(Now now) {
  registry.set_number("copied_once", 1);
  // What the exchange lost when it was restored: this node still has it, and offers it until the
  // exchange has answered.
  for (auto& publication : registry.former_missing())
    if (publication.kind != wire::EntryKind::authority && publication.kind != wire::EntryKind::act)
      say_publish.push_back(std::move(publication));
  registry.publish_lost_again();
  say_publications();
  keys_due = true;
  if (catch_up.is_active()) ask_everything(now);
}

void Engine::Parts::publish(wire::EntryKind kind, Bytes body, const std::string& service,
                            std::uint32_t version, Now now) {
  write();
  StoredPublication publication;
  publication.digest = crypto::sha256(body);
  publication.publication = {kind, std::move(body)};
  publication.state = PublicationState::waits;
  publication.at = now.wall;
  publication.service = service;
  publication.version = version;
  registry.keep_publication(publication);
  if (link.is_ready()) say_publish.push_back(std::move(publication.publication));
  publish_at = now.steady + publish_again_after;
}

void Engine::Parts::say_publications() {
  if (!link.is_ready()) return;
  for (auto& each : registry.waiting_publications())
    say_publish.push_back(std::move(each));
  publish_at = last_now.steady + publish_again_after;
}

void Engine::Parts::on(const std::vector<wire::Published>& published, Now now) {
  write();
  for (const auto& each : published) {
    registry.drop_former(each.digest);
    auto kept = registry.publication(each.digest);
    if (!kept) continue;
    if (std::holds_alternative<std::uint64_t>(each.result)) {
      registry.settle_publication(each.digest, PublicationState::stands, "");
      if (kept->publication.kind == wire::EntryKind::sealing_certificate)
        sealing_key_stands(kept->publication.body, now);
    } else {
      const auto& why = std::get<std::string>(each.result);
      // A listing's refusal is for its author to read; a key of ours must get there, and is said
      // again.
      bool final = kept->publication.kind == wire::EntryKind::listing;
      registry.settle_publication(each.digest,
                                  final ? PublicationState::refused : PublicationState::waits, why);
      log::warning("the exchange refused a publication",
                   {{"kind", std::to_string(static_cast<int>(kept->publication.kind))}});
    }
    changed = true;
  }
}

Result<std::uint32_t> Engine::publish_listing(const std::string& service,
                                              const std::string& open_referral, bool closed,
                                              Now now) {
  auto& p = *parts_;
  if (service.empty() || service.size() > 64)
    return fail(Reason::malformed, "a service's id has 1 to 64 characters");
  if (open_referral.size() > wire::listing_text_max)
    return fail(Reason::too_large, "a service's JSON is at most 128 KiB: shorten its descriptions");
  auto version = p.registry.newest_version(service);
  if (auto listed = p.registry.listing(p.self(), service))
    version = std::max(version, listed->version);
  wire::Listing listing;
  listing.publisher = p.self();
  listing.service = service;
  listing.version = version + 1;
  listing.published_at = now.wall;
  listing.closed = closed;
  listing.open_referral = open_referral;
  wire::SignedListing published;
  published.body = wire::encode(listing);
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
    auto published = wire::decode_signed_listing(each.publication.body);
    if (!published) continue;
    auto listing = wire::decode_listing(published->body);
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

std::optional<PeerView> Engine::peer(const NodeId& node) const {
  const auto& p = *parts_;
  const auto* newest = p.peers.newest(node);
  if (newest == nullptr) return std::nullopt;
  auto now = p.last_now.wall;
  PeerView out;
  out.node = node;
  out.organisation = newest->organisation;
  out.role = newest->role;
  out.capabilities = newest->capabilities;
  out.revoked = p.peers.is_revoked(node);
  out.reachable = p.peers.sealing_for(node, now).has_value();
  if (!p.peers.is_followed(*newest, now)) {
    out.unproven_key = newest->fingerprint;
    out.unproven_until = newest->first_seen + Peers::unproven_pause;
  }
  return out;
}

std::vector<PeerView> Engine::peers() const {
  std::vector<PeerView> out;
  for (const auto& node : parts_->peers.nodes())
    out.push_back(*peer(node));
  return out;
}

Result<void> Engine::confirm_key(const NodeId& node, const Fingerprint& certificate, Now now) {
  auto& p = *parts_;
  const auto* fact = p.peers.signing(certificate);
  if (fact == nullptr || fact->node != node)
    return fail(Reason::not_found, "that node has no such certificate: see the list of nodes");
  p.write();
  p.peers.confirm(certificate);
  p.registry.confirm_certificate(certificate);
  p.outbox.certificates_changed();
  p.count_attempts(p.inbox.came(Need::registry));
  p.look_at_listings_again(now);
  p.changed = true;
  log::info("a change of key was confirmed by a person", {{"node", node.text()}});
  return {};
}

}  // namespace liaison::node
