#pragma once

#include <type_traits>

#include "wire/event.h"

namespace liaison::casework {

namespace detail {
template <class Kind, class Variant>
struct index_of;
template <class Kind, class... Kinds>
struct index_of<Kind, std::variant<Kinds...>> {
  static constexpr std::size_t value = [] {
    std::size_t index = 0;
    static_cast<void>(((std::is_same_v<Kind, Kinds> ? true : (++index, false)) || ...));
    return index;
  }();
  static_assert(value < sizeof...(Kinds), "not a kind of event");
};
}  // namespace detail

/// A kind's place in wire::EventBody. 0 is events::Unknown.
template <class Kind>
inline constexpr std::size_t kind_of = detail::index_of<Kind, wire::EventBody>::value;

/// Where a kind belongs, and whether it is a proposal: said by others than the strand's decider, it
/// takes effect when one of the decider's events cites it.
struct Home {
  wire::StrandKind strand;
  bool proposal = false;
};

/// One line a kind: a new kind does not compile until it has said where it belongs.
namespace homes {
namespace ev = wire::events;
template <class Kind>
using Of = std::type_identity<Kind>;
inline constexpr Home core{wire::StrandKind::core};
inline constexpr Home core_proposal{wire::StrandKind::core, true};
inline constexpr Home own{wire::StrandKind::own};
inline constexpr Home referral{wire::StrandKind::referral};
inline constexpr Home referral_proposal{wire::StrandKind::referral, true};

constexpr Home home(Of<ev::Unknown>) {
  return core;
}
constexpr Home home(Of<ev::CaseOpened>) {
  return core;
}
constexpr Home home(Of<ev::ParticipantJoined>) {
  return core;
}
constexpr Home home(Of<ev::ParticipantLeft>) {
  return core;
}
constexpr Home home(Of<ev::ManagerAllocated>) {
  return core;
}
constexpr Home home(Of<ev::ManagerProposed>) {
  return core_proposal;
}
constexpr Home home(Of<ev::ManagerAccepted>) {
  return core_proposal;
}
constexpr Home home(Of<ev::ManagerDeclined>) {
  return core_proposal;
}
constexpr Home home(Of<ev::Shared>) {
  return core;
}
constexpr Home home(Of<ev::SharingWithdrawn>) {
  return core;
}
constexpr Home home(Of<ev::HandlingChanged>) {
  return core;
}
constexpr Home home(Of<ev::CaseClosed>) {
  return core;
}
constexpr Home home(Of<ev::LeadMoved>) {
  return core;
}
constexpr Home home(Of<ev::ClientRecorded>) {
  return own;
}
constexpr Home home(Of<ev::ClientEdited>) {
  return own;
}
constexpr Home home(Of<ev::ReferralDrafted>) {
  return own;
}
constexpr Home home(Of<ev::NoteWritten>) {
  return own;
}
constexpr Home home(Of<ev::Requested>) {
  return referral;
}
constexpr Home home(Of<ev::Received>) {
  return referral;
}
constexpr Home home(Of<ev::Acknowledged>) {
  return referral;
}
constexpr Home home(Of<ev::Asked>) {
  return referral;
}
constexpr Home home(Of<ev::Answered>) {
  return referral_proposal;
}
constexpr Home home(Of<ev::DetailsGiven>) {
  return referral_proposal;
}
constexpr Home home(Of<ev::AttachmentAdded>) {
  return referral_proposal;
}
constexpr Home home(Of<ev::Taken>) {
  return referral;
}
constexpr Home home(Of<ev::Refused>) {
  return referral;
}
constexpr Home home(Of<ev::Waiting>) {
  return referral;
}
constexpr Home home(Of<ev::Accepted>) {
  return referral;
}
constexpr Home home(Of<ev::WorkerNamed>) {
  return referral;
}
constexpr Home home(Of<ev::Declined>) {
  return referral;
}
constexpr Home home(Of<ev::Started>) {
  return referral;
}
constexpr Home home(Of<ev::Progressed>) {
  return referral;
}
constexpr Home home(Of<ev::PauseRequested>) {
  return referral_proposal;
}
constexpr Home home(Of<ev::Paused>) {
  return referral;
}
constexpr Home home(Of<ev::ResumeRequested>) {
  return referral_proposal;
}
constexpr Home home(Of<ev::Resumed>) {
  return referral;
}
constexpr Home home(Of<ev::Completed>) {
  return referral;
}
constexpr Home home(Of<ev::EndedEarly>) {
  return referral;
}
constexpr Home home(Of<ev::WithdrawalRequested>) {
  return referral_proposal;
}
constexpr Home home(Of<ev::Withdrawn>) {
  return referral;
}
constexpr Home home(Of<ev::ErrorClaimed>) {
  return referral_proposal;
}
constexpr Home home(Of<ev::EnteredInError>) {
  return referral;
}
constexpr Home home(Of<ev::DeciderTakenOver>) {
  return referral;
}
}  // namespace homes

template <class Kind>
inline constexpr Home home_of = homes::home(std::type_identity<Kind>{});

/// What a strand's decider says in a strand of kind `Strand`: a fold has an effect for each of
/// these, and one catch-all for those that are not, so that a kind without an effect does not
/// compile.
template <class Kind, wire::StrandKind Strand>
concept DecidedIn = home_of<Kind>
.strand == Strand && !home_of<Kind>.proposal;

bool is_proposal(const wire::EventBody& body);
/// Whether a kind may stand in such a strand; `refused` and `taken` are at home in two, and an
/// unknown kind anywhere.
bool belongs_in(const wire::EventBody& body, wire::StrandKind strand);

}  // namespace liaison::casework
