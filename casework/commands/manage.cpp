#include <algorithm>

#include "casework/commands/common.h"

// Who is case manager: proposed by anyone in the case, accepted by the holder, confirmed by the
// lead.

namespace liaison::casework {
namespace {

namespace ev = wire::events;

Result<void> takes_part(const CaseView& view, const Actor& actor) {
  if (auto may = may_do_casework(actor); !may) return may;
  if (!view.opened) return fail(Reason::not_found, "case: there is none with that id here");
  if (!view.takes_part(actor.node))
    return fail(Reason::forbidden, "only those who take part in the case can do that");
  return {};
}

Result<const ManagerProposal*> find_proposal(const CaseView& view, const EventId& id) {
  auto at = std::ranges::find(view.manager_proposals, id, &ManagerProposal::event);
  if (at == view.manager_proposals.end()) {
    return fail(Reason::not_found, "proposal: there is no open one with that id");
  }
  return &*at;
}

}  // namespace

Drafts decide(const CaseView& view, const Actor& actor, const ProposeManager& command, Instant) {
  if (auto takes = takes_part(view, actor); !takes) return fail(takes.error());
  if (view.closed_at) return fail(Reason::conflict, "the case is closed");
  Person holder = command.holder;
  if (holder.name.empty()) holder.name = holder.user;
  if (auto named = require_text("holder", holder.name); !named) return fail(named.error());
  if (!view.takes_part(holder.node)) {
    return fail(Reason::forbidden,
                "holder: " + holder.node.text() + " does not take part in this case");
  }
  if (view.manager.holder.node == holder.node && view.manager.holder.user == holder.user &&
      (!holder.user.empty() || view.manager.holder.name == holder.name)) {
    return fail(Reason::conflict, "holder: is case manager already");
  }
  if (holder.node == view.lead_office && may_allocate(view, actor)) {
    if (!view.core.whole())
      return fail(Reason::unavailable,
                  "earlier steps of this case are still on their way here; try again later");
    return checked(decision(view.core, ev::ManagerAllocated{holder, command.reason}));
  }
  return checked(proposal(view.core, ev::ManagerProposed{holder, command.reason}));
}

Drafts decide(const CaseView& view, const Actor& actor, const AcceptManager& command, Instant) {
  if (auto takes = takes_part(view, actor); !takes) return fail(takes.error());
  auto asked = find_proposal(view, command.proposal);
  if (!asked) return fail(asked.error());
  if ((*asked)->holder.node != actor.node)
    return fail(Reason::forbidden, "only the organisation proposed can accept");
  if ((*asked)->accepted)
    return fail(Reason::conflict,
                "the proposal has been accepted already; the lead office confirms it");
  return checked(proposal(view.core, ev::ManagerAccepted{}, command.proposal));
}

Drafts decide(const CaseView& view, const Actor& actor, const DeclineManager& command, Instant) {
  if (auto takes = takes_part(view, actor); !takes) return fail(takes.error());
  auto asked = find_proposal(view, command.proposal);
  if (!asked) return fail(asked.error());
  if ((*asked)->holder.node == actor.node && actor.node != view.lead_office) {
    return checked(proposal(view.core, ev::ManagerDeclined{command.reason}, command.proposal));
  }
  if (!may_allocate(view, actor)) {
    return fail(
        Reason::forbidden,
        "the holder proposed, the lead adviser or a manager at the lead office can decline");
  }
  if (auto at = at_lead_office(view, actor); !at) return fail(at.error());
  return checked(
      decision(view.core, ev::Refused{ev::Refusal::other, command.reason}, {command.proposal}));
}

Drafts decide(const CaseView& view, const Actor& actor, const ConfirmManager& command, Instant) {
  if (auto at = at_lead_office(view, actor); !at) return fail(at.error());
  if (!may_allocate(view, actor)) {
    return fail(Reason::forbidden, "the lead adviser or a manager at the lead office confirms");
  }
  auto asked = find_proposal(view, command.proposal);
  if (!asked) return fail(asked.error());
  std::vector<EventId> cites{command.proposal};
  if ((*asked)->holder.node != view.lead_office) {
    if (!(*asked)->accepted)
      return fail(Reason::conflict, "the holder proposed has not accepted yet");
    cites.push_back(*(*asked)->accepted);
  }
  return checked(decision(view.core, ev::ManagerAllocated{(*asked)->holder, (*asked)->reason},
                          std::move(cites)));
}

}  // namespace liaison::casework
