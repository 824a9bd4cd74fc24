#include "casework/commands/common.h"
#include "wire/mark.h"

#include <algorithm>

namespace liaison::casework {

Result<void> may_do_casework(const Actor& actor) {
  if (actor.user.empty())
    return fail(Reason::forbidden, "casework is done by a person, who signs in");
  if (actor.role == UserRole::administrator || actor.role == UserRole::none) {
    return fail(Reason::forbidden,
                "an administrator does no casework; sign in as someone with another role");
  }
  return {};
}

Result<void> at_lead_office(const CaseView& view, const Actor& actor) {
  if (auto may = may_do_casework(actor); !may) return may;
  if (!view.opened) return fail(Reason::not_found, "case: there is none with that id here");
  if (actor.node != view.lead_office) {
    return fail(Reason::forbidden,
                "only the lead office of this case, " + view.lead_office.text() + ", can do that");
  }
  if (!view.core.whole()) {
    return fail(Reason::unavailable,
                "earlier steps of this case are still on their way here; try again later");
  }
  if (view.closed_at)
    return fail(Reason::conflict, "the case is closed; nothing more is recorded in it");
  return {};
}

bool record_lost(const CaseView& view, const NodeId& self) {
  // What a successor writes in the own strand is not applied: the opener decides there.
  return view.opened && !view.client && view.lead_office == self &&
         view.lead_offices.front() == self;
}

Result<void> has_record(const CaseView& view, const Actor& actor) {
  if (view.client) return {};
  if (!record_lost(view, actor.node))
    return fail(Reason::forbidden, "the client's record is at another office");
  return fail(Reason::conflict,
              "the client's record was lost with this office's disk: give it again with client "
              "edit");
}

Result<const ReferralView*> find_referral(const CaseView& view, const ReferralId& id) {
  if (const ReferralView* referral = view.referral(id)) return referral;
  return fail(Reason::not_found, "referral: there is none with that id here");
}

bool decides(const ReferralView& referral, const Actor& actor) {
  return referral.strand.decider == actor.node;
}

namespace {

std::string not_possible(const CaseView& view, const ReferralView& referral, const Actor& actor,
                         std::string_view action) {
  std::string possible;
  for (const std::string& other : allowed_actions(view, referral, actor.node)) {
    possible += (possible.empty() ? "" : ", ") + other;
  }
  return std::string("the referral is ") + name_of(referral.state) + ": \"" + std::string(action) +
         "\" is not possible now" + (possible.empty() ? "" : "; possible: " + possible);
}

}  // namespace

Result<const ReferralView*> check_move(const CaseView& view, const Actor& actor,
                                       const ReferralId& id, std::size_t kind) {
  if (auto may = may_do_casework(actor); !may) return fail(may.error());
  auto found = find_referral(view, id);
  if (!found) return found;
  const ReferralView& referral = **found;
  auto rows = moves();
  const auto row = std::ranges::find(rows, kind, &Move::kind);
  bool office = row->mover == Mover::office;
  if (office ? actor.node != view.lead_office : !decides(referral, actor)) {
    return fail(Reason::forbidden,
                office ? "only the office that made the referral can do that"
                       : "only the provider that the referral was made to can do that");
  }
  // Decisions follow all that came before. What the office asks for does not, and what is missing
  // of one that is taken over may be with nobody who can still send it.
  if (!office && !referral.strand.whole()) {
    return fail(Reason::unavailable,
                "earlier steps of this referral are still on their way here; try again later");
  }
  auto refused = [&] {
    return fail(Reason::conflict, not_possible(view, referral, actor, row->action));
  };
  if (!row->starts_in(referral.state)) return refused();
  if (row->guard == Guard::if_started && !referral.started) return refused();
  if (row->guard == Guard::unless_acknowledged && referral.acknowledged) return refused();
  return &referral;
}

bool may_allocate(const CaseView& view, const Actor& actor) {
  bool here = actor.node == view.lead_office;
  return here && (actor.role == UserRole::manager || actor.user == view.lead_adviser.user);
}

Person person_of(const Actor& actor) {
  return {actor.node, actor.user, actor.display_name.empty() ? actor.user : actor.display_name};
}

Draft decision(const StrandView& strand, wire::EventBody body, std::vector<EventId> cites) {
  return {strand.strand, strand.next_number(), std::nullopt, std::move(cites), std::move(body)};
}

Draft proposal(const StrandView& strand, wire::EventBody body, std::optional<EventId> answers) {
  return {strand.strand, 0, answers, {}, std::move(body)};
}

Drafts checked(std::vector<Draft> drafts) {
  static const NodeId any_author = NodeId::parse("any-author").value();
  for (const Draft& draft : drafts) {
    // What the engine adds is small and bounded; what a person gave is in the body.
    wire::Event event;
    event.id = wire::marked(EventId{}, any_author);
    event.strand = draft.strand;
    if (!event.strand.id.is_zero()) event.strand.id = wire::marked(event.strand.id, any_author);
    event.author = any_author;
    event.number = draft.number;
    event.cites = draft.cites;
    event.body = draft.body;
    auto read = wire::decode_event(wire::encode(event));
    if (!read) return fail(read.error().reason, read.error().text + ": shorten it or give less");
  }
  return drafts;
}

Drafts checked(Draft draft) {
  std::vector<Draft> drafts;
  drafts.push_back(std::move(draft));
  return checked(std::move(drafts));
}

Result<void> require_text(const char* field, const std::string& text) {
  bool blank = std::ranges::all_of(
      text, [](char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; });
  if (blank) return fail(Reason::malformed, std::string(field) + ": is missing; give it");
  return {};
}

}  // namespace liaison::casework
