#include "node/core/peers.h"

#include <algorithm>

#include "base/deliberate_bug.h"

namespace liaison::node {

void Peers::learn(SigningFact fact) {
  auto known = signing_.find(fact.fingerprint);
  if (known != signing_.end()) {
    // Seen again in a registry that started anew: when it was first seen stands, and continuity
    // may only be gained.
    if (!known->second.continues) known->second.continues = fact.continues;
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
  for (auto node = by_node_.begin(); node != by_node_.end();) {
    std::erase(node->second.signing, certificate);
    std::erase(node->second.sealing, certificate);
    const bool is_empty = node->second.signing.empty() && node->second.sealing.empty();
    node = is_empty ? by_node_.erase(node) : std::next(node);
  }
  signing_.erase(certificate);
  sealing_.erase(certificate);
}

bool Peers::contest(const NodeId& node, const Fingerprint& certificate, const Fingerprint& signer) {
  if (LIAISON_BUG(ignore_key_alarm)) return false;
  auto& of_node = contested_[node];
  // Of those in the registry there are no more than it has.
  if (signing(certificate) == nullptr && of_node.size() >= contested_unseen_max) return false;
  return of_node.emplace(certificate, signer).second;
}

bool Peers::is_contested(const SigningFact& fact) const {
  const auto of_node = contested_.find(fact.node);
  if (of_node == contested_.end() || fact.confirmed || fact.continues) return false;
  const auto said = of_node->second.find(fact.fingerprint);
  if (said == of_node->second.end()) return false;
  const auto& order = by_node_.at(fact.node).signing;
  const auto place = [&](const Fingerprint& of) { return std::ranges::find(order, of); };
  // By its key, or by one that its key continues: it may have been renewed since.
  const auto* signer = signing(said->second);
  for (std::size_t steps = 0; signer != nullptr && steps <= order.size(); ++steps) {
    if (signer->node != fact.node) return false;
    if (place(signer->fingerprint) < place(fact.fingerprint)) return true;
    signer = signer->continues ? signing(*signer->continues) : nullptr;
  }
  return false;
}

bool Peers::is_behind_contested(const SigningFact& fact) const {
  if (contested_.find(fact.node) == contested_.end()) return false;
  for (const auto& each : by_node_.at(fact.node).signing) {
    if (each == fact.fingerprint) return false;
    if (is_contested(*signing(each))) return true;
  }
  return false;
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
    if (revocation_of(*fact) == nullptr && now <= fact->not_after) out.push_back(fact);
  }
  return out;
}

void Peers::confirm(const Fingerprint& signing) {
  auto at = signing_.find(signing);
  if (at != signing_.end()) at->second.confirmed = true;
}

bool Peers::revoke(std::uint64_t number, std::map<Bytes, Revoked> revoked) {
  if (number <= revocation_number_ && !LIAISON_BUG(revocation_goes_backwards)) return false;
  revocation_number_ = number;
  revoked_ = std::move(revoked);
  return true;
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
  const SigningFact* at = &fact;
  bool was_long_seen = false;
  // Back along the chain of continuity to one that stands by itself; each step is an earlier
  // certificate, and the count bounds a ring that a hostile registry might hold.
  for (std::size_t steps = 0; steps <= signing_.size(); ++steps) {
    if (is_contested(*at)) return false;
    const bool is_first = by_node_.at(at->node).signing.front() == at->fingerprint;
    if (is_first || at->confirmed) return true;
    was_long_seen = was_long_seen || now >= at->first_seen + unproven_pause;
    const auto* previous = at->continues ? signing(*at->continues) : nullptr;
    if (previous == nullptr || previous->node != at->node)
      return was_long_seen && !is_behind_contested(*at);
    at = previous;
  }
  return false;
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

const Revoked* Peers::revocation_of(const SigningFact& fact) const {
  auto at = revoked_.find(fact.serial);
  return at == revoked_.end() ? nullptr : &at->second;
}

bool Peers::is_revoked(const NodeId& node) const {
  const auto at = by_node_.find(node);
  if (at == by_node_.end()) return false;
  bool any = false;
  for (const auto& each : at->second.signing) {
    const auto* fact = signing(each);
    if (revocation_of(*fact) != nullptr)
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
  const auto* revoked = at == signing_.end() ? nullptr : revocation_of(at->second);
  return revoked != nullptr && !revoked->superseded;
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
  if (const auto* revoked = revocation_of(*fact);
      revoked != nullptr && !LIAISON_BUG(ignore_revocation)) {
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
  if (const auto* revoked = revocation_of(*fact); revoked != nullptr && at >= revoked->holds_until)
    return Standing::revoked;
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
    if (by == nullptr || revocation_of(*by) != nullptr || !is_followed(*by, now)) continue;
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
