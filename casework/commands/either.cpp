#include "casework/commands/common.h"

// What both sides can ask for: the decider's side decides, the lead office proposes.

namespace liaison::casework {
namespace {

namespace ev = wire::events;

/// Whether the actor's side decides the referral; the referral must be here.
Result<bool> on_deciding_side(const CaseView& view, const Actor& actor, const ReferralId& id) {
  auto referral = find_referral(view, id);
  if (!referral) return fail(referral.error());
  return decides(**referral, actor);
}

std::vector<EventId> cite(const std::optional<EventId>& proposal) {
  return proposal ? std::vector<EventId>{*proposal} : std::vector<EventId>{};
}

}  // namespace

Drafts decide(const CaseView& view, const Actor& actor, const Pause& command, Instant) {
  auto deciding = on_deciding_side(view, actor, command.referral);
  if (!deciding) return fail(deciding.error());
  auto referral = check_move(view, actor, command.referral,
                             *deciding ? kind_of<ev::Paused> : kind_of<ev::PauseRequested>);
  if (!referral) return fail(referral.error());
  const StrandView& strand = (*referral)->strand;
  if (*deciding) {
    return checked(decision(strand, ev::Paused{command.reason, command.expected_return},
                            cite((*referral)->pause_asked)));
  }
  if ((*referral)->pause_asked) return fail(Reason::conflict, "a pause has been asked for already");
  return checked(proposal(strand, ev::PauseRequested{command.reason, command.expected_return}));
}

Drafts decide(const CaseView& view, const Actor& actor, const Resume& command, Instant) {
  auto deciding = on_deciding_side(view, actor, command.referral);
  if (!deciding) return fail(deciding.error());
  auto referral = check_move(view, actor, command.referral,
                             *deciding ? kind_of<ev::Resumed> : kind_of<ev::ResumeRequested>);
  if (!referral) return fail(referral.error());
  const StrandView& strand = (*referral)->strand;
  if (*deciding)
    return checked(decision(strand, ev::Resumed{command.note}, cite((*referral)->resume_asked)));
  if ((*referral)->resume_asked)
    return fail(Reason::conflict, "resuming has been asked for already");
  return checked(proposal(strand, ev::ResumeRequested{command.note}));
}

Drafts decide(const CaseView& view, const Actor& actor, const Withdraw& command, Instant) {
  auto deciding = on_deciding_side(view, actor, command.referral);
  if (!deciding) return fail(deciding.error());
  const ReferralView& known = *view.referral(command.referral);
  // An office that decides the strand itself first records who asked, then confirms.
  bool confirm = *deciding && (known.withdrawal_asked || actor.node != view.lead_office);
  auto referral = check_move(view, actor, command.referral,
                             confirm ? kind_of<ev::Withdrawn> : kind_of<ev::WithdrawalRequested>);
  if (!referral) return fail(referral.error());
  if (confirm && !known.withdrawal_asked) {
    return fail(Reason::conflict,
                "the office has not asked to withdraw; decline, or end it with a reason");
  }
  if (confirm)
    return checked(
        decision(known.strand, ev::Withdrawn{command.reason}, {*known.withdrawal_asked}));
  if (known.withdrawal_asked) {
    return fail(Reason::conflict,
                "withdrawal has been asked for already; the provider confirms it");
  }
  return checked(proposal(known.strand, ev::WithdrawalRequested{command.by, command.reason}));
}

Drafts decide(const CaseView& view, const Actor& actor, const MarkError& command, Instant) {
  auto deciding = on_deciding_side(view, actor, command.referral);
  if (!deciding) return fail(deciding.error());
  const ReferralView& known = *view.referral(command.referral);
  bool confirm = *deciding && (known.error_claimed || actor.node != view.lead_office);
  auto referral = check_move(view, actor, command.referral,
                             confirm ? kind_of<ev::EnteredInError> : kind_of<ev::ErrorClaimed>);
  if (!referral) return fail(referral.error());
  if (confirm && !known.error_claimed) {
    return fail(Reason::conflict, "the office has not said that the referral was entered in error");
  }
  if (confirm) return checked(decision(known.strand, ev::EnteredInError{}, {*known.error_claimed}));
  if (known.error_claimed)
    return fail(Reason::conflict, "it has been marked already; the provider confirms it");
  if (auto reason = require_text("reason", command.reason); !reason) return fail(reason.error());
  return checked(proposal(known.strand, ev::ErrorClaimed{command.reason}));
}

}  // namespace liaison::casework
