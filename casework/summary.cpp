#include "casework/summary.h"

#include <algorithm>

#include "wire/events/limits.h"

namespace liaison::casework {
namespace {

/// The newest value of an item that any referral here carries.
std::string item_value(const CaseView& view, std::string_view name) {
  std::string value;
  for (const ReferralView& referral : view.referrals) {
    for (const wire::Item& item : referral.items) {
      if (item.name == name && !item.values.empty()) value = item.values.front();
    }
  }
  return value;
}

Instant changed_at(const StrandView& strand) {
  Instant at{};
  for (const HistoryEntry& entry : strand.history)
    at = std::max(at, entry.shown_at);
  return at;
}

std::uint32_t not_applied_by(const NodeId& self, const StrandView& strand) {
  auto count = std::ranges::count_if(strand.history, [&](const HistoryEntry& entry) {
    return entry.event->author == self && entry.verdict == Verdict::not_applied;
  });
  return static_cast<std::uint32_t>(count);
}

wire::ReferralSummary summarise(const ReferralView& referral) {
  wire::ReferralSummary out;
  out.id = referral.id;
  out.state = name_of(referral.state);
  out.progress = referral.progress;
  out.provider = referral.provider;
  out.service = referral.request.service;
  out.service_name = referral.request.service_name;
  out.worker = referral.worker.name;
  out.need = referral.request.need;
  out.next_due = next_due(referral);
  out.requested_at = referral.requested_at;
  out.changed_at = changed_at(referral.strand);
  auto open = std::ranges::count_if(referral.questions,
                                    [](const Question& question) { return !question.answer; });
  out.questions_open = is_final(referral.state) ? 0 : static_cast<std::uint32_t>(open);
  out.withdrawal_asked = referral.withdrawal_asked.has_value();
  return out;
}

}  // namespace

std::optional<wire::Due> next_due(const ReferralView& referral) {
  std::optional<wire::Due> next;
  if (referral.state == ReferralState::paused) return next;
  for (const wire::Due& due : referral.dues) {
    if (due.standard == wire::Standard::acknowledged && referral.clock_stopped()) continue;
    if (!next || due.on < next->on) next = due;
  }
  return next;
}

wire::CaseSummary summarise(const CaseView& view, const NodeId& self) {
  wire::CaseSummary out;
  out.id = view.id;
  out.lead_office = view.lead_office;
  out.open = !view.closed_at;
  out.whole = view.opened && view.gaps.empty() && view.unplaced.empty();
  out.handling = view.handling;
  if (view.client) {
    const auto& client = *view.client;
    out.name = client.given_name +
               (client.given_name.empty() || client.family_name.empty() ? "" : " ") +
               client.family_name;
    out.known_as = client.known_as;
    out.date_of_birth = client.date_of_birth;
    out.needs = client.needs;
  } else {
    out.name = item_value(view, "name");
    out.known_as = item_value(view, "known_as");
    if (auto date = parse_date(item_value(view, "date_of_birth"))) out.date_of_birth = *date;
  }
  out.lead_adviser = view.lead_adviser;
  out.case_manager = view.manager.holder;
  out.opened_at = view.opened_at.value_or(Instant{});
  out.changed_at = std::max(changed_at(view.core), changed_at(view.own));
  out.not_applied = not_applied_by(self, view.core) + not_applied_by(self, view.own);
  for (const ReferralView& referral : view.referrals) {
    out.not_applied += not_applied_by(self, referral.strand);
    out.changed_at = std::max(out.changed_at, changed_at(referral.strand));
    if (out.referrals.size() < wire::events::summary_referrals_max)
      out.referrals.push_back(summarise(referral));
  }
  return out;
}

}  // namespace liaison::casework
