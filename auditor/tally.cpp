#include "auditor/tally.h"

#include <algorithm>
#include <cmath>

#include "crypto/certificate.h"
#include "crypto/profile.h"
#include "wire/key_alarm.h"
#include "wire/registry.h"

namespace liaison::auditor {
namespace {

constexpr double step = 1.02;

std::string day_of(Instant at) {
  return to_rfc3339(at).substr(0, 10);
}

}  // namespace

void Durations::add(Duration duration) {
  const auto ms = static_cast<double>(std::max<std::int64_t>(duration.count(), 1));
  ++steps_[static_cast<int>(std::ceil(std::log(ms) / std::log(step)))];
  ++count_;
}

Duration Durations::percentile(unsigned percent) const {
  const auto wanted = (count_ * percent + 99) / 100;
  std::uint64_t so_far = 0;
  for (const auto& [at, count] : steps_) {
    so_far += count;
    if (so_far >= wanted) return Duration(static_cast<std::int64_t>(std::pow(step, at)));
  }
  return {};
}

void Tally::heard(const NodeId& node, Instant at) {
  if (const auto member = members.find(node); member != members.end())
    member->second.heard = std::max(member->second.heard.value_or(at), at);
}

void Tally::add(const wire::LogEntry& entry) {
  using Kind = wire::LogKind;
  ++days[day_of(entry.at)][entry.kind];
  heard(entry.sender, entry.at);
  if (entry.kind == Kind::refused || entry.kind == Kind::refused_many) {
    refused[{entry.sender, entry.reason}] += entry.kind == Kind::refused ? 1 : entry.count;
    return;
  }
  const std::pair between{entry.sender, entry.recipient};
  auto& pair = pairs[between];
  ++pair.kinds[entry.kind];
  if (entry.kind == Kind::accepted) {
    under_way_.insert_or_assign(entry.letter, Sent{between, entry.at});
    return;
  }
  const auto sent = under_way_.find(entry.letter);
  if (entry.kind == Kind::taken) {
    heard(entry.recipient, entry.at);
    if (sent != under_way_.end()) {
      pair.taken_after.add(entry.at - sent->second.at);
      taken_after.add(entry.at - sent->second.at);
    }
  }
  if (sent != under_way_.end()) under_way_.erase(sent);
}

void Tally::finish() {
  for (const auto& [letter, sent] : under_way_) {
    auto& pair = pairs[sent.pair];
    if (pair.waiting++ == 0 || sent.at < pair.waits_since) pair.waits_since = sent.at;
  }
  under_way_.clear();
  // Days without a letter are days too. Not from a clock that was wrong by years.
  constexpr int days_max = 3'660;
  if (days.empty()) return;
  const auto first = parse_rfc3339(days.begin()->first + "T00:00:00Z");
  const auto last = days.rbegin()->first;
  for (int day = 1; first && day < days_max; ++day) {
    const auto name = day_of(*first + std::chrono::hours(24) * day);
    if (name >= last) return;
    days.try_emplace(name);
  }
}

bool Tally::add_key_alarm(const wire::RegistryLeaf& leaf, ByteView body) {
  const auto signed_ = wire::decode_signed_key_alarm(body);
  if (!signed_) return false;
  const auto alarm = wire::decode_key_alarm(signed_->body);
  if (!alarm) return false;
  const auto issued = issued_.find(alarm->contested);
  key_alarms.push_back({leaf.at, alarm->node, alarm->contested,
                        issued == issued_.end() ? std::nullopt : std::optional(issued->second)});
  return true;
}

bool Tally::add_revocations(const wire::RegistryLeaf& leaf, ByteView body) {
  auto list = crypto::RevocationList::parse(body);
  if (!list) return false;
  if (list_)
    for (const auto& each : list_->entries()) {
      const auto* said = list->find(each.serial);
      const auto replaced = crypto::RevocationReason::superseded;
      if (said != nullptr && said->holds_until() <= each.holds_until() &&
          (said->reason != replaced || each.reason == replaced))
        continue;
      auto& out = taken_back.emplace_back();
      out.at = leaf.at;
      out.serial = to_hex(each.serial);
      const auto of = serials_.find(each.serial);
      if (of == serials_.end()) continue;
      out.node = of->second.first;
      out.certificate = of->second.second;
    }
  list_ = std::move(*list);
  return true;
}

bool Tally::add_act(const wire::RegistryLeaf& leaf, ByteView body) {
  const auto act = wire::decode_administrator_act(body);
  if (!act) return false;
  acts.push_back({leaf.at, act->administrator, act->act, act->object, act->detail});
  return true;
}

bool Tally::add_certificate(const wire::RegistryLeaf& leaf, ByteView body) {
  const auto issued = wire::decode_issued_certificate(body);
  if (!issued) return false;
  const auto certificate = crypto::Certificate::parse(issued->certificate);
  if (!certificate) return false;
  const auto profile = crypto::read_signing(*certificate);
  if (!profile) return false;
  issued_.emplace(certificate->fingerprint(), leaf.at);
  serials_.emplace(certificate->serial(), std::pair(profile->node, certificate->fingerprint()));
  auto& member = members[profile->node];
  if (member.certificates++ == 0) member.joined = leaf.at;
  if (issued->reason == wire::IssueReason::rejoined) ++member.rejoined;
  member.organisation = profile->organisation;
  member.role = profile->role;
  return true;
}

/// False: it says nothing that can be read.
bool Tally::read(const wire::RegistryLeaf& leaf, ByteView body) {
  switch (leaf.kind) {
    case wire::EntryKind::listing:
      ++listings;
      return true;
    case wire::EntryKind::revocation_list:
      ++revocation_lists;
      return add_revocations(leaf, body);
    case wire::EntryKind::key_alarm:
      return add_key_alarm(leaf, body);
    case wire::EntryKind::act:
      return add_act(leaf, body);
    case wire::EntryKind::signing_certificate:
      return add_certificate(leaf, body);
    default:
      return true;
  }
}

void Tally::add(const wire::RegistryLeaf& leaf, ByteView body) {
  if (!read(leaf, body)) unreadable.emplace_back(leaf.at, wire::name_of(leaf.kind));
}

}  // namespace liaison::auditor
