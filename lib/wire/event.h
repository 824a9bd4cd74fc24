#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/id.h"
#include "base/time.h"
#include "wire/events/core.h"
#include "wire/events/own.h"
#include "wire/events/referral.h"

/// Events: what happened in a case (schemas/casework.capnp, docs/CASEWORK.md).
namespace liaison::wire {

enum class StrandKind : std::uint16_t { core = 0, own = 1, referral = 2, conversation = 3 };

/// One strand of a case. `id` is zero for core and own, else the referral's or conversation's.
struct StrandRef {
  StrandKind kind = StrandKind::core;
  StrandId id;
  friend auto operator<=>(const StrandRef&, const StrandRef&) = default;
  friend bool operator==(const StrandRef&, const StrandRef&) = default;
};

namespace events {

/// A kind of event that this version does not know: kept, and folded again after an upgrade.
struct Unknown {
  std::uint16_t kind = 0;  ///< its place in the union of schemas/casework.capnp
  friend bool operator==(const Unknown&, const Unknown&) = default;
};

}  // namespace events

/// What happened: one alternative a kind.
using EventBody = std::variant<
    events::Unknown, events::CaseOpened, events::ParticipantJoined, events::ParticipantLeft,
    events::ManagerAllocated, events::ManagerProposed, events::ManagerAccepted,
    events::ManagerDeclined, events::Shared, events::SharingWithdrawn, events::HandlingChanged,
    events::CaseClosed, events::LeadMoved, events::ClientRecorded, events::ClientEdited,
    events::ReferralDrafted, events::NoteWritten, events::Requested, events::Received,
    events::Acknowledged, events::Asked, events::Answered, events::DetailsGiven,
    events::AttachmentAdded, events::Taken, events::Refused, events::Waiting, events::Accepted,
    events::WorkerNamed, events::Declined, events::Started, events::Progressed,
    events::PauseRequested, events::Paused, events::ResumeRequested, events::Resumed,
    events::Completed, events::EndedEarly, events::WithdrawalRequested, events::Withdrawn,
    events::ErrorClaimed, events::EnteredInError, events::DeciderTakenOver>;

/// One immutable event.
struct Event {
  EventId id;
  CaseId case_id;
  StrandRef strand;
  NodeId author;                  ///< the node that signed it
  std::uint64_t incarnation = 0;  ///< the author's, raised when it was restored from a backup
  std::string user;               ///< sign-in name at the author; empty: the node by itself
  std::string user_name;          ///< what to call that person
  UserRole user_role = UserRole::none;
  Instant at{};                    ///< the author's clock: for display, decides nothing
  std::optional<EventId> answers;  ///< the event this one answers
  std::uint32_t number = 0;        ///< 1, 2, 3, ... by the strand's decider; 0: a proposal
  std::vector<EventId> cites;  ///< the proposals that take effect, or are refused, with this one
  EventBody body;
  friend bool operator==(const Event&, const Event&) = default;
};

/// An event as it travels and lies in stores: `body` is the exact octets that encode() made and
/// the author signed; they are kept and passed on, never made again from the value.
struct SignedEvent {
  Bytes body;
  Bytes signature;          ///< DER ECDSA P-256 with SHA-256 over signed_bytes_of_event(body)
  Fingerprint certificate;  ///< the author's signing certificate
  friend bool operator==(const SignedEvent&, const SignedEvent&) = default;
};

/// The octets of `body`. The value must be within the limits of schemas/casework.capnp, or its
/// readers refuse it: casework's decide() bounds whatever a person gives it.
Bytes encode(const Event& event);

/// Reads what encode() writes, within every limit of the schema. malformed, too_large.
Result<Event> decode_event(ByteView bytes);

/// The event as a JSON object for people: every field that says something, by its name in
/// schemas/casework.capnp; ids and digests in hexadecimal, times as RFC 3339. Fails as
/// decode_event() does.
Result<std::string> json_of_event(ByteView body);

/// What an event's signature covers: "liaison event" || body.
Bytes signed_bytes_of_event(ByteView body);

/// The name of a kind as programs and histories show it: "case_opened", "requested", ...
const char* name_of(const EventBody& body);

}  // namespace liaison::wire
