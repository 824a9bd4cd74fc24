#include <algorithm>

#include "base/check.h"
#include "broker/core/registry.h"

/// Certificates that the node in whose name they are says are not its own. An exchange that does
/// what it should has none: only who holds the authority's key and the store could put one in.
namespace liaison::broker {

bool Registry::is_contested(const NodeId& node, const Fingerprint& certificate) const {
  const auto known = contested_.find(node);
  return known != contested_.end() && std::ranges::any_of(known->second, [&](const auto& each) {
           return each.certificate == certificate;
         });
}

Result<Registry::Judged> Registry::judge_key_alarm(const KeyAlarmFacts& facts) const {
  const auto* contested = signing(facts.contested);
  if (contested == nullptr || contested->facts.node != facts.node)
    return fail(Reason::not_found, "no such certificate is registered in the node's name");
  const auto& all = node(*find(facts.node)).signing;
  const auto place = [&](const Fingerprint& of) {
    return std::ranges::find_if(all,
                                [&](const auto& each) { return each.facts.fingerprint == of; });
  };
  if (place(facts.signer) >= place(facts.contested))
    return fail(Reason::forbidden, "only a certificate of before may say that of another");
  return Judged{};
}

void Registry::apply_key_alarm(const KeyAlarmFacts& facts, Instant at) {
  const auto number = find(facts.node);
  if (!number) return;
  auto& record = node(*number);
  const auto contested = std::ranges::find_if(
      record.signing, [&](const auto& each) { return each.facts.fingerprint == facts.contested; });
  // The first stays whatever is said: a record without any would be of nobody.
  if (contested == record.signing.end() || contested == record.signing.begin()) return;
  const auto fact = contested->facts;
  const bool was_current = std::next(contested) == record.signing.end();
  contested_[facts.node].push_back({facts.node, facts.contested, fact.serial, at});
  signers_.erase(facts.contested);
  record.former.push_back(fact.serial);
  record.signing.erase(contested);
  if (was_current) record.signing.back().replaced_at.reset();
  if (std::ranges::none_of(record.signing,
                           [&](const auto& each) { return each.facts.curve == fact.curve; }))
    owners_.erase(fact.curve);
  const auto issued = [&](const KnownSealing& each) { return each.signer == facts.contested; };
  if (std::erase_if(record.sealing, issued) > 0 && !record.sealing.empty())
    record.sealing.back().replaced_at.reset();
  restore_what_only_it_voided(record);
}

/// As apply_signing() would have it, had the contested certificate never been there.
void Registry::restore_what_only_it_voided(NodeRecord& record) {
  bool voided = false;
  for (auto known = record.signing.rbegin(); known != record.signing.rend(); ++known) {
    known->voided = voided;
    voided = voided || known->facts.reason != wire::IssueReason::renewed;
  }
  for (auto& sealing : record.sealing) {
    const auto issuer = std::ranges::find_if(
        record.signing, [&](const auto& each) { return each.facts.fingerprint == sealing.signer; });
    if (issuer != record.signing.end()) sealing.voided = issuer->voided;
  }
}

std::vector<Registry::Contested> Registry::contested() const {
  std::vector<Contested> out;
  for (const auto& [id, all] : contested_)
    std::ranges::copy_if(all, std::back_inserter(out),
                         [&](const auto& each) { return !is_revoked(each.serial); });
  return out;
}

}  // namespace liaison::broker
