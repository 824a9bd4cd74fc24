#include "casework/kinds.h"

namespace liaison::casework {
namespace {

using wire::StrandKind;
namespace ev = wire::events;

struct Home {
  StrandKind strand;
  bool proposal;
};

/// One line a kind: a new kind does not compile until it has said where it belongs.
struct HomeOf {
  static constexpr Home core(bool proposal = false) { return {StrandKind::core, proposal}; }
  static constexpr Home own() { return {StrandKind::own, false}; }
  static constexpr Home referral(bool proposal = false) { return {StrandKind::referral, proposal}; }

  Home operator()(const ev::Unknown&) { return core(); }
  Home operator()(const ev::CaseOpened&) { return core(); }
  Home operator()(const ev::ParticipantJoined&) { return core(); }
  Home operator()(const ev::ParticipantLeft&) { return core(); }
  Home operator()(const ev::ManagerAllocated&) { return core(); }
  Home operator()(const ev::ManagerProposed&) { return core(true); }
  Home operator()(const ev::ManagerAccepted&) { return core(true); }
  Home operator()(const ev::ManagerDeclined&) { return core(true); }
  Home operator()(const ev::Shared&) { return core(); }
  Home operator()(const ev::SharingWithdrawn&) { return core(); }
  Home operator()(const ev::HandlingChanged&) { return core(); }
  Home operator()(const ev::CaseClosed&) { return core(); }
  Home operator()(const ev::LeadMoved&) { return core(); }
  Home operator()(const ev::ClientRecorded&) { return own(); }
  Home operator()(const ev::ClientEdited&) { return own(); }
  Home operator()(const ev::ReferralDrafted&) { return own(); }
  Home operator()(const ev::NoteWritten&) { return own(); }
  Home operator()(const ev::Requested&) { return referral(); }
  Home operator()(const ev::Received&) { return referral(); }
  Home operator()(const ev::Acknowledged&) { return referral(); }
  Home operator()(const ev::Asked&) { return referral(); }
  Home operator()(const ev::Answered&) { return referral(true); }
  Home operator()(const ev::DetailsGiven&) { return referral(true); }
  Home operator()(const ev::AttachmentAdded&) { return referral(true); }
  Home operator()(const ev::Taken&) { return referral(); }
  Home operator()(const ev::Refused&) { return referral(); }
  Home operator()(const ev::Waiting&) { return referral(); }
  Home operator()(const ev::Accepted&) { return referral(); }
  Home operator()(const ev::WorkerNamed&) { return referral(); }
  Home operator()(const ev::Declined&) { return referral(); }
  Home operator()(const ev::Started&) { return referral(); }
  Home operator()(const ev::Progressed&) { return referral(); }
  Home operator()(const ev::PauseRequested&) { return referral(true); }
  Home operator()(const ev::Paused&) { return referral(); }
  Home operator()(const ev::ResumeRequested&) { return referral(true); }
  Home operator()(const ev::Resumed&) { return referral(); }
  Home operator()(const ev::Completed&) { return referral(); }
  Home operator()(const ev::EndedEarly&) { return referral(); }
  Home operator()(const ev::WithdrawalRequested&) { return referral(true); }
  Home operator()(const ev::Withdrawn&) { return referral(); }
  Home operator()(const ev::ErrorClaimed&) { return referral(true); }
  Home operator()(const ev::EnteredInError&) { return referral(); }
  Home operator()(const ev::DeciderTakenOver&) { return referral(); }
};

Home home_of(const wire::EventBody& body) { return std::visit(HomeOf{}, body); }

}  // namespace

bool is_proposal(const wire::EventBody& body) { return home_of(body).proposal; }

bool belongs_in(const wire::EventBody& body, StrandKind strand) {
  bool answers_proposals = body.index() == kind_of<ev::Taken> || body.index() == kind_of<ev::Refused>;
  if (answers_proposals && strand == StrandKind::core) return true;
  return body.index() == kind_of<ev::Unknown> || home_of(body).strand == strand;
}

}  // namespace liaison::casework
