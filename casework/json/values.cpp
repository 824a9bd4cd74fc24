#include "casework/json/values.h"

#include "casework/attachments.h"
#include "casework/codes.h"
#include "casework/json/casework_json.h"

namespace liaison::casework {

namespace ev = wire::events;

Json json_of(const std::optional<Date>& date) {
  return date ? Json(to_text(*date)) : Json();
}
Json json_of(const std::optional<Instant>& at) {
  return at ? Json(to_rfc3339(*at)) : Json();
}
Json json_of(const std::optional<EventId>& id) {
  return id ? Json(id->text()) : Json();
}

Json json_of(const Person& person) {
  return {{"node", person.node.text()}, {"user", person.user}, {"name", person.name}};
}

Json json_of(const wire::Ground& ground) {
  Json out{{"basis", name_of(ground.basis)},
           {"recorded_by", ground.recorded_by},
           {"client_told", ground.client_told}};
  switch (ground.basis) {
    case Basis::required:
      out["purpose"] = ground.purpose;
      break;
    case Basis::agreed:
      out["how"] = ground.how;
      out["purpose"] = ground.purpose;
      out["until"] = json_of(ground.until);
      break;
    case Basis::safety:
      out["reason"] = ground.reason;
      out["decided_by"] = ground.decided_by;
      break;
  }
  return out;
}

Json json_of(const wire::Item& item) {
  Json out = json_of(item.ground);
  out["item"] = item.name;
  out["values"] = item.values;
  return out;
}

Json json_of(const wire::Attachment& attachment) {
  return {{"name", safe_name(attachment)},
          {"kind", name_of(attachment.kind)},
          {"media_type", media_type_of(attachment.kind)},
          {"size", attachment.size},
          {"sha256", attachment.digest.text()}};
}

Json json_of(const wire::Due& due) {
  return {{"standard", name_of(due.standard)},
          {"on", to_text(due.on)},
          {"provisional", due.provisional}};
}

Json json_of(const ev::Meeting& meeting) {
  return {{"at", to_rfc3339(meeting.at)},
          {"place", meeting.place},
          {"with", meeting.with},
          {"note", meeting.note}};
}

Json json_of(const ev::ExitReport& report) {
  Json hopes = Json::array();
  for (const ev::HopeResult& hope : report.hopes)
    hopes.push_back({{"hoped_for", hope.hoped_for}, {"result", name_of(hope.result)}});
  Json outcomes = Json::array();
  for (const ev::Outcome& outcome : report.outcomes) {
    outcomes.push_back(
        {{"code", name_of(outcome.code)}, {"on", json_of(outcome.on)}, {"note", outcome.note}});
  }
  return {{"hopes", hopes},
          {"outcomes", outcomes},
          {"what_was_done", report.what_was_done},
          {"what_next", report.what_next},
          {"client_saw_it", report.client_saw_it}};
}

namespace {

struct Detail {
  Json operator()(const ev::Unknown&) {
    return {{"text", "something that this version does not know"}};
  }
  Json operator()(const ev::CaseOpened& e) {
    return {{"lead_adviser", json_of(e.lead_adviser)}, {"handling", name_of(e.handling)}};
  }
  Json operator()(const ev::ParticipantJoined& e) {
    return {{"who", json_of(e.who)}, {"organisation", e.organisation}, {"purpose", e.purpose}};
  }
  Json operator()(const ev::ParticipantLeft& e) {
    return {{"node", e.node.text()}, {"reason", e.reason}};
  }
  Json operator()(const ev::ManagerAllocated& e) {
    return {{"holder", json_of(e.holder)}, {"reason", e.reason}};
  }
  Json operator()(const ev::ManagerProposed& e) {
    return {{"holder", json_of(e.holder)}, {"reason", e.reason}};
  }
  Json operator()(const ev::ManagerAccepted&) { return Json::object(); }
  Json operator()(const ev::ManagerDeclined& e) { return {{"reason", e.reason}}; }
  Json operator()(const ev::Shared& e) {
    Json out = json_of(e.ground);
    out["to"] = e.to.text();
    out["items"] = e.items;
    return out;
  }
  Json operator()(const ev::SharingWithdrawn& e) {
    return {{"to", e.to.text()}, {"items", e.items}, {"reason", e.reason}};
  }
  Json operator()(const ev::HandlingChanged& e) { return {{"handling", name_of(e.handling)}}; }
  Json operator()(const ev::CaseClosed& e) { return {{"reason", e.reason}}; }
  Json operator()(const ev::LeadMoved& e) { return {{"successor", e.successor.text()}}; }
  Json operator()(const ev::ClientRecorded&) { return Json::object(); }
  Json operator()(const ev::ClientEdited& e) { return {{"changed", e.changed}}; }
  Json operator()(const ev::ReferralDrafted& e) { return {{"referral", e.referral.text()}}; }
  Json operator()(const ev::NoteWritten& e) { return {{"text", e.text}}; }
  Json operator()(const ev::Requested& e) {
    return {{"service_name", e.service_name}, {"need", e.need}};
  }
  Json operator()(const ev::Received&) { return Json::object(); }
  Json operator()(const ev::Acknowledged& e) { return {{"text", e.note}}; }
  Json operator()(const ev::Asked& e) { return {{"text", e.text}}; }
  Json operator()(const ev::Answered& e) { return {{"text", e.text}}; }
  Json operator()(const ev::DetailsGiven& e) {
    Json names = Json::array();
    for (const wire::Item& item : e.items)
      names.push_back(item.name);
    return {{"items", names}};
  }
  Json operator()(const ev::AttachmentAdded& e) { return {{"attachment", json_of(e.attachment)}}; }
  Json operator()(const ev::Taken&) { return Json::object(); }
  Json operator()(const ev::Refused& e) { return {{"reason", name_of(e.why)}, {"text", e.text}}; }
  Json operator()(const ev::Waiting& e) {
    return {{"expected", json_of(e.expected)}, {"text", e.note}};
  }
  Json operator()(const ev::Accepted& e) {
    return {{"worker", json_of(e.worker)},
            {"meeting", e.meeting ? json_of(*e.meeting) : Json()},
            {"wait_until", json_of(e.wait_until)},
            {"text", e.note}};
  }
  Json operator()(const ev::WorkerNamed& e) { return {{"worker", json_of(e.worker)}}; }
  Json operator()(const ev::Declined& e) {
    return {{"reason", name_of(e.reason)}, {"text", e.text}, {"suggests", e.suggests}};
  }
  Json operator()(const ev::Started& e) { return {{"on", json_of(e.on)}, {"text", e.note}}; }
  Json operator()(const ev::Progressed& e) {
    return {{"progress", name_of(e.progress)},
            {"meeting", e.meeting ? json_of(*e.meeting) : Json()},
            {"not_attended", name_of(e.not_attended)},
            {"with_notice", e.with_notice},
            {"text", e.note}};
  }
  Json operator()(const ev::PauseRequested& e) {
    return {{"reason", e.reason}, {"expected_return", json_of(e.expected_return)}};
  }
  Json operator()(const ev::Paused& e) {
    return {{"reason", e.reason}, {"expected_return", json_of(e.expected_return)}};
  }
  Json operator()(const ev::ResumeRequested& e) { return {{"text", e.note}}; }
  Json operator()(const ev::Resumed& e) { return {{"text", e.note}}; }
  Json operator()(const ev::Completed& e) { return {{"report", json_of(e.report)}}; }
  Json operator()(const ev::EndedEarly& e) {
    return {{"reason", name_of(e.reason)},
            {"text", e.text},
            {"report", e.report ? json_of(*e.report) : Json()}};
  }
  Json operator()(const ev::WithdrawalRequested& e) {
    return {{"by", name_of(e.by)}, {"reason", e.reason}};
  }
  Json operator()(const ev::Withdrawn& e) { return {{"text", e.note}}; }
  Json operator()(const ev::ErrorClaimed& e) { return {{"reason", e.reason}}; }
  Json operator()(const ev::EnteredInError&) { return Json::object(); }
  Json operator()(const ev::DeciderTakenOver& e) {
    return {{"after", e.after}, {"reason", e.reason}};
  }
};

}  // namespace

Json detail_of(const wire::EventBody& body) {
  return std::visit(Detail{}, body);
}

}  // namespace liaison::casework
