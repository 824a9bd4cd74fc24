#include <algorithm>
#include <set>

#include "base/deliberate_bug.h"
#include "base/log.h"
#include "crypto/digest.h"
#include "node/shell/engine_parts.h"

/// The registry's copy: what it teaches, and what this node publishes in it.
namespace liaison::node {
namespace {
constexpr Duration publish_again_after = std::chrono::minutes(1);
constexpr Duration former_again_after = std::chrono::hours(1);
constexpr Duration former_longest = std::chrono::hours(24 * 31);
constexpr const char* former_since_meta = "former_since";

}  // namespace

void Engine::Parts::load_registry(Now) {
  for (const auto& kept : registry.certificates()) {
    auto learnt = door.relearn(kept.der, kept.kind == CertificateKind::sealing, kept.under,
                               kept.first_seen, kept.confirmed);
    if (!learnt) continue;
    if (learnt->signing) learnt->signing->logged = kept.logged;
    if (learnt->sealing) learnt->sealing->logged = kept.logged;
    if (learnt->signing) peers.learn(std::move(*learnt->signing));
    if (learnt->sealing) peers.learn(std::move(*learnt->sealing));
  }
  load_revocations();
  for (const auto& listing : registry.listings())
    put_listing(listing);
  load_listings_waiting();
}

/// No entry stands in a registry twice.
bool Engine::Parts::stands_elsewhere(const wire::Entries& entries) {
  std::set<Digest> among_these;
  for (std::size_t i = 0; i < entries.entries.size(); ++i) {
    if (entries.first + i < replica.size() || LIAISON_BUG(revocation_goes_backwards)) continue;
    const auto digest = crypto::sha256(entries.entries[i].body);
    if (registry.stands(digest) || !among_these.insert(digest).second) return true;
  }
  return false;
}

void Engine::Parts::on(const wire::Entries& entries, Now now) {
  write();
  if (stands_elsewhere(entries)) {
    // Whichever was told first may be the wrong one, and may have the place of another that this
    // node would never learn of.
    log::warning("the exchange told an entry of its registry in two places; all is asked for anew");
    replica.forget();
    begin_registry_anew(now);
    hang_up = true;
    return;
  }
  bool first_copy = registry.number(copied_once_meta) == 0;
  auto decision = replica.entries(entries);
  for (std::size_t i = 0; i < decision.keep; ++i) {
    const auto& entry = entries.entries[decision.skip + i];
    registry.append(decision.from + i, entry);
    // A node that comes new to the exchange takes the past as the exchange tells it; a change that
    // it sees happen is measured by its own clock.
    learn(entry, decision.from + i, first_copy ? std::min(entry.at, now.wall) : now.wall, now);
  }
  if (decision.ask && link.is_ready()) say_last.emplace_back(*decision.ask);
  if (decision.keep > 0) {
    changed = true;
    outbox.certificates_changed();
    look_at_listings_again(now);
    // Not between two entries: who is shut out may join again in the next.
    if (replica.is_current()) end_answers_to_the_shut_out(now);
  }
  if (!logs.are_followed()) logged(now);
  if (replica.is_current()) count_attempts(inbox.came(Need::registry));
  if (decision.complete) registry_complete(now);
}

void Engine::Parts::learn(const wire::RegistryEntry& entry, std::optional<std::uint64_t> position,
                          Instant first_seen, Now now) {
  auto learnt = door.learn(entry, peers, first_seen);
  // In a registry that began anew what was in the log of the former one still counts.
  const auto was_logged = [&](const auto* known) {
    return !logs.are_followed() || (known != nullptr && known->logged);
  };
  if (learnt.signing) {
    const auto fingerprint = learnt.signing->fingerprint;
    const auto* known = peers.signing(fingerprint);
    const bool is_new = known == nullptr;
    learnt.signing->logged = was_logged(known);
    peers.learn(std::move(*learnt.signing));
    if (fingerprint == first_certificate) peers.confirm(fingerprint);
    const auto& fact = *peers.signing(fingerprint);
    registry.keep_certificate({fingerprint, CertificateKind::signing, learnt.certificate->der(),
                               fact.signed_by, first_seen, false, fact.logged, position});
    if (!fact.logged && position) await_logged(fingerprint, *position, now);
    if (is_new && !fact.signed_by) forget_life(fact.node);
    if (is_new && is_foreign(fact, *learnt.certificate)) {
      raise_key_alarm(fingerprint, now);
    } else if (fact.node == self()) {
      adopt(learnt.certificate->der(), now);
    }
  }
  if (learnt.sealing) {
    auto& fact = *learnt.sealing;
    fact.logged = was_logged(peers.sealing(fact.fingerprint));
    registry.keep_certificate({fact.fingerprint, CertificateKind::sealing,
                               learnt.certificate->der(), fact.signing, first_seen, false,
                               fact.logged, position});
    if (!fact.logged && position) await_logged(fact.fingerprint, *position, now);
    const auto node = fact.node;
    peers.learn(std::move(fact));
    outbox.sealing_key_changed(node);
    if (node == self()) {
      sealing_key_stands(entry.body, now);
      keys_due = true;
    }
  }
  if (learnt.revocations) take_revocations(*learnt.revocations, position, now);
  if (learnt.key_alarm) take_key_alarm(entry, *learnt.key_alarm, now);
  if (entry.kind == wire::EntryKind::log_key) logs.key_changed(entry, now);
  if (learnt.listing) take_listing(entry, *learnt.listing, learnt.listed_by, now);
}
void Engine::Parts::registry_complete(Now now) {
  if (registry.number(copied_once_meta) == 0) registry.set_number(first_copy_meta, replica.size());
  registry.set_number(copied_once_meta, 1);
  offer_former(now);
  registry.publish_lost_again();
  say_publications();
  keys_due = true;
  if (catch_up.is_active()) ask_everything(now);
}

void Engine::Parts::begin_registry_anew(Now now) {
  // What is offered to the exchange again must not be what it showed to this node alone; and no
  // more of that stays, or it would be as if it had been known for long when it is logged at last.
  // Of our own nobody else may know.
  const auto is_own = [&](const auto& of) { return of == certificate.fingerprint(); };
  for (const auto& [position, of] : unlogged)
    if (!is_own(of)) registry.drop(position);
  for (const auto& kept : registry.certificates()) {
    if (kept.logged || is_own(kept.fingerprint)) continue;
    registry.forget_certificate(kept.fingerprint);
    peers.forget(kept.fingerprint);
  }
  registry.set_number(first_copy_meta, 0);
  registry.begin_anew();
  registry.forget_positions();
  unlogged.clear();
  forget_lists_unlogged();
  alarms_waiting.clear();
  logs.registry_begins_anew();
  note_former_since(now);
}

/// What an epoch that is no more showed to be logged may have been shown to this node alone: it has
/// to be in the log of the registry that comes now, this node's own too, and in its place.
void Engine::Parts::epoch_went_back(std::uint64_t from, std::uint64_t to, Now now) {
  logs.went_back(from, to, now);
  if (!logs.are_followed()) return;
  for (const auto& kept : registry.certificates()) {
    registry.forget_certificate(kept.fingerprint);
    peers.forget(kept.fingerprint);
  }
}

void Engine::Parts::note_former_since(Now now) {
  registry.set_number(former_since_meta, static_cast<std::uint64_t>(to_ms(now.wall)));
}

void Engine::Parts::say_former(const std::vector<wire::Publication>& former, Now now) {
  const auto is_of_the_exchange = [](wire::EntryKind kind) {
    return kind == wire::EntryKind::authority || kind == wire::EntryKind::act ||
           kind == wire::EntryKind::log_key;
  };
  for (const auto& publication : former)
    if (!is_of_the_exchange(publication.kind)) say_publish.push_back(publication);
  former_at = now.steady + former_again_after;
}

/// What the exchange lost when it was restored: this node still has it, and offers it until it
/// stands again, or the exchange has refused it for long.
void Engine::Parts::offer_former(Now now) {
  if (now.steady < former_at || !link.is_ready() || !replica.is_current()) return;
  write();
  if (!clock.is_guarded(now)) {
    const auto since = static_cast<std::int64_t>(registry.number(former_since_meta));
    // None: a version before did not keep it. Or the clock was ahead then.
    if (since == 0 || from_ms(since) > now.wall) note_former_since(now);
    if (since != 0 && now.wall > from_ms(since) + former_longest) registry.forget_former();
  }
  say_former(registry.former_missing(), now);
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
    // A refusal may be of this minute, or this day, only: that is offered again.
    if (std::holds_alternative<std::uint64_t>(each.result)) registry.drop_former(each.digest);
    auto kept = registry.publication(each.digest);
    if (!kept) continue;
    if (std::holds_alternative<std::uint64_t>(each.result)) {
      registry.settle_publication(each.digest, PublicationState::stands, "");
      if (kept->publication.kind == wire::EntryKind::sealing_certificate)
        sealing_key_stands(kept->publication.body, now);
    } else {
      const auto& why = std::get<std::string>(each.result);
      // A listing's refusal is for its author to read; a key of ours must get there, and is said
      // again, unless it is needed no more.
      bool final = kept->publication.kind == wire::EntryKind::listing ||
                   kept->state == PublicationState::refused;
      registry.settle_publication(each.digest,
                                  final ? PublicationState::refused : PublicationState::waits, why);
      log::warning("the exchange refused a publication",
                   {{"kind", std::to_string(static_cast<int>(kept->publication.kind))}});
    }
    changed = true;
  }
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
  out.was_shut_out = p.peers.was_shut_out(node);
  out.reachable = p.peers.sealing_for(node, now).has_value();
  if (newest->logged && !p.peers.is_followed(*newest, now)) {
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
    return fail(Reason::not_found,
                "that node has no such certificate: status names those that are not followed, with "
                "their nodes");
  p.write();
  p.peers.confirm(certificate);
  p.registry.confirm_certificate(certificate);
  p.look_at_trust_again(now);
  log::info("a change of key was confirmed by a person", {{"node", node.text()}});
  return {};
}

}  // namespace liaison::node
