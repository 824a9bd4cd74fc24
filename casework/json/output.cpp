#include <algorithm>

#include "casework/codes.h"
#include "casework/json/casework_json.h"
#include "casework/json/values.h"
#include "casework/summary.h"

// What commands print of a case and its referrals.

namespace liaison::casework {
namespace {

namespace ev = wire::events;

Json question_json(const Question& question) {
  return {{"id", question.event.text()},
          {"text", question.text},
          {"asked_by", json_of(question.asked_by)},
          {"at", to_rfc3339(question.at)},
          {"answer", question.answer ? Json(question.answer_text) : Json()},
          {"answered", question.taken}};
}

/// How it ended: null while it has not.
Json outcome_json(const ReferralView& referral) {
  if (!is_final(referral.state)) return nullptr;
  Json out{{"result", name_of(referral.state)},
           {"at", json_of(referral.ended_at)},
           {"report", referral.report ? json_of(*referral.report) : Json()}};
  if (referral.declined) {
    out["reason"] = name_of(referral.declined->reason);
    out["text"] = referral.declined->text;
    out["suggests"] = referral.declined->suggests;
  }
  if (referral.ended_early) {
    out["reason"] = name_of(referral.ended_early->reason);
    out["text"] = referral.ended_early->text;
  }
  return out;
}

Json request_json(const ev::Requested& request) {
  Json answers = Json::object();
  for (const ev::IntakeAnswer& answer : request.answers)
    answers[answer.requirement] = answer.answer;
  return {{"need", request.need},
          {"hoped_for", request.hoped_for},
          {"effects", request.effects},
          {"tried", request.tried},
          {"urgency", name_of(request.urgency)},
          {"answers", answers},
          {"adviser",
           {{"name", request.adviser.name},
            {"organisation", request.adviser.organisation},
            {"phone", request.adviser.phone},
            {"email", request.adviser.email}}},
          {"again_of", request.again_of ? Json(request.again_of->text()) : Json()},
          {"override_reason", request.override_reason}};
}

Json service_of(const ReferralView& referral) {
  const ev::Requested& request = referral.request;
  return {{"provider", request.provider.text()}, {"id", request.service},
          {"name", request.service_name},        {"version", request.listing_version},
          {"contracted", request.contracted},    {"listing", request.listing_text}};
}

Json share_json(const ShareView& share) {
  Json out = json_of(*share.ground);
  out["to"] = share.to.text();
  out["item"] = share.item;
  out["since"] = to_rfc3339(share.since);
  out["ended"] = json_of(share.ended);
  out["objection"] = share.objection.has_value();
  return out;
}

bool is_sharing_with_others(const wire::EventBody& body, const NodeId& self) {
  const auto* shared = std::get_if<ev::Shared>(&body);
  const auto* withdrawn = std::get_if<ev::SharingWithdrawn>(&body);
  return (shared != nullptr && shared->to != self) ||
         (withdrawn != nullptr && withdrawn->to != self);
}

/// "core", "own", or the referral's id.
std::string strand_name(const wire::StrandRef& strand) {
  if (!strand.id.is_zero()) return strand.id.text();
  return strand.kind == StrandKind::own ? "own" : "core";
}

Json gap_json(const wire::Gap& gap) {
  return {{"first", gap.first}, {"last", gap.last}, {"strand", strand_name(gap.strand)}};
}

/// Where a decider said two things under one number: who, and which of both stands everywhere.
void add_contradictions(Json& out, const StrandView& strand) {
  for (const Equivocation& twice : strand.equivocations) {
    auto stands = std::ranges::find(strand.history, twice.stands,
                                    [](const HistoryEntry& entry) { return entry.event->id; });
    const std::string& by = stands->event->author.text();
    std::string what_to_do = by +
                             " said two things under one number: ask them which one they meant, "
                             "and tell the exchange's operator";
    out.push_back({{"strand", strand_name(strand.strand)},
                   {"number", twice.number},
                   {"by", by},
                   {"stands", twice.stands.text()},
                   {"other", twice.other.text()},
                   {"text", what_to_do}});
  }
}

Json term_json(const ManagerTerm& term) {
  Json out = json_of(term.holder);
  out["since"] = to_rfc3339(term.since);
  out["reason"] = term.reason;
  return out;
}

Json short_referral(const ReferralView& referral) {
  auto due = next_due(referral);
  return {{"id", referral.id.text()},
          {"state", name_of(referral.state)},
          {"progress", referral.progress},
          {"provider", referral.provider.text()},
          {"service_name", referral.request.service_name},
          {"worker", referral.worker.name},
          {"requested_at", to_rfc3339(referral.requested_at)},
          {"next_due", due ? json_of(*due) : Json()},
          {"withdrawal_requested", referral.withdrawal_asked.has_value()}};
}

}  // namespace

Json json_of(const ev::ClientRecord& client) {
  Json out{{"given_name", client.given_name},
           {"family_name", client.family_name},
           {"known_as", client.known_as},
           {"date_of_birth", json_of(client.date_of_birth)},
           {"national_insurance_number", client.national_insurance_number},
           {"phone", client.phone},
           {"email", client.email},
           {"address", client.address},
           {"postcode", client.postcode},
           {"needs", client.needs},
           {"needs_text", client.needs_text},
           {"language", client.language},
           {"communication", client.communication},
           {"caring", client.caring},
           {"travel", client.travel},
           {"permitted_work", client.permitted_work},
           {"preferred_times", client.preferred_times},
           {"safe_contact", nullptr},
           {"acts_for", nullptr}};
  if (const auto& safe = client.safe_contact) {
    out["safe_contact"] = {{"channel", safe->channel},
                           {"times", safe->times},
                           {"may_leave_message", safe->may_leave_message}};
  }
  if (const auto& acts = client.acts_for) {
    out["acts_for"] = {{"name", acts->name},
                       {"capacity", acts->capacity},
                       {"powers", acts->powers},
                       {"contact", acts->contact},
                       {"until", json_of(acts->until)}};
  }
  return out;
}

Json client_json(const CaseView& view, const NodeId& self) {
  Json out = view.client ? json_of(*view.client) : Json::object();
  if (record_lost(view, self)) out["record_lost"] = true;
  out["id"] = view.id.text();
  out["handling"] = name_of(view.handling);
  out["lead_office"] = view.lead_office.text();
  out["lead_adviser"] = json_of(view.lead_adviser);
  out["case_manager"] = json_of(view.manager.holder);
  out["opened_at"] = json_of(view.opened_at);
  out["closed_at"] = json_of(view.closed_at);
  out["shares"] = Json::array();
  for (const ShareView& share : view.shares)
    out["shares"].push_back(share_json(share));
  out["referrals"] = Json::array();
  for (const ReferralView& referral : view.referrals)
    out["referrals"].push_back(short_referral(referral));
  return out;
}

Json history_json(const StrandView& strand) {
  Json out = Json::array();
  for (const HistoryEntry& entry : strand.history) {
    const wire::Event& event = *entry.event;
    Json line = detail_of(event.body);
    line["event"] = event.id.text();
    line["kind"] = wire::name_of(event.body);
    line["at"] = to_rfc3339(entry.shown_at);
    line["by"] = {{"node", event.author.text()},
                  {"user", event.user},
                  {"name", event.user_name},
                  {"role", name_of(event.user_role)}};
    line["number"] = event.number == 0 ? Json() : Json(event.number);
    line["answers"] = json_of(event.answers);
    line["verdict"] = name_of(entry.verdict);
    line["why_not"] = entry.why == WhyNot::none ? Json() : Json(name_of(entry.why));
    line["decided_by"] = json_of(entry.decided_by);
    out.push_back(std::move(line));
  }
  return out;
}

Json manager_json(const CaseView& view) {
  Json history = Json::array();
  for (const ManagerTerm& term : view.manager_history)
    history.push_back(term_json(term));
  Json proposals = Json::array();
  for (const ManagerProposal& proposal : view.manager_proposals) {
    proposals.push_back({{"id", proposal.event.text()},
                         {"holder", json_of(proposal.holder)},
                         {"proposed_by", json_of(proposal.proposed_by)},
                         {"reason", proposal.reason},
                         {"accepted", proposal.accepted.has_value()},
                         {"declined", proposal.declined}});
  }
  return {{"case", view.id.text()},
          {"case_manager", term_json(view.manager)},
          {"history", history},
          {"proposals", proposals}};
}

Json referral_json(const CaseView& view, const ReferralView& referral, const NodeId& self,
                   const Json& delivery) {
  auto summary = summarise(view, self);
  auto due = next_due(referral);
  Json out{{"id", referral.id.text()},
           {"case", view.id.text()},
           {"client",
            {{"name", summary.name},
             {"known_as", summary.known_as},
             {"date_of_birth", json_of(summary.date_of_birth)},
             {"handling", name_of(view.handling)}}},
           {"office", referral.office.text()},
           {"provider", referral.provider.text()},
           {"service", service_of(referral)},
           {"route", name_of(referral.request.route)},
           {"request", request_json(referral.request)},
           {"state", name_of(referral.state)},
           {"code", code_of(referral.state)},
           {"progress", referral.progress},
           {"delivery", delivery},
           {"requested_at", to_rfc3339(referral.requested_at)},
           {"due", list_of(referral.dues)},
           {"next_due", due ? json_of(*due) : Json()},
           {"clock_stopped", referral.clock_stopped()},
           {"case_manager", json_of(view.manager.holder)},
           {"worker", referral.worker.name.empty() ? Json() : json_of(referral.worker)},
           {"worker_phone", referral.worker_phone},
           {"meeting", referral.meeting ? json_of(*referral.meeting) : Json()},
           {"waiting_until", json_of(referral.waiting_until)},
           {"items", list_of(referral.items)},
           {"attachments", list_of(referral.attachments)},
           {"questions", Json::array()},
           {"withdrawal_requested", referral.withdrawal_asked.has_value()},
           {"taken_over", referral.taken_over},
           {"outcome", outcome_json(referral)},
           {"history", history_json(referral.strand)},
           {"contradictions", Json::array()},
           {"whole", referral.strand.whole()},
           {"allowed_actions", allowed_actions(view, referral, self)}};
  for (const Question& question : referral.questions)
    out["questions"].push_back(question_json(question));
  add_contradictions(out["contradictions"], referral.strand);
  return out;
}

Json case_json(const CaseView& view, const NodeId& self) {
  auto summary = summarise(view, self);
  Json participants = Json::array();
  for (const Participant& participant : view.participants) {
    participants.push_back({{"who", json_of(participant.who)},
                            {"organisation", participant.organisation},
                            {"purpose", participant.purpose},
                            {"since", to_rfc3339(participant.since)},
                            {"until", json_of(participant.until)}});
  }
  Json out{{"id", view.id.text()},
           {"name", summary.name},
           {"known_as", summary.known_as},
           {"date_of_birth", json_of(summary.date_of_birth)},
           {"handling", name_of(view.handling)},
           {"open", summary.open},
           {"lead_office", view.lead_office.text()},
           {"lead_adviser", json_of(view.lead_adviser)},
           {"case_manager", json_of(view.manager.holder)},
           {"manager_history", manager_json(view)["history"]},
           {"opened_at", json_of(view.opened_at)},
           {"closed_at", json_of(view.closed_at)},
           {"participants", participants},
           {"shares", Json::array()},
           {"referrals", Json::array()},
           {"history", Json::array()},
           {"missing", Json::array()},
           {"contradictions", Json::array()},
           {"whole", summary.whole}};
  for (const ShareView& share : view.shares) {
    // A provider sees what is shared with it, not what others get.
    if (self == view.lead_office || share.to == self) out["shares"].push_back(share_json(share));
  }
  StrandView core = view.core;
  std::erase_if(core.history, [&](const HistoryEntry& entry) {
    return self != view.lead_office && is_sharing_with_others(entry.event->body, self);
  });
  out["history"] = history_json(core);
  for (const StrandView* strand : {&view.core, &view.own})
    add_contradictions(out["contradictions"], *strand);
  for (const ReferralView& referral : view.referrals) {
    out["referrals"].push_back(short_referral(referral));
    add_contradictions(out["contradictions"], referral.strand);
  }
  for (const wire::Gap& gap : view.gaps)
    out["missing"].push_back(gap_json(gap));
  if (self == view.lead_office) {
    out["notes"] = Json::array();
    for (const NoteView& note : view.notes) {
      out["notes"].push_back(
          {{"text", note.text}, {"by", json_of(note.by)}, {"at", to_rfc3339(note.at)}});
    }
  }
  return out;
}

Json summary_json(const wire::CaseSummary& summary) {
  Json referrals = Json::array();
  for (const wire::ReferralSummary& referral : summary.referrals) {
    referrals.push_back({{"id", referral.id.text()},
                         {"state", referral.state},
                         {"progress", referral.progress},
                         {"provider", referral.provider.text()},
                         {"service", referral.service},
                         {"service_name", referral.service_name},
                         {"worker", referral.worker},
                         {"need", referral.need},
                         {"next_due", referral.next_due ? json_of(*referral.next_due) : Json()},
                         {"requested_at", to_rfc3339(referral.requested_at)},
                         {"changed_at", to_rfc3339(referral.changed_at)},
                         {"questions_open", referral.questions_open},
                         {"withdrawal_requested", referral.withdrawal_asked}});
  }
  return {{"id", summary.id.text()},
          {"lead_office", summary.lead_office.text()},
          {"open", summary.open},
          {"whole", summary.whole},
          {"handling", name_of(summary.handling)},
          {"name", summary.name},
          {"known_as", summary.known_as},
          {"date_of_birth", json_of(summary.date_of_birth)},
          {"needs", summary.needs},
          {"lead_adviser", json_of(summary.lead_adviser)},
          {"case_manager", json_of(summary.case_manager)},
          {"opened_at", to_rfc3339(summary.opened_at)},
          {"changed_at", to_rfc3339(summary.changed_at)},
          {"referrals", referrals},
          {"not_applied", summary.not_applied}};
}

Json service_json(const Service& service, Instant now) {
  Json places = Json::array();
  for (const ServicePlace& place : service.places) {
    places.push_back({{"name", place.name},
                      {"address", place.address},
                      {"postcode", place.postcode},
                      {"latitude", place.latitude ? Json(*place.latitude) : Json()},
                      {"longitude", place.longitude ? Json(*place.longitude) : Json()}});
  }
  Json contacts = Json::array();
  for (const ServiceContact& contact : service.contacts) {
    contacts.push_back({{"name", contact.name},
                        {"role", contact.role},
                        {"phone", contact.phone},
                        {"email", contact.email}});
  }
  Json intake = Json::array();
  for (const IntakeRequirement& asked : service.intake) {
    intake.push_back({{"id", asked.id}, {"text", asked.text}, {"required", asked.required}});
  }
  auto whole = [](const std::optional<int>& number) { return number ? Json(*number) : Json(); };
  return {{"id", service.id},
          {"reference", reference_of(service)},
          {"provider", service.provider.text()},
          {"version", service.version},
          {"published_at", to_rfc3339(service.published_at)},
          {"closed", service.closed},
          {"name", service.name},
          {"organisation", service.organisation},
          {"description", service.description},
          {"status", service.status},
          {"kind", service.kind},
          {"contracted", service.contracted},
          {"needs", service.needs},
          {"needs_text", service.needs_text},
          {"eligibility", service.eligibility},
          {"minimum_age", whole(service.minimum_age)},
          {"maximum_age", whole(service.maximum_age)},
          {"areas", service.areas},
          {"places", places},
          {"contacts", contacts},
          {"schedules", service.schedules},
          {"languages", service.languages},
          {"accessibility", service.accessibility},
          {"fees", service.fees},
          {"how_to_refer", service.how_to_refer},
          {"how_to_complain", service.how_to_complain},
          {"intake", intake},
          {"reply_time_days", whole(service.reply_time_days)},
          {"places_free", whole(service.places_free)},
          {"places_total", whole(service.places_total)},
          {"expected_wait", service.expected_wait},
          {"last_confirmed", json_of(service.assured)},
          {"review_interval_days", service.review_interval_days},
          {"closing_date", json_of(service.closing_date)},
          {"stale", is_stale(service, now)},
          {"url", service.url},
          {"email", service.email}};
}

}  // namespace liaison::casework
