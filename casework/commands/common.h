#pragma once

// Private to commands/: what every decision checks, and how drafts are made.

#include "casework/commands.h"
#include "casework/kinds.h"

namespace liaison::casework {

/// Whether the actor's role does casework at all: an administrator's sign-in does none.
Result<void> may_do_casework(const Actor& actor);

/// The actor is at the case's lead office, the case is open and nothing of the core is missing.
Result<void> at_lead_office(const CaseView& view, const Actor& actor);

/// The client's record is here; otherwise where it is, or how to give it again.
Result<void> has_record(const CaseView& view, const Actor& actor);

Result<const ReferralView*> find_referral(const CaseView& view, const ReferralId& id);

/// The referral, if the actor's side may make the move of this kind now.
Result<const ReferralView*> check_move(const CaseView& view, const Actor& actor,
                                       const ReferralId& id, std::size_t kind);

/// The actor's node decides the referral (and does not merely propose).
bool decides(const ReferralView& referral, const Actor& actor);

/// Whether the actor is the lead adviser or a manager at the lead office.
bool may_allocate(const CaseView& view, const Actor& actor);

Person person_of(const Actor& actor);

Draft decision(const StrandView& strand, wire::EventBody body, std::vector<EventId> cites = {});
Draft proposal(const StrandView& strand, wire::EventBody body,
               std::optional<EventId> answers = std::nullopt);

/// The drafts, if each is within the limits of the wire.
Drafts checked(std::vector<Draft> drafts);
Drafts checked(Draft draft);

Result<void> require_text(const char* field, const std::string& text);

}  // namespace liaison::casework
