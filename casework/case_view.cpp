#include "casework/case_view.h"

#include <algorithm>

namespace liaison::casework {
namespace {

bool guard_holds(const Move& move, const ReferralView& referral) {
  switch (move.guard) {
    case Guard::none:
      return true;
    case Guard::if_started:
      return referral.started;
    case Guard::if_asked:
      return std::ranges::any_of(referral.questions,
                                 [](const Question& question) { return !question.answer; });
    case Guard::unless_acknowledged:
      return !referral.acknowledged;
    case Guard::cites_proposal: {
      const auto& asked =
          move.to == ReferralState::withdrawn ? referral.withdrawal_asked : referral.error_claimed;
      return asked.has_value();
    }
  }
  return false;
}

/// What the office has asked already it need not ask again.
bool asked_already(std::string_view action, const ReferralView& referral) {
  return (action == "withdraw" && referral.withdrawal_asked) ||
         (action == "pause" && referral.pause_asked) ||
         (action == "resume" && referral.resume_asked) ||
         (action == "error" && referral.error_claimed);
}

}  // namespace

const char* name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::applied:
      return "applied";
    case Verdict::pending:
      return "pending";
    case Verdict::not_applied:
      return "not_applied";
    case Verdict::unknown:
      return "unknown";
    case Verdict::behind_gap:
      return "behind_gap";
  }
  return "";
}

const char* name_of(WhyNot why) {
  switch (why) {
    case WhyNot::none:
      return "";
    case WhyNot::refused:
      return "refused";
    case WhyNot::move_not_allowed:
      return "move_not_allowed";
    case WhyNot::not_the_decider:
      return "not_the_decider";
    case WhyNot::not_entitled:
      return "not_entitled";
    case WhyNot::number_taken:
      return "number_taken";
    case WhyNot::not_numbered:
      return "not_numbered";
    case WhyNot::wrong_strand:
      return "wrong_strand";
    case WhyNot::lacks_proposal:
      return "lacks_proposal";
    case WhyNot::superseded_decider:
      return "superseded_decider";
    case WhyNot::not_valid:
      return "not_valid";
  }
  return "";
}

std::vector<wire::Attachment> ReferralView::attachments_waiting() const {
  std::vector<wire::Attachment> out;
  for (const HistoryEntry& entry : strand.history) {
    const auto* added = std::get_if<wire::events::AttachmentAdded>(&entry.event->body);
    if (added != nullptr && entry.verdict == Verdict::pending) out.push_back(added->attachment);
  }
  return out;
}

bool ReferralView::clock_stopped() const {
  return !is_final(state) &&
         std::ranges::any_of(questions, [](const Question& question) { return !question.taken; });
}

const ReferralView* CaseView::referral(const ReferralId& wanted) const {
  auto at = std::ranges::find(referrals, wanted, &ReferralView::id);
  return at == referrals.end() ? nullptr : &*at;
}

bool CaseView::takes_part(const NodeId& node) const {
  if (node.empty()) return false;
  return node == lead_office ||
         std::ranges::any_of(participants, [&](const Participant& participant) {
           return !participant.until && participant.who.node == node;
         });
}

std::vector<std::string> allowed_actions(const CaseView& view, const ReferralView& referral,
                                         const NodeId& side) {
  std::vector<std::string> actions;
  bool decides = side == referral.strand.decider;
  bool office = side == view.lead_office;
  for (const Move& move : moves()) {
    bool mine =
        (move.mover == Mover::provider && decides) || (move.mover == Mover::office && office);
    if (!mine || move.action == "take_over" || !move.starts_in(referral.state)) continue;
    if (!guard_holds(move, referral) || (!decides && asked_already(move.action, referral)))
      continue;
    // An office that decides the strand itself (taken over, or off the exchange) has both rows.
    if (std::ranges::count(actions, move.action) == 0) actions.emplace_back(move.action);
  }
  bool can_repeat = referral.state == ReferralState::declined ||
                    referral.state == ReferralState::withdrawn ||
                    referral.state == ReferralState::ended_early;
  if (office && can_repeat) actions.emplace_back("again");
  return actions;
}

}  // namespace liaison::casework
