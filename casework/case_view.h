#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "casework/actor.h"
#include "casework/referral_moves.h"
#include "wire/event.h"
#include "wire/letter.h"

/// What a node shows of a case: the fold of the events it holds. Plain values.
namespace liaison::casework {

/// What became of an event.
enum class Verdict : std::uint8_t {
  applied,
  pending,      ///< a proposal that nobody has decided yet
  not_applied,  ///< stays on the record, changed nothing: see `why`
  unknown,      ///< of a kind this version does not know
  behind_gap,   ///< an earlier number is missing: not judged yet
};

enum class WhyNot : std::uint8_t {
  none,
  refused,             ///< the decider refused the proposal
  move_not_allowed,    ///< the table of moves does not allow it in that state
  not_the_decider,     ///< numbered by someone who does not decide the strand
  not_entitled,        ///< a proposal by someone who may not make it
  number_taken,        ///< the decider said two things under one number; the other one stands
  not_numbered,        ///< a decision without a number
  wrong_strand,        ///< of a kind that does not belong in this strand
  lacks_proposal,      ///< needs a proposal to cite and cites none that fits
  superseded_decider,  ///< by a decider whose strand was taken over or whose lead moved
  not_valid,           ///< its content contradicts the case (unknown holder, no exit report)
};
const char* name_of(Verdict verdict);
const char* name_of(WhyNot why);

struct HistoryEntry {
  std::shared_ptr<const wire::Event> event;
  Verdict verdict = Verdict::pending;
  WhyNot why = WhyNot::none;
  std::optional<EventId> decided_by;  ///< for a proposal: the decider's event that cites it
  Instant shown_at{};                 ///< author's clock, never before what it follows
};

/// The decider said two different things under one number: kept as evidence.
struct Equivocation {
  std::uint32_t number = 0;
  EventId stands;
  EventId other;
  friend bool operator==(const Equivocation&, const Equivocation&) = default;
};

/// How far one strand is known.
struct StrandView {
  wire::StrandRef strand;
  NodeId decider;                 ///< empty: not known yet (its opening event is missing)
  std::uint32_t last_number = 0;  ///< the fold reached this number
  std::vector<HistoryEntry> history;
  std::vector<wire::Gap>
      gaps;  ///< numbers missing below the highest held. Who answers one sends those
             ///< events and what they cite of it. {0, 0}: the opening `requested`
  std::vector<Equivocation> equivocations;

  [[nodiscard]] bool whole() const { return !decider.empty() && gaps.empty(); }
  [[nodiscard]] std::uint32_t next_number() const { return last_number + 1; }
};

struct Participant {
  Person who;
  std::string organisation;
  std::string purpose;
  Instant since{};
  std::optional<Instant> until;  ///< none: still taking part
};

/// Who has overall responsibility, since when.
struct ManagerTerm {
  Person holder;
  std::string reason;
  EventId event;
  Instant since{};
};

struct ManagerProposal {
  EventId event;
  Person holder;
  Person proposed_by;
  std::string reason;
  std::optional<EventId> accepted;  ///< the holder's acceptance
  bool declined = false;
};

struct ShareView {
  EventId event;
  NodeId to;
  std::string item;
  std::shared_ptr<const wire::Ground> ground;  ///< of that event
  Instant since{};
  std::optional<Instant> ended;      ///< withdrawn: nothing more goes from then on
  std::optional<EventId> objection;  ///< against a required item: for the manager
};

struct Question {
  EventId event;
  std::string text;
  Person asked_by;
  Instant at{};
  std::optional<EventId> answer;  ///< held, whether or not it is taken yet
  std::string answer_text;
  bool taken = false;  ///< the decider has taken the answer
};

/// One referral as its strand tells it.
struct ReferralView {
  ReferralId id;
  StrandView strand;
  EventId opened_by;  ///< its request, of several the one that was taken up
  NodeId office;      ///< who requested it
  NodeId provider;    ///< empty: off the exchange
  wire::events::Requested request;
  Instant requested_at{};
  ReferralState state = ReferralState::requested;
  ReferralState before_pause = ReferralState::accepted;
  bool started = false;       ///< ever
  bool acknowledged = false;  ///< a person there has reacted
  std::string
      progress;  ///< within the state: "event_scheduled", "awaiting_information", "waiting", ...
  Person worker;
  std::string worker_phone;
  std::optional<wire::events::Meeting> meeting;
  std::optional<Date> waiting_until;
  std::vector<Question> questions;
  std::vector<wire::Item> items;              ///< as they stand after details taken
  std::vector<wire::Attachment> attachments;  ///< requested and taken
  std::vector<wire::Due> dues;                ///< still to be met
  std::optional<EventId> withdrawal_asked;    ///< pending
  std::optional<EventId> pause_asked;
  std::optional<EventId> resume_asked;
  std::optional<EventId> error_claimed;
  std::optional<wire::events::Declined> declined;
  std::optional<wire::events::ExitReport> report;
  std::optional<wire::events::EndedEarly> ended_early;
  std::optional<EventId> ended_by;  ///< the event that led to a final state
  std::optional<Instant> ended_at;
  bool taken_over = false;  ///< the lead office decides it now

  /// Documents that an office has added and the decider has neither taken nor refused.
  [[nodiscard]] std::vector<wire::Attachment> attachments_waiting() const;
  /// The acknowledgement clock stands while a question waits for its answer.
  [[nodiscard]] bool clock_stopped() const;
};

struct NoteView {
  EventId event;
  Person by;
  Instant at{};
  std::string text;
};

/// A referral that is still being written at the lead office.
struct DraftView {
  ReferralId id;
  wire::events::Requested request;
  Instant at{};
};

/// A strand whose standing cannot be judged: its opener is not the lead office, or the core is
/// not here yet.
struct Unplaced {
  wire::StrandRef strand;
  NodeId opener;
};

struct CaseView {
  CaseId id;
  bool opened = false;  ///< the core's first event is here
  NodeId lead_office;
  Person lead_adviser;
  std::uint32_t lead_number = 0;
  Handling handling = Handling::ordinary;
  std::optional<Instant> opened_at;
  std::optional<Instant> closed_at;
  std::string closed_because;
  std::vector<Participant> participants;     ///< without the lead office; past ones too
  ManagerTerm manager;                       ///< exactly one, from the first event on
  std::vector<ManagerTerm> manager_history;  ///< oldest first; the last is `manager`
  std::vector<ManagerProposal> manager_proposals;
  std::vector<ShareView> shares;
  std::optional<wire::events::ClientRecord> client;  ///< at the lead office only
  std::vector<NoteView> notes;
  std::vector<DraftView> drafts;
  std::vector<ReferralView> referrals;  ///< in the order they were requested
  StrandView core;
  StrandView own;
  std::vector<wire::Gap> gaps;  ///< of all strands
  std::vector<Unplaced> unplaced;

  std::vector<NodeId> lead_offices;  ///< the opener and its successors; the last is `lead_office`

  [[nodiscard]] const ReferralView* referral(const ReferralId& id) const;
  [[nodiscard]] bool takes_part(const NodeId& node) const;  ///< now; the lead office does
};

/// What the actor's side may do with a referral now, as the desk's commands: "accept", "withdraw".
std::vector<std::string> allowed_actions(const CaseView& view, const ReferralView& referral,
                                         const NodeId& side);

}  // namespace liaison::casework
