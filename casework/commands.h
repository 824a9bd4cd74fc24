#pragma once

#include <optional>
#include <string>
#include <vector>

#include "casework/case_view.h"
#include "casework/service.h"
#include "casework/standards.h"

/// What a person can ask of a case: one struct a command, and for each a decide(), pure: the events
/// to keep, or one line that says what is wrong and what to do. Nothing is half done: all drafts of
/// a decision are kept or none. The sources are under commands/, grouped by who acts.
///
/// Reasons: malformed and too_large name the field; forbidden (role, side, basis); conflict (the
/// state does not allow it, a double submit); not_found; unavailable (earlier steps of the strand
/// are still arriving).
namespace liaison::casework {

using Drafts = Result<std::vector<Draft>>;

// ---- The case ------------------------------------------------------------------------------

/// Opens a case (`client add`); `view` is that of an empty CaseFile with a fresh id.
struct OpenCase {
  wire::events::ClientRecord client;
  Handling handling = Handling::ordinary;
};
struct EditClient {
  wire::events::ClientRecord client;  ///< the whole record as it shall be
};
struct ChangeHandling {
  Handling handling = Handling::ordinary;
};
struct WriteNote {
  std::string text;
};
struct CloseCase {
  std::string reason;
};
/// Records the basis for sharing; items go with the next referral to that node, and at once to
/// open ones (as details), to each what its own service may have.
struct Share {
  NodeId to;
  bool contracted = false;  ///< whether a listing of that node is contracted: National Insurance
                            ///< numbers go nowhere else
  std::vector<std::string> items;
  wire::Ground ground;
};
struct WithdrawSharing {
  NodeId to;
  std::vector<std::string> items;
  std::string reason;
};

/// Whether `self` is the office that opened the case and leads it, and yet has no record of its
/// client: the case was opened after the backup that the office was restored from. Others gave the
/// case back, but the record was nowhere else; EditClient gives it again.
bool record_lost(const CaseView& view, const NodeId& self);

Drafts decide(const CaseView& view, const Actor& actor, const OpenCase& command, Instant now);
Drafts decide(const CaseView& view, const Actor& actor, const EditClient& command, Instant now);
Drafts decide(const CaseView& view, const Actor& actor, const ChangeHandling& command, Instant now);
Drafts decide(const CaseView& view, const Actor& actor, const WriteNote& command, Instant now);
Drafts decide(const CaseView& view, const Actor& actor, const CloseCase& command, Instant now);
Drafts decide(const CaseView& view, const Actor& actor, const Share& command, Instant now);
Drafts decide(const CaseView& view, const Actor& actor, const WithdrawSharing& command,
              Instant now);

// ---- Case management -----------------------------------------------------------------------

/// Anyone in the case proposes a holder. Allocates at once when the lead adviser or a manager at
/// the lead office names someone of that office.
struct ProposeManager {
  Person holder;
  std::string reason;
};
struct AcceptManager {
  EventId proposal;
};
struct DeclineManager {
  EventId proposal;
  std::string reason;
};
/// The lead adviser, or any manager at the lead office; takes effect with this event.
struct ConfirmManager {
  EventId proposal;
};

Drafts decide(const CaseView& view, const Actor& actor, const ProposeManager& command, Instant now);
Drafts decide(const CaseView& view, const Actor& actor, const AcceptManager& command, Instant now);
Drafts decide(const CaseView& view, const Actor& actor, const DeclineManager& command, Instant now);
Drafts decide(const CaseView& view, const Actor& actor, const ConfirmManager& command, Instant now);

// ---- Referring -----------------------------------------------------------------------------

/// Items and the basis they go on, as a referral names them.
struct ItemsOnGround {
  std::vector<std::string> items;
  wire::Ground ground;
  friend bool operator==(const ItemsOnGround&, const ItemsOnGround&) = default;
};

/// What the adviser writes (`referral.json`, json/referral_input.h).
struct ReferralInput {
  std::string need;
  std::vector<std::string> hoped_for;
  std::string effects;
  std::string tried;
  wire::events::Urgency urgency = wire::events::Urgency::routine;
  std::vector<wire::events::IntakeAnswer> answers;
  std::vector<ItemsOnGround> share;  ///< beside what `share` recorded for that node
  std::string override_reason;
  wire::events::ContactPoint adviser;  ///< empty name: the actor
  friend bool operator==(const ReferralInput&, const ReferralInput&) = default;
};

/// Requests a referral. With no basis recorded or given: for a formal referral to a contracted
/// service name, known-as, phone, email (or the safe contact), needs, language and communication
/// go as *required*; to any other service nothing does, and the refusal says how to record one.
struct Refer {
  ReferralId id;    ///< fresh, by the engine; or a draft's
  Service service;  ///< as it stands in the directory now
  wire::events::Route route = wire::events::Route::formal;
  ReferralInput input;
  std::vector<wire::Attachment> attachments;  ///< checked by attachments.h
  std::string idempotency_key;
  std::optional<ReferralId> again_of;
  const Calendar* calendar = nullptr;  ///< none: england_and_wales()
};
/// Keeps a referral that is being written.
struct SaveDraft {
  Refer refer;
};

Drafts decide(const CaseView& view, const Actor& actor, const Refer& command, Instant now);
Drafts decide(const CaseView& view, const Actor& actor, const SaveDraft& command, Instant now);

/// The referral that this idempotency key made, if any: a repeat is answered with it.
const ReferralView* referral_by_key(const CaseView& view, std::string_view idempotency_key);

// ---- The lead office, on a referral --------------------------------------------------------

struct Answer {
  ReferralId referral;
  std::optional<EventId> question;  ///< none: the only one open
  std::string text;
};
/// Sends items' present values; their basis must be recorded.
struct GiveDetails {
  ReferralId referral;
  std::vector<std::string> items;
};
struct AddAttachment {
  ReferralId referral;
  wire::Attachment attachment;
};
/// Has the lead office decide the strand, when the registry says that its decider is revoked or
/// lost for good; the caller has checked that.
struct TakeOver {
  ReferralId referral;
  std::string reason;
};

Drafts decide(const CaseView& view, const Actor& actor, const Answer& command, Instant now);
Drafts decide(const CaseView& view, const Actor& actor, const GiveDetails& command, Instant now);
Drafts decide(const CaseView& view, const Actor& actor, const AddAttachment& command, Instant now);
Drafts decide(const CaseView& view, const Actor& actor, const TakeOver& command, Instant now);

// ---- Either side: proposes at the lead office, decides at the provider ---------------------

struct Pause {
  ReferralId referral;
  std::string reason;
  std::optional<Date> expected_return;
};
struct Resume {
  ReferralId referral;
  std::string note;
};
/// At the office: asks to withdraw. At the provider: confirms what was asked.
struct Withdraw {
  ReferralId referral;
  wire::events::WithdrawnBy by = wire::events::WithdrawnBy::adviser;
  std::string reason;
};
/// At the office: says it should never have been. At the provider: confirms.
struct MarkError {
  ReferralId referral;
  std::string reason;
};

Drafts decide(const CaseView& view, const Actor& actor, const Pause& command, Instant now);
Drafts decide(const CaseView& view, const Actor& actor, const Resume& command, Instant now);
Drafts decide(const CaseView& view, const Actor& actor, const Withdraw& command, Instant now);
Drafts decide(const CaseView& view, const Actor& actor, const MarkError& command, Instant now);

// ---- The provider --------------------------------------------------------------------------

struct Acknowledge {
  ReferralId referral;
  std::string note;
};
struct Ask {
  ReferralId referral;
  std::string text;
};
struct Wait {
  ReferralId referral;
  std::optional<Date> expected;
  std::string note;
};
struct Accept {
  ReferralId referral;
  Person worker;  ///< who will meet the client; empty name: the actor
  std::string worker_phone;
  std::optional<wire::events::Meeting> meeting;
  std::optional<Date> wait_until;
  std::string note;
};
struct NameWorker {
  ReferralId referral;
  Person worker;
  std::string worker_phone;
};
struct Decline {
  ReferralId referral;
  wire::events::DeclineReason reason = wire::events::DeclineReason::other;
  std::string text;  ///< required with `other`
  std::string suggests;
};
struct Start {
  ReferralId referral;
  std::optional<Date> on;
  std::string note;
};
struct RecordProgress {
  ReferralId referral;
  wire::events::Progress progress = wire::events::Progress::as_planned;
  std::optional<wire::events::Meeting> meeting;
  wire::events::NotAttended not_attended = wire::events::NotAttended::none;
  bool with_notice = false;
  std::string note;
};
/// Each thing hoped for must have a result; with exactly one of them, its text may be left out.
struct Complete {
  ReferralId referral;
  wire::events::ExitReport report;
};
struct EndEarly {
  ReferralId referral;
  wire::events::EndReason reason = wire::events::EndReason::other;
  std::string text;
  std::optional<wire::events::ExitReport> report;
};

Drafts decide(const CaseView& view, const Actor& actor, const Acknowledge& command, Instant now);
Drafts decide(const CaseView& view, const Actor& actor, const Ask& command, Instant now);
Drafts decide(const CaseView& view, const Actor& actor, const Wait& command, Instant now);
Drafts decide(const CaseView& view, const Actor& actor, const Accept& command, Instant now);
Drafts decide(const CaseView& view, const Actor& actor, const NameWorker& command, Instant now);
Drafts decide(const CaseView& view, const Actor& actor, const Decline& command, Instant now);
Drafts decide(const CaseView& view, const Actor& actor, const Start& command, Instant now);
Drafts decide(const CaseView& view, const Actor& actor, const RecordProgress& command, Instant now);
Drafts decide(const CaseView& view, const Actor& actor, const Complete& command, Instant now);
Drafts decide(const CaseView& view, const Actor& actor, const EndEarly& command, Instant now);

}  // namespace liaison::casework
