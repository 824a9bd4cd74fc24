#include "node/core/peers.h"

#include <algorithm>

#include "base/deliberate_bug.h"

namespace liaison::node {

void Peers::learn(SigningFact fact) {
  order_changes(fact.node);
  // Others may have it by now: who was replaced, or shut out.
  if (fact.signed_by && is_listed(*fact.signed_by)) fact.signed_by.reset();
  auto known = signing_.find(fact.fingerprint);
  if (known != signing_.end()) {
    // Seen again in a registry that started anew: when it was first seen stands, and continuity
    // may only be gained.
    if (!known->second.signed_by) known->second.signed_by = fact.signed_by;
    known->second.logged = known->second.logged || fact.logged;
    return;
  }
  by_node_[fact.node].signing.push_back(fact.fingerprint);
  signing_.emplace(fact.fingerprint, std::move(fact));
}

void Peers::learn(SealingFact fact) {
  auto& order = by_node_[fact.node].sealing;
  // In a registry that started anew it may stand in another place.
  order.erase(std::remove(order.begin(), order.end(), fact.fingerprint), order.end());
  order.push_back(fact.fingerprint);
  const auto known = sealing_.find(fact.fingerprint);
  fact.logged = fact.logged || (known != sealing_.end() && known->second.logged);
  sealing_.insert_or_assign(fact.fingerprint, std::move(fact));
}

void Peers::logged(const Fingerprint& certificate, std::optional<Instant> seen) {
  if (auto at = signing_.find(certificate); at != signing_.end()) {
    at->second.logged = true;
    if (seen) at->second.first_seen = *seen;
  }
  if (auto at = sealing_.find(certificate); at != sealing_.end()) at->second.logged = true;
}

void Peers::forget(const Fingerprint& certificate) {
  const auto* fact = signing(certificate);
  const auto* seal = sealing(certificate);
  if (fact == nullptr && seal == nullptr) return;
  const auto node = by_node_.find(fact != nullptr ? fact->node : seal->node);
  std::erase(node->second.signing, certificate);
  std::erase(node->second.sealing, certificate);
  node->second.order.reset();
  if (node->second.signing.empty() && node->second.sealing.empty()) by_node_.erase(node);
  signing_.erase(certificate);
  sealing_.erase(certificate);
}

bool Peers::contest(const NodeId& node, const Fingerprint& certificate, const Fingerprint& signer) {
  if (LIAISON_BUG(ignore_key_alarm)) return false;
  auto& of_node = contested_[node];
  // Of those in the registry there are no more than it has.
  if (signing(certificate) == nullptr && of_node.size() >= contested_unseen_max) return false;
  order_changes(node);
  return of_node.emplace(certificate, signer).second;
}

const Peers::Node& Peers::ordered(const NodeId& node) const {
  const auto& of = by_node_.at(node);
  if (of.order) return of;
  auto& order = of.order.emplace();
  for (const auto& each : of.signing)
    order.places.emplace(each, order.places.size());
  const auto place_of = [&](const Fingerprint& each) {
    const auto place = order.places.find(each);
    return place == order.places.end() ? std::nullopt : std::optional(place->second);
  };
  const auto said = contested_.find(node);
  std::vector<KeyLines::Certificate> all;
  for (const auto& fingerprint : of.signing) {
    const auto* fact = signing(fingerprint);
    auto& each = all.emplace_back();
    each.confirmed = fact->confirmed;
    if (fact->signed_by) each.signed_by = place_of(*fact->signed_by);
    if (said == contested_.end()) continue;
    if (const auto by = said->second.find(fingerprint); by != said->second.end())
      each.contested_by = place_of(by->second);
  }
  order.lines = KeyLines(all);
  return of;
}

void Peers::order_changes(const NodeId& node) {
  if (const auto at = by_node_.find(node); at != by_node_.end()) at->second.order.reset();
}

bool Peers::is_contested(const SigningFact& fact) const {
  const auto& order = *ordered(fact.node).order;
  return order.lines.is_contested(order.places.at(fact.fingerprint));
}

bool Peers::is_continued(const SigningFact& fact) const {
  const auto& order = *ordered(fact.node).order;
  return order.lines.continued(order.places.at(fact.fingerprint)).has_value();
}

AlarmStanding Peers::standing_of_alarm(const Fingerprint& signer, const NodeId& node,
                                       const Fingerprint& contested, Instant at,
                                       Instant now) const {
  const auto* fact = signing(signer);
  if (fact == nullptr || fact->node != node) return AlarmStanding::never;
  const auto& of = ordered(node);
  const auto its = of.order->places.find(contested);
  const auto place = its == of.order->places.end() ? of.signing.size() : its->second;
  std::optional<std::size_t> speaks = of.order->places.at(signer);
  for (;; speaks = of.order->lines.former(*speaks)) {
    if (!speaks) return AlarmStanding::never;
    if (is_revoked_at(of.signing[*speaks], at)) return AlarmStanding::never;
    if (*speaks < place) break;
  }
  if (of.order->lines.is_contested(*speaks)) return AlarmStanding::never;
  return fact->logged && is_followed(*signing(of.signing[*speaks]), now) ? AlarmStanding::counts
                                                                         : AlarmStanding::waits;
}

std::vector<const SigningFact*> Peers::contested() const {
  std::vector<const SigningFact*> out;
  for (const auto& [node, said] : contested_)
    for (const auto& [certificate, by] : said)
      if (const auto* fact = signing(certificate);
          fact != nullptr && fact->node == node && is_contested(*fact))
        out.push_back(fact);
  return out;
}

std::vector<const SigningFact*> Peers::standing_before(const Fingerprint& signing,
                                                       Instant now) const {
  std::vector<const SigningFact*> out;
  const auto* own = this->signing(signing);
  if (own == nullptr) return out;
  for (const auto& each : by_node_.at(own->node).signing) {
    if (each == signing) break;
    const auto* fact = this->signing(each);
    if (!revocation_of(*fact) && now <= fact->not_after) out.push_back(fact);
  }
  return out;
}

void Peers::confirm(const Fingerprint& signing) {
  auto at = signing_.find(signing);
  if (at == signing_.end()) return;
  at->second.confirmed = true;
  order_changes(at->second.node);
}

bool Peers::revoke(std::uint64_t number, std::map<Bytes, Revoked> revoked) {
  if (number <= revocation_number_ && !LIAISON_BUG(revocation_goes_backwards)) return false;
  revocation_number_ = number;
  revoked_ = std::move(revoked);
  return true;
}

std::map<Bytes, Revoked> Peers::revoke_for_good(const std::map<Bytes, Revoked>& logged) {
  std::map<Bytes, Revoked> out;
  if (LIAISON_BUG(revocation_goes_backwards)) return out;
  for (const auto& [serial, revoked] : logged) {
    const auto [kept, is_new] = revoked_for_good_.try_emplace(serial, revoked);
    const auto together = kept->second.with(revoked);
    if (!is_new && together == kept->second) continue;
    kept->second = together;
    out.emplace(serial, together);
  }
  return out;
}

const SigningFact* Peers::signing(const Fingerprint& fingerprint) const {
  auto at = signing_.find(fingerprint);
  return at == signing_.end() ? nullptr : &at->second;
}

const SealingFact* Peers::sealing(const Fingerprint& fingerprint) const {
  auto at = sealing_.find(fingerprint);
  return at == sealing_.end() ? nullptr : &at->second;
}

const SigningFact* Peers::newest(const NodeId& node) const {
  auto at = by_node_.find(node);
  if (at == by_node_.end()) return nullptr;
  const auto& all = at->second.signing;
  const auto found = std::find_if(all.rbegin(), all.rend(), [&](const Fingerprint& each) {
    return !is_contested(*signing(each));
  });
  return found == all.rend() ? nullptr : signing(*found);  // the first never is
}

bool Peers::is_followed(const SigningFact& fact, Instant now) const {
  if (!fact.logged && !LIAISON_BUG(believe_what_is_not_logged)) return false;
  const auto& of = ordered(fact.node);
  const auto& lines = of.order->lines;
  bool was_long_seen = false;
  // Back along the line, as far as it proves the changes of key, to one that stands by itself.
  for (auto place = of.order->places.at(fact.fingerprint);;) {
    const auto& each = *signing(of.signing[place]);
    if (lines.is_contested(place)) return false;
    if (place == 0 || each.confirmed) return true;
    was_long_seen = was_long_seen || now >= each.first_seen + unproven_pause;
    const auto before = lines.continued(place);
    if (!before) return was_long_seen && !lines.is_behind_contested(place);
    place = *before;
  }
}

const SigningFact* Peers::followed(const NodeId& node, Instant now) const {
  auto at = by_node_.find(node);
  if (at == by_node_.end()) return nullptr;
  const auto& all = at->second.signing;
  for (auto each = all.rbegin(); each != all.rend(); ++each) {
    const auto* fact = signing(*each);
    if (is_followed(*fact, now)) return fact;
  }
  return nullptr;
}

std::optional<Revoked> Peers::revocation_of(const SigningFact& fact) const {
  const auto shown = revoked_.find(fact.serial);
  const auto logged = revoked_for_good_.find(fact.serial);
  if (logged == revoked_for_good_.end())
    return shown == revoked_.end() ? std::nullopt : std::optional(shown->second);
  return shown == revoked_.end() ? logged->second : logged->second.with(shown->second);
}

bool Peers::is_listed(const Fingerprint& certificate) const {
  const auto* fact = signing(certificate);
  return fact != nullptr && revocation_of(*fact);
}

bool Peers::is_revoked_at(const Fingerprint& certificate, Instant at) const {
  const auto* fact = signing(certificate);
  const auto revoked = fact == nullptr ? std::nullopt : revocation_of(*fact);
  return revoked && at >= revoked->holds_until;
}

bool Peers::is_revoked(const NodeId& node) const {
  const auto at = by_node_.find(node);
  if (at == by_node_.end()) return false;
  bool any = false;
  for (const auto& each : at->second.signing) {
    const auto* fact = signing(each);
    if (revocation_of(*fact))
      any = true;
    else if (fact->logged)
      return false;
  }
  return any;
}

bool Peers::was_shut_out(const NodeId& node) const {
  const auto at = by_node_.find(node);
  return at != by_node_.end() && std::ranges::any_of(at->second.signing, [&](const auto& each) {
           return is_distrusted(each);
         });
}

bool Peers::is_distrusted(const Fingerprint& signing) const {
  const auto at = signing_.find(signing);
  const auto revoked = at == signing_.end() ? std::nullopt : revocation_of(at->second);
  return revoked && !revoked->superseded;
}

Standing Peers::standing_of_key(const SigningFact& fact, Instant now) const {
  if (is_followed(fact, now)) return Standing::good;
  if (is_contested(fact)) return Standing::contested;
  return fact.logged ? Standing::unproven : Standing::unlogged;
}

Standing Peers::signer_of_letter(const Fingerprint& signer, const NodeId& sender,
                                 Instant accepted_at, Instant now) const {
  const auto* fact = signing(signer);
  if (fact == nullptr) return Standing::unknown;
  if (fact->node != sender && !LIAISON_BUG(trust_envelope_sender)) return Standing::another_node;
  if (const auto revoked = revocation_of(*fact); revoked && !LIAISON_BUG(ignore_revocation)) {
    bool before = revoked->superseded && accepted_at < revoked->holds_until;
    if (!before) return Standing::revoked;
  }
  return standing_of_key(*fact, now);
}

Standing Peers::signer_of_event(const Fingerprint& signer, const NodeId& author, Instant at,
                                Instant now) const {
  const auto* fact = signing(signer);
  if (fact == nullptr) return Standing::unknown;
  if (fact->node != author) return Standing::another_node;
  if (is_revoked_at(signer, at)) return Standing::revoked;
  return standing_of_key(*fact, now);
}

std::optional<Fingerprint> Peers::sealing_for(const NodeId& node, Instant now) const {
  auto at = by_node_.find(node);
  if (at == by_node_.end()) return std::nullopt;
  // The registry's order decides, as it does at the exchange, and not when they begin: one made
  // while its node's clock was ahead would outlast all that replace it, and may be lost. Nor is its
  // beginning waited for: it is in the registry, so its node has the key.
  const auto& all = at->second.sealing;
  for (auto each = all.rbegin(); each != all.rend(); ++each) {
    const auto* fact = sealing(*each);
    const auto* by = signing(fact->signing);
    if (by == nullptr || revocation_of(*by) || !is_followed(*by, now)) continue;
    if (now > fact->not_after) continue;
    // The node's own: the one before it may be lost by now, so this one is waited for.
    return fact->logged || LIAISON_BUG(believe_what_is_not_logged)
               ? std::optional(fact->fingerprint)
               : std::nullopt;
  }
  return std::nullopt;
}

std::optional<Fingerprint> Peers::last_sealing(const NodeId& node, const Fingerprint& first) const {
  const auto at = by_node_.find(node);
  if (at == by_node_.end()) return std::nullopt;
  const auto& order = at->second.signing;
  const auto own = std::ranges::find(order, first);
  for (auto each = at->second.sealing.rbegin(); each != at->second.sealing.rend(); ++each) {
    const auto* by = signing(sealing(*each)->signing);
    if (by == nullptr || is_contested(*by)) continue;
    if (own == order.end() || std::ranges::find(order, by->fingerprint) >= own) return *each;
  }
  return std::nullopt;
}

void Peers::clock_moved(Duration by) {
  for (auto& [fingerprint, fact] : signing_)
    fact.first_seen += by;
}

std::vector<NodeId> Peers::nodes() const {
  std::vector<NodeId> out;
  for (const auto& [node, entry] : by_node_)
    if (!entry.signing.empty()) out.push_back(node);
  return out;
}

std::optional<Instant> Peers::next_change(Instant now) const {
  std::optional<Instant> next;
  for (const auto& [fingerprint, fact] : signing_) {
    auto when = fact.first_seen + unproven_pause;
    if (when > now && fact.logged && !is_followed(fact, now) && (!next || when < *next))
      next = when;
  }
  return next;
}

}  // namespace liaison::node
