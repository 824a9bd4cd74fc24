#pragma once

#include <optional>
#include <string>
#include <vector>

#include "wire/events/common.h"

/// Events of a referral's strand. Decider: the provider's node from Requested on (the lead office
/// for an organisation off the exchange). [proposal] marks what the lead office says.
namespace liaison::wire::events {

enum class Route : std::uint16_t { formal = 1, informal = 2, signpost = 3, self = 4 };
enum class Urgency : std::uint16_t { routine = 1, soon = 2, urgent = 3 };

/// One of the listing's intake requirements and what the adviser answered.
struct IntakeAnswer {
  std::string requirement;
  std::string answer;
  friend bool operator==(const IntakeAnswer&, const IntakeAnswer&) = default;
};

/// How to reach a person about the referral.
struct ContactPoint {
  std::string name;
  std::string organisation;
  std::string phone;
  std::string email;
  friend bool operator==(const ContactPoint&, const ContactPoint&) = default;
};

/// Opens a referral's strand: number 0, by the lead office; the strand's id is the referral's.
struct Requested {
  NodeId provider;           ///< the decider from here on; empty: off the exchange
  std::string service;       ///< the listing's id
  std::string service_name;  ///< as it was when chosen
  std::uint32_t listing_version = 0;
  std::string listing_text;  ///< what the listing said when it was chosen; up to 16 KiB
  bool contracted = false;   ///< what it said about a contract
  Route route = Route::formal;
  std::string need;
  std::vector<std::string> hoped_for;
  std::string effects;  ///< on daily life, rather than diagnosis
  std::string tried;    ///< what was tried already and what else runs
  Urgency urgency = Urgency::routine;
  std::vector<IntakeAnswer> answers;
  std::vector<Item> items;
  std::vector<Attachment> attachments;
  ContactPoint adviser;
  Person case_manager;
  std::vector<Due> dues;
  std::string idempotency_key;         ///< a second request of the case with this key is caught
  std::optional<ReferralId> again_of;  ///< the earlier referral this one repeats
  std::string override_reason;         ///< against a directive: why
  friend bool operator==(const Requested&, const Requested&) = default;
};

/// Number 1: durable at the provider's node, which says so by itself.
struct Received {
  friend bool operator==(const Received&, const Received&) = default;
};

/// A person at the provider has seen it.
struct Acknowledged {
  std::string note;
  friend bool operator==(const Acknowledged&, const Acknowledged&) = default;
};

/// The provider asks; stops the acknowledgement clock until answered.
struct Asked {
  std::string text;
  friend bool operator==(const Asked&, const Asked&) = default;
};

/// [proposal] The lead office answers; `answers` is the Asked.
struct Answered {
  std::string text;
  friend bool operator==(const Answered&, const Answered&) = default;
};

/// [proposal] More items, or newer values of items, with their basis.
struct DetailsGiven {
  std::vector<Item> items;
  friend bool operator==(const DetailsGiven&, const DetailsGiven&) = default;
};

/// [proposal] Another document.
struct AttachmentAdded {
  Attachment attachment;
  friend bool operator==(const AttachmentAdded&, const AttachmentAdded&) = default;
};

/// The answers, details and attachments it cites are now part of the referral.
struct Taken {
  friend bool operator==(const Taken&, const Taken&) = default;
};

enum class Refusal : std::uint16_t {
  finished = 1,      ///< the referral had ended first
  not_possible = 2,  ///< the state does not allow it
  not_authorised = 3,
  other = 4,  ///< see text
};

/// The proposals it cites change nothing: they stay on the record as not applied. Any strand.
struct Refused {
  Refusal why = Refusal::other;
  std::string text;
  friend bool operator==(const Refused&, const Refused&) = default;
};

/// A place on the waiting list.
struct Waiting {
  std::optional<Date> expected;  ///< the month counts; the day is its first
  std::string note;
  friend bool operator==(const Waiting&, const Waiting&) = default;
};

struct Meeting {
  Instant at{};
  std::string place;
  std::string with;
  std::string note;
  friend bool operator==(const Meeting&, const Meeting&) = default;
};

/// Taken on: who will meet the client, and when, or what place is waited for.
struct Accepted {
  Person worker;  ///< the case worker
  std::string worker_phone;
  std::optional<Meeting> meeting;
  std::optional<Date> wait_until;  ///< expected month of a place, when no meeting is arranged yet
  std::string note;
  friend bool operator==(const Accepted&, const Accepted&) = default;
};

/// Another case worker from now on.
struct WorkerNamed {
  Person worker;
  std::string worker_phone;
  friend bool operator==(const WorkerNamed&, const WorkerNamed&) = default;
};

enum class DeclineReason : std::uint16_t {
  no_capacity = 1,
  out_of_area = 2,
  not_eligible = 3,
  need_not_met_here = 4,
  insufficient_information = 5,
  already_helped_elsewhere = 6,
  already_in_work = 7,
  safety = 8,
  client_not_reached = 9,
  client_declined = 10,
  other = 11,
};

struct Declined {
  DeclineReason reason = DeclineReason::other;
  std::string text;
  std::string suggests;  ///< id or name of another service; may be empty
  friend bool operator==(const Declined&, const Declined&) = default;
};

/// First meeting attended, client taken on.
struct Started {
  std::optional<Date> on;
  std::string note;
  std::vector<Due> dues;
  friend bool operator==(const Started&, const Started&) = default;
};

/// BSeR's business statuses.
enum class Progress : std::uint16_t {
  event_scheduled = 1,
  event_unattended = 2,
  event_cancelled = 3,
  event_completed = 4,
  awaiting_information = 5,
  as_planned = 6,
};

enum class NotAttended : std::uint16_t {
  none = 0,
  ill = 1,
  forgot = 2,
  caring = 3,
  transport = 4,
  too_late = 5,
  appointment_not_known = 6,
  other = 7,
};

struct Progressed {
  Progress progress = Progress::as_planned;
  std::optional<Meeting> meeting;  ///< what was scheduled, moved, cancelled or held
  NotAttended not_attended = NotAttended::none;
  bool with_notice = false;
  std::string note;
  std::vector<Due> dues;
  friend bool operator==(const Progressed&, const Progressed&) = default;
};

/// [proposal] The lead office asks for a pause.
struct PauseRequested {
  std::string reason;
  std::optional<Date> expected_return;
  friend bool operator==(const PauseRequested&, const PauseRequested&) = default;
};

struct Paused {
  std::string reason;
  std::optional<Date> expected_return;
  friend bool operator==(const Paused&, const Paused&) = default;
};

/// [proposal] The lead office asks that it go on.
struct ResumeRequested {
  std::string note;
  friend bool operator==(const ResumeRequested&, const ResumeRequested&) = default;
};

struct Resumed {
  std::string note;
  friend bool operator==(const Resumed&, const Resumed&) = default;
};

enum class Hope : std::uint16_t { achieved = 1, partly = 2, not_achieved = 3 };

/// What became of one thing hoped for.
struct HopeResult {
  std::string hoped_for;  ///< as in Requested
  Hope result = Hope::not_achieved;
  friend bool operator==(const HopeResult&, const HopeResult&) = default;
};

enum class OutcomeCode : std::uint16_t {
  work_16_hours_and_over = 1,
  work_under_16_hours = 2,
  self_employment = 3,
  returned_to_own_job = 4,
  permitted_work = 5,
  volunteering = 6,
  work_trial_or_placement = 7,
  training_or_education = 8,
  condition_managed_better = 9,
  practical_problem_solved = 10,
  moved_on_to_another_service = 11,
  completed_without_further_step = 12,
};

struct Outcome {
  OutcomeCode code = OutcomeCode::completed_without_further_step;
  std::optional<Date> on;
  std::string note;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

struct ExitReport {
  std::vector<HopeResult> hopes;
  std::vector<Outcome> outcomes;
  std::string what_was_done;
  std::string what_next;
  bool client_saw_it = false;
  friend bool operator==(const ExitReport&, const ExitReport&) = default;
};

struct Completed {
  ExitReport report;
  friend bool operator==(const Completed&, const Completed&) = default;
};

enum class EndReason : std::uint16_t {
  client_left = 1,
  client_not_reached = 2,
  not_suitable = 3,
  illness = 4,
  service_closed = 5,
  work = 6,
  died = 7,              ///< no exit report asked
  terminal_illness = 8,  ///< no exit report asked
  moved_abroad = 9,      ///< no exit report asked
  other = 10,
};

struct EndedEarly {
  EndReason reason = EndReason::other;
  std::string text;
  std::optional<ExitReport> report;
  friend bool operator==(const EndedEarly&, const EndedEarly&) = default;
};

enum class WithdrawnBy : std::uint16_t { adviser = 1, client = 2 };

/// [proposal] The client is free to be referred elsewhere from here on; the provider decides.
struct WithdrawalRequested {
  WithdrawnBy by = WithdrawnBy::adviser;
  std::string reason;
  friend bool operator==(const WithdrawalRequested&, const WithdrawalRequested&) = default;
};

/// Cites the WithdrawalRequested.
struct Withdrawn {
  std::string note;
  friend bool operator==(const Withdrawn&, const Withdrawn&) = default;
};

/// [proposal] It should never have been.
struct ErrorClaimed {
  std::string reason;
  friend bool operator==(const ErrorClaimed&, const ErrorClaimed&) = default;
};

/// Cites the ErrorClaimed.
struct EnteredInError {
  friend bool operator==(const EnteredInError&, const EnteredInError&) = default;
};

/// The lead office decides this strand from here on, because its decider was revoked or is lost
/// for good by the registry's word. Itself the lead office's event number `after` + 1.
struct DeciderTakenOver {
  std::uint32_t after = 0;  ///< the old decider's last number that stands
  std::string reason;
  friend bool operator==(const DeciderTakenOver&, const DeciderTakenOver&) = default;
};

}  // namespace liaison::wire::events
