#include "wire/event_io.h"

// Which kind an event is: EventBody and the union `body` of the schema, one line a kind each way.

namespace liaison::wire::io {
namespace {

struct PutBody {
  cw::Event::Body::Builder out;

  // An unknown kind was never encoded by this version: its octets are kept and passed on.
  void operator()(const events::Unknown&) { out.setNone(); }
  void operator()(const events::CaseOpened& body) { put(body, out.initCaseOpened()); }
  void operator()(const events::ParticipantJoined& body) { put(body, out.initParticipantJoined()); }
  void operator()(const events::ParticipantLeft& body) { put(body, out.initParticipantLeft()); }
  void operator()(const events::ManagerAllocated& body) {
    put_manager(body, out.initManagerAllocated());
  }
  void operator()(const events::ManagerProposed& body) {
    put_manager(body, out.initManagerProposed());
  }
  void operator()(const events::ManagerAccepted&) { out.initManagerAccepted(); }
  void operator()(const events::ManagerDeclined& body) {
    put_remark(body.reason, out.initManagerDeclined());
  }
  void operator()(const events::Shared& body) { put(body, out.initShared()); }
  void operator()(const events::SharingWithdrawn& body) { put(body, out.initSharingWithdrawn()); }
  void operator()(const events::HandlingChanged& body) {
    out.initHandlingChanged().setHandling(static_cast<cw::Handling>(body.handling));
  }
  void operator()(const events::CaseClosed& body) { put_remark(body.reason, out.initCaseClosed()); }
  void operator()(const events::LeadMoved& body) { put(body, out.initLeadMoved()); }
  void operator()(const events::ClientRecorded& body) {
    put(body.client, out.initClientRecorded());
  }
  void operator()(const events::ClientEdited& body) { put(body, out.initClientEdited()); }
  void operator()(const events::ReferralDrafted& body) { put(body, out.initReferralDrafted()); }
  void operator()(const events::NoteWritten& body) { put_remark(body.text, out.initNoteWritten()); }
  void operator()(const events::Requested& body) { put(body, out.initRequested()); }
  void operator()(const events::Received&) { out.initReceived(); }
  void operator()(const events::Acknowledged& body) {
    put_remark(body.note, out.initAcknowledged());
  }
  void operator()(const events::Asked& body) { put_remark(body.text, out.initAsked()); }
  void operator()(const events::Answered& body) { put_remark(body.text, out.initAnswered()); }
  void operator()(const events::DetailsGiven& body) {
    put_list(body.items, out.initDetailsGiven().initItems(count_of(body.items)));
  }
  void operator()(const events::AttachmentAdded& body) {
    put(body.attachment, out.initAttachmentAdded());
  }
  void operator()(const events::Taken&) { out.initTaken(); }
  void operator()(const events::Refused& body) { put(body, out.initRefused()); }
  void operator()(const events::Waiting& body) { put(body, out.initWaiting()); }
  void operator()(const events::Accepted& body) { put(body, out.initAccepted()); }
  void operator()(const events::WorkerNamed& body) { put(body, out.initWorkerNamed()); }
  void operator()(const events::Declined& body) { put(body, out.initDeclined()); }
  void operator()(const events::Started& body) { put(body, out.initStarted()); }
  void operator()(const events::Progressed& body) { put(body, out.initProgressed()); }
  void operator()(const events::PauseRequested& body) { put_pause(body, out.initPauseRequested()); }
  void operator()(const events::Paused& body) { put_pause(body, out.initPaused()); }
  void operator()(const events::ResumeRequested& body) {
    put_remark(body.note, out.initResumeRequested());
  }
  void operator()(const events::Resumed& body) { put_remark(body.note, out.initResumed()); }
  void operator()(const events::Completed& body) { put(body.report, out.initCompleted()); }
  void operator()(const events::EndedEarly& body) { put(body, out.initEndedEarly()); }
  void operator()(const events::WithdrawalRequested& body) {
    put(body, out.initWithdrawalRequested());
  }
  void operator()(const events::Withdrawn& body) { put_remark(body.note, out.initWithdrawn()); }
  void operator()(const events::ErrorClaimed& body) {
    put_remark(body.reason, out.initErrorClaimed());
  }
  void operator()(const events::EnteredInError&) { out.initEnteredInError(); }
  void operator()(const events::DeciderTakenOver& body) { put(body, out.initDeciderTakenOver()); }

  template <class Kind>
  static void put_manager(const Kind& body, cw::Manager::Builder to) {
    put(body.holder, to.initHolder());
    to.setReason(to_text(body.reason));
  }
  template <class Kind>
  static void put_pause(const Kind& body, cw::Pause::Builder to) {
    to.setReason(to_text(body.reason));
    to.setExpectedReturn(to_text(date_text(body.expected_return)));
  }
};

template <class Kind, class Reader>
EventBody read(Reader from) {
  Kind kind;
  get(from, kind);
  return kind;
}

template <class Kind>
EventBody read_manager(cw::Manager::Reader from) {
  Kind kind;
  get(from.getHolder(), kind.holder);
  kind.reason = get_text(from.getReason(), "reason");
  return kind;
}

template <class Kind>
EventBody read_pause(cw::Pause::Reader from) {
  return Kind{get_text(from.getReason(), "reason"),
              get_date(from.getExpectedReturn(), "expected return")};
}

EventBody read_known(cw::Event::Body::Reader from) {
  using Body = cw::Event::Body;
  switch (from.which()) {
    case Body::NONE:
      break;
    case Body::CASE_OPENED:
      return read<events::CaseOpened>(from.getCaseOpened());
    case Body::PARTICIPANT_JOINED:
      return read<events::ParticipantJoined>(from.getParticipantJoined());
    case Body::PARTICIPANT_LEFT:
      return read<events::ParticipantLeft>(from.getParticipantLeft());
    case Body::MANAGER_ALLOCATED:
      return read_manager<events::ManagerAllocated>(from.getManagerAllocated());
    case Body::MANAGER_PROPOSED:
      return read_manager<events::ManagerProposed>(from.getManagerProposed());
    case Body::MANAGER_ACCEPTED:
      return events::ManagerAccepted{};
    case Body::MANAGER_DECLINED:
      return events::ManagerDeclined{get_remark(from.getManagerDeclined())};
    case Body::SHARED:
      return read<events::Shared>(from.getShared());
    case Body::SHARING_WITHDRAWN:
      return read<events::SharingWithdrawn>(from.getSharingWithdrawn());
    case Body::HANDLING_CHANGED:
      return events::HandlingChanged{get_enum(from.getHandlingChanged().getHandling(),
                                              Handling::ordinary, Handling::safe_contact,
                                              "handling")};
    case Body::CASE_CLOSED:
      return events::CaseClosed{get_remark(from.getCaseClosed())};
    case Body::LEAD_MOVED:
      return read<events::LeadMoved>(from.getLeadMoved());
    case Body::CLIENT_RECORDED: {
      events::ClientRecorded recorded;
      get(from.getClientRecorded(), recorded.client);
      return recorded;
    }
    case Body::CLIENT_EDITED:
      return read<events::ClientEdited>(from.getClientEdited());
    case Body::REFERRAL_DRAFTED:
      return read<events::ReferralDrafted>(from.getReferralDrafted());
    case Body::NOTE_WRITTEN:
      return events::NoteWritten{get_remark(from.getNoteWritten())};
    case Body::REQUESTED:
      return read<events::Requested>(from.getRequested());
    case Body::RECEIVED:
      return events::Received{};
    case Body::ACKNOWLEDGED:
      return events::Acknowledged{get_remark(from.getAcknowledged())};
    case Body::ASKED:
      return events::Asked{get_remark(from.getAsked())};
    case Body::ANSWERED:
      return events::Answered{get_remark(from.getAnswered())};
    case Body::DETAILS_GIVEN:
      return events::DetailsGiven{
          get_list<Item>(from.getDetailsGiven().getItems(), limit::list_max, "items")};
    case Body::ATTACHMENT_ADDED: {
      events::AttachmentAdded added;
      get(from.getAttachmentAdded(), added.attachment);
      return added;
    }
    case Body::TAKEN:
      return events::Taken{};
    case Body::REFUSED:
      return read<events::Refused>(from.getRefused());
    case Body::WAITING:
      return read<events::Waiting>(from.getWaiting());
    case Body::ACCEPTED:
      return read<events::Accepted>(from.getAccepted());
    case Body::WORKER_NAMED:
      return read<events::WorkerNamed>(from.getWorkerNamed());
    case Body::DECLINED:
      return read<events::Declined>(from.getDeclined());
    case Body::STARTED:
      return read<events::Started>(from.getStarted());
    case Body::PROGRESSED:
      return read<events::Progressed>(from.getProgressed());
    case Body::PAUSE_REQUESTED:
      return read_pause<events::PauseRequested>(from.getPauseRequested());
    case Body::PAUSED:
      return read_pause<events::Paused>(from.getPaused());
    case Body::RESUME_REQUESTED:
      return events::ResumeRequested{get_remark(from.getResumeRequested())};
    case Body::RESUMED:
      return events::Resumed{get_remark(from.getResumed())};
    case Body::COMPLETED: {
      events::Completed completed;
      get(from.getCompleted(), completed.report);
      return completed;
    }
    case Body::ENDED_EARLY:
      return read<events::EndedEarly>(from.getEndedEarly());
    case Body::WITHDRAWAL_REQUESTED:
      return read<events::WithdrawalRequested>(from.getWithdrawalRequested());
    case Body::WITHDRAWN:
      return events::Withdrawn{get_remark(from.getWithdrawn())};
    case Body::ERROR_CLAIMED:
      return events::ErrorClaimed{get_remark(from.getErrorClaimed())};
    case Body::ENTERED_IN_ERROR:
      return events::EnteredInError{};
    case Body::DECIDER_TAKEN_OVER:
      return read<events::DeciderTakenOver>(from.getDeciderTakenOver());
  }
  return events::Unknown{static_cast<std::uint16_t>(from.which())};
}

}  // namespace

void put_body(const EventBody& body, cw::Event::Body::Builder out) {
  std::visit(PutBody{out}, body);
}

EventBody get_body(cw::Event::Body::Reader from) {
  try {
    return read_known(from);
  } catch (const Newer&) {
    return events::Unknown{static_cast<std::uint16_t>(from.which())};
  }
}

}  // namespace liaison::wire::io
