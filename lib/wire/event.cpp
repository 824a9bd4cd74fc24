#include "wire/event.h"

#include "wire/event_io.h"
#include "wire/mark.h"

namespace liaison::wire {
namespace {

using io::limit::list_max;

Event read_event(io::cw::Event::Reader from) {
  Event event;
  event.id = io::read_id<EventId>(from.getId(), "id");
  event.case_id = io::read_id<CaseId>(from.getCase(), "case");
  // A kind of strand of a later version is kept as it is: no fold of this version looks at it.
  event.strand.kind = static_cast<StrandKind>(from.getStrandKind());
  event.strand.id = io::read_id_or_zero<StrandId>(from.getStrand(), "strand");
  bool single = event.strand.kind == StrandKind::core || event.strand.kind == StrandKind::own;
  io::require(single == event.strand.id.is_zero(), "strand");
  event.author = io::read_node(from.getAuthor(), "author");
  io::require(bears_mark(event.id, event.author), "id that is not its author's");
  event.incarnation = from.getIncarnation();
  event.user = io::get_line(from.getUser(), "user");
  event.user_name = io::get_line(from.getUserName(), "user's name");
  auto role = static_cast<std::uint16_t>(from.getUserRole());
  event.user_role = role <= static_cast<std::uint16_t>(UserRole::practitioner)
                        ? static_cast<UserRole>(role)
                        : UserRole::none;
  event.at = io::read_time(from.getAt(), "time");
  auto answers = from.getAnswers();
  if (answers.size() != 0) event.answers = io::read_id<EventId>(answers, "answers");
  event.number = from.getNumber();
  for (auto cited : io::read_list(from.getCites(), list_max, "cites")) {
    event.cites.push_back(io::read_id<EventId>(cited, "cites"));
  }
  event.body = io::get_body(from.getBody());
  if (std::holds_alternative<events::Requested>(event.body))
    io::require(bears_mark(event.strand.id, event.author), "id of a referral that another made");
  return event;
}

struct Name {
  const char* operator()(const events::Unknown&) { return "unknown"; }
  const char* operator()(const events::CaseOpened&) { return "case_opened"; }
  const char* operator()(const events::ParticipantJoined&) { return "participant_joined"; }
  const char* operator()(const events::ParticipantLeft&) { return "participant_left"; }
  const char* operator()(const events::ManagerAllocated&) { return "manager_allocated"; }
  const char* operator()(const events::ManagerProposed&) { return "manager_proposed"; }
  const char* operator()(const events::ManagerAccepted&) { return "manager_accepted"; }
  const char* operator()(const events::ManagerDeclined&) { return "manager_declined"; }
  const char* operator()(const events::Shared&) { return "shared"; }
  const char* operator()(const events::SharingWithdrawn&) { return "sharing_withdrawn"; }
  const char* operator()(const events::HandlingChanged&) { return "handling_changed"; }
  const char* operator()(const events::CaseClosed&) { return "case_closed"; }
  const char* operator()(const events::LeadMoved&) { return "lead_moved"; }
  const char* operator()(const events::ClientRecorded&) { return "client_recorded"; }
  const char* operator()(const events::ClientEdited&) { return "client_edited"; }
  const char* operator()(const events::ReferralDrafted&) { return "referral_drafted"; }
  const char* operator()(const events::NoteWritten&) { return "note_written"; }
  const char* operator()(const events::Requested&) { return "requested"; }
  const char* operator()(const events::Received&) { return "received"; }
  const char* operator()(const events::Acknowledged&) { return "acknowledged"; }
  const char* operator()(const events::Asked&) { return "asked"; }
  const char* operator()(const events::Answered&) { return "answered"; }
  const char* operator()(const events::DetailsGiven&) { return "details_given"; }
  const char* operator()(const events::AttachmentAdded&) { return "attachment_added"; }
  const char* operator()(const events::Taken&) { return "taken"; }
  const char* operator()(const events::Refused&) { return "refused"; }
  const char* operator()(const events::Waiting&) { return "waiting"; }
  const char* operator()(const events::Accepted&) { return "accepted"; }
  const char* operator()(const events::WorkerNamed&) { return "worker_named"; }
  const char* operator()(const events::Declined&) { return "declined"; }
  const char* operator()(const events::Started&) { return "started"; }
  const char* operator()(const events::Progressed&) { return "progressed"; }
  const char* operator()(const events::PauseRequested&) { return "pause_requested"; }
  const char* operator()(const events::Paused&) { return "paused"; }
  const char* operator()(const events::ResumeRequested&) { return "resume_requested"; }
  const char* operator()(const events::Resumed&) { return "resumed"; }
  const char* operator()(const events::Completed&) { return "completed"; }
  const char* operator()(const events::EndedEarly&) { return "ended_early"; }
  const char* operator()(const events::WithdrawalRequested&) { return "withdrawal_requested"; }
  const char* operator()(const events::Withdrawn&) { return "withdrawn"; }
  const char* operator()(const events::ErrorClaimed&) { return "error_claimed"; }
  const char* operator()(const events::EnteredInError&) { return "entered_in_error"; }
  const char* operator()(const events::DeciderTakenOver&) { return "decider_taken_over"; }
};

}  // namespace

Bytes encode(const Event& event) {
  return io::encode<io::cw::Event>([&](io::cw::Event::Builder out) {
    out.setId(io::to_kj(event.id.view()));
    out.setCase(io::to_kj(event.case_id.view()));
    out.setStrandKind(static_cast<io::cw::StrandKind>(event.strand.kind));
    if (!event.strand.id.is_zero()) out.setStrand(io::to_kj(event.strand.id.view()));
    out.setAuthor(io::to_text(event.author.text()));
    out.setIncarnation(event.incarnation);
    out.setUser(io::to_text(event.user));
    out.setUserName(io::to_text(event.user_name));
    out.setUserRole(static_cast<io::cw::UserRole>(event.user_role));
    out.setAt(to_ms(event.at));
    if (event.answers) out.setAnswers(io::to_kj(event.answers->view()));
    out.setNumber(event.number);
    auto cites = out.initCites(io::count_of(event.cites));
    for (unsigned i = 0; i < event.cites.size(); ++i)
      cites.set(i, io::to_kj(event.cites[i].view()));
    io::put_body(event.body, out.getBody());
  });
}

Result<Event> decode_event(ByteView bytes) {
  if (bytes.size() > event_bytes_max) return fail(Reason::too_large, "event: over 128 KiB");
  return io::decode<io::cw::Event>(bytes, "event", read_event);
}

Bytes signed_bytes_of_event(ByteView body) {
  Bytes out = copy_of(as_bytes("liaison event"));
  out.insert(out.end(), body.begin(), body.end());
  return out;
}

std::array<std::uint8_t, 8> mark_of(const NodeId& node) {
  std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a's offset basis and prime, draft-eastlake-fnv
  for (char c : node.text())
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  std::array<std::uint8_t, 8> mark{};
  for (std::size_t i = 0; i < mark.size(); ++i) {
    mark[i] = static_cast<std::uint8_t>(hash >> (8 * (7 - i)));
  }
  return mark;
}

const char* name_of(const EventBody& body) {
  return std::visit(Name{}, body);
}

}  // namespace liaison::wire
