#include "broker/core/registry.h"

#include <algorithm>

#include "base/check.h"
#include "base/deliberate_bug.h"
#include "wire/mark.h"

namespace liaison::broker {

namespace {

std::string listing_key(const ListingFacts& facts) {
  return facts.publisher.text() + '\n' + facts.service;
}

template <class... Cases>
struct Visit : Cases... {
  using Cases::operator()...;
};
template <class... Cases>
Visit(Cases...) -> Visit<Cases...>;

}  // namespace

bool is_within_grace(std::optional<Instant> replaced_at, Instant now, Duration grace) {
  return !replaced_at || (now - *replaced_at < grace && *replaced_at - now <= clock_ahead_max);
}

bool NodeRecord::revoked() const {
  if (LIAISON_BUG(deliver_after_revocation)) return false;
  // One that continues a revoked one is its owner's too: a restored broker may have renewed it
  // before it heard of the revocation. Between them may be what it has not heard of.
  for (auto each = signing.rbegin(); each != signing.rend(); ++each) {
    if (each->revoked) return true;
    const auto before = std::next(each);
    const bool continues = each->facts.reason == wire::IssueReason::renewed &&
                           before != signing.rend() &&
                           each->facts.previous == before->facts.fingerprint;
    if (!continues) return false;
  }
  return false;
}

std::vector<Serial> NodeRecord::serials() const {
  auto out = former;
  for (const auto& known : signing)
    out.push_back(known.facts.serial);
  return out;
}

std::optional<NodeNumber> Registry::find(const NodeId& node) const {
  auto found = numbers_.find(node);
  if (found == numbers_.end()) return std::nullopt;
  return found->second;
}

std::optional<NodeId> Registry::namesake(const NodeId& node) const {
  const auto found = marks_.find(wire::mark_of(node));
  if (found == marks_.end() || this->node(found->second).id == node) return std::nullopt;
  return this->node(found->second).id;
}

std::optional<NodeNumber> Registry::owner(const CurveKey& curve) const {
  auto found = owners_.find(curve);
  if (found == owners_.end()) return std::nullopt;
  return found->second;
}

const KnownSigning* Registry::signing(const Fingerprint& fingerprint) const {
  auto found = signers_.find(fingerprint);
  if (found == signers_.end()) return nullptr;
  for (const auto& known : nodes_[found->second.value].signing)
    if (known.facts.fingerprint == fingerprint) return &known;
  return nullptr;
}

bool Registry::admits(const CurveKey& curve, Instant now, Duration grace) const {
  const auto number = owner(curve);
  if (!number) return false;
  const auto& record = node(*number);
  if (record.revoked()) return false;
  return std::any_of(record.signing.begin(), record.signing.end(), [&](const KnownSigning& known) {
    return known.facts.curve == curve && !known.voided &&
           is_within_grace(known.replaced_at, now, grace);
  });
}

bool Registry::is_void(const CurveKey& curve) const {
  const auto number = owner(curve);
  if (!number) return false;
  const auto& signing = node(*number).signing;
  return std::none_of(signing.begin(), signing.end(), [&](const KnownSigning& known) {
    return known.facts.curve == curve && !known.voided;
  });
}

std::vector<CurveKey> Registry::admitted(Instant now, Duration grace) const {
  std::vector<CurveKey> out;
  for (const auto& record : nodes_)
    for (const auto& known : record.signing)
      if (admits(known.facts.curve, now, grace)) out.push_back(known.facts.curve);
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

std::optional<std::uint64_t> Registry::index_of(const Digest& digest) const {
  auto known = digests_.find(digest);
  if (known == digests_.end()) return std::nullopt;
  return known->second;
}

Result<Registry::Judged> Registry::judge(const CheckedEntry& entry, From from) const {
  const bool lists = std::holds_alternative<RevocationFacts>(entry.facts);
  if (auto known = index_of(entry.digest);
      known && !(lists && LIAISON_BUG(revocation_list_backwards)))
    return Judged{known};
  return std::visit(Visit{[&](const SigningFacts& facts) { return judge_signing(facts, from); },
                          [&](const SealingFacts& facts) { return judge_sealing(facts, from); },
                          [&](const RevocationFacts& facts) { return judge_revocation(facts); },
                          [&](const ListingFacts& facts) { return judge_listing(facts); },
                          [&](const KeyAlarmFacts& facts) { return judge_key_alarm(facts); },
                          [&](const PlainFacts&) -> Result<Judged> { return Judged{}; }},
                    entry.facts);
}

Result<Registry::Judged> Registry::judge_signing(const SigningFacts& facts, From from) const {
  if (signers_.count(facts.fingerprint) != 0)
    return fail(Reason::conflict, "this certificate is registered already, with other particulars");
  if (is_contested(facts.node, facts.fingerprint))
    return fail(Reason::forbidden, "its node says that this certificate is not its own");
  if (auto owner_of_key = owner(facts.curve); owner_of_key && node(*owner_of_key).id != facts.node)
    return fail(Reason::conflict, "its CURVE key belongs to another node");
  auto number = find(facts.node);
  if (!number && namesake(facts.node))
    return fail(Reason::conflict,
                "its node's id has the mark of another's, " + namesake(facts.node)->text());
  if (from == From::anyone && number && facts.not_before < node(*number).current().facts.not_before)
    return fail(Reason::conflict, "a newer certificate of the node is registered");
  return Judged{};
}

Result<Registry::Judged> Registry::judge_sealing(const SealingFacts& facts, From from) const {
  auto number = find(facts.node);
  if (!number) return fail(Reason::not_found, "no such node");
  const auto& record = node(*number);
  if (record.revoked()) return fail(Reason::forbidden, "the node is revoked");
  const auto* signer = signing(facts.signer);
  if (signer == nullptr || signer->facts.node != facts.node || signer->voided || signer->revoked)
    return fail(Reason::untrusted, "it is not issued by a certificate of the node that holds");
  if (from == From::anyone && !record.sealing.empty() && !record.sealing.back().voided &&
      facts.not_after < record.sealing.back().not_after)
    return fail(Reason::conflict, "a newer sealing certificate of the node is registered");
  return Judged{};
}

Result<Registry::Judged> Registry::judge_revocation(const RevocationFacts& facts) const {
  if (LIAISON_BUG(revocation_list_backwards)) return Judged{};
  if (facts.number <= revocation_number_)
    return fail(Reason::conflict, "a newer revocation list is registered");
  return Judged{};
}

Result<Registry::Judged> Registry::judge_listing(const ListingFacts& facts) const {
  auto number = find(facts.publisher);
  if (!number) return fail(Reason::not_found, "no such publisher");
  if (node(*number).revoked()) return fail(Reason::forbidden, "the publisher is revoked");
  auto known = listings_.find(listing_key(facts));
  if (known != listings_.end() && facts.version <= known->second)
    return fail(Reason::conflict, "version " + std::to_string(known->second) +
                                      " of this listing is registered; publish a higher one");
  return Judged{};
}

void Registry::apply(const CheckedEntry& entry, Instant at) {
  const auto index = sizes_.size();
  digests_.emplace(entry.digest, index);
  sizes_.push_back(static_cast<std::uint32_t>(entry.body.size()));
  std::visit(Visit{[&](const SigningFacts& facts) { apply_signing(facts, at); },
                   [&](const SealingFacts& facts) { apply_sealing(facts, at); },
                   [&](const RevocationFacts& facts) {
                     apply_revocation(facts);
                     revocation_index_ = index;
                   },
                   [&](const ListingFacts& facts) {
                     auto& version = listings_[listing_key(facts)];
                     version = std::max(version, facts.version);
                   },
                   [&](const KeyAlarmFacts& facts) { apply_key_alarm(facts, at); },
                   [&](const PlainFacts&) {}},
             entry.facts);
}

void Registry::apply_signing(const SigningFacts& facts, Instant at) {
  auto number = find(facts.node);
  if (!number) {
    number = NodeNumber{static_cast<std::uint32_t>(nodes_.size())};
    nodes_.emplace_back().id = facts.node;
    numbers_.emplace(facts.node, *number);
    marks_.emplace(wire::mark_of(facts.node), *number);
  }
  auto& record = node(*number);
  const bool continues = facts.reason == wire::IssueReason::renewed;
  if (!record.signing.empty()) record.signing.back().replaced_at = at;
  if (!continues) {  // the keys of before are lost, or were never this node's
    for (auto& known : record.signing)
      known.voided = true;
    for (auto& known : record.sealing)
      known.voided = true;
  }
  record.signing.push_back({facts, std::nullopt, is_revoked(facts.serial), false});
  // One that has not ended stays, however many there are: a revocation must name it.
  if (record.signing.size() > certificates_max && record.signing.front().facts.not_after < at) {
    const auto& oldest = record.signing.front().facts;
    signers_.erase(oldest.fingerprint);
    const bool elsewhere =
        std::any_of(record.signing.begin() + 1, record.signing.end(),
                    [&](const KnownSigning& known) { return known.facts.curve == oldest.curve; });
    if (!elsewhere) owners_.erase(oldest.curve);
    record.former.push_back(oldest.serial);
    record.signing.erase(record.signing.begin());
  }
  owners_[facts.curve] = *number;
  signers_[facts.fingerprint] = *number;
}

void Registry::apply_sealing(const SealingFacts& facts, Instant at) {
  auto number = find(facts.node);
  LIAISON_CHECK(number.has_value());
  auto& sealing = node(*number).sealing;
  if (!sealing.empty() && !sealing.back().replaced_at) sealing.back().replaced_at = at;
  sealing.push_back({facts.fingerprint, facts.not_after, std::nullopt, false, facts.signer});
  if (sealing.size() > certificates_max) sealing.erase(sealing.begin());
}

void Registry::apply_revocation(const RevocationFacts& facts) {
  revocation_number_ = facts.number;
  revoked_.clear();
  revoked_.insert(facts.serials.begin(), facts.serials.end());
  for (auto& record : nodes_)
    for (auto& known : record.signing)
      known.revoked = is_revoked(known.facts.serial);
}

}  // namespace liaison::broker
