#include "wire/event_io.h"

// The request that opens a referral.

namespace liaison::wire::io {
namespace {

void put(const events::IntakeAnswer& answer, cw::IntakeAnswer::Builder out) {
  out.setRequirement(to_text(answer.requirement));
  out.setAnswer(to_text(answer.answer));
}
void get(cw::IntakeAnswer::Reader from, events::IntakeAnswer& answer) {
  answer.requirement = get_line(from.getRequirement(), "intake requirement");
  answer.answer = get_text(from.getAnswer(), "intake answer");
}

void put(const events::ContactPoint& contact, cw::ContactPoint::Builder out) {
  out.setName(to_text(contact.name));
  out.setOrganisation(to_text(contact.organisation));
  out.setPhone(to_text(contact.phone));
  out.setEmail(to_text(contact.email));
}
void get(cw::ContactPoint::Reader from, events::ContactPoint& contact) {
  contact.name = get_line(from.getName(), "adviser's name");
  contact.organisation = get_line(from.getOrganisation(), "adviser's organisation");
  contact.phone = get_line(from.getPhone(), "adviser's phone");
  contact.email = get_line(from.getEmail(), "adviser's email");
}

}  // namespace

void put(const events::Requested& request, cw::Requested::Builder out) {
  out.setProvider(to_text(request.provider.text()));
  out.setService(to_text(request.service));
  out.setServiceName(to_text(request.service_name));
  out.setListingVersion(request.listing_version);
  out.setListingText(to_text(request.listing_text));
  out.setContracted(request.contracted);
  out.setRoute(static_cast<cw::Route>(request.route));
  out.setNeed(to_text(request.need));
  put_texts(out.initHopedFor(count_of(request.hoped_for)), request.hoped_for);
  out.setEffects(to_text(request.effects));
  out.setTried(to_text(request.tried));
  out.setUrgency(static_cast<cw::Urgency>(request.urgency));
  auto answers = out.initAnswers(count_of(request.answers));
  for (unsigned i = 0; i < request.answers.size(); ++i)
    put(request.answers[i], answers[i]);
  put_list(request.items, out.initItems(count_of(request.items)));
  put_list(request.attachments, out.initAttachments(count_of(request.attachments)));
  put(request.adviser, out.initAdviser());
  put(request.case_manager, out.initCaseManager());
  put_list(request.dues, out.initDues(count_of(request.dues)));
  out.setIdempotencyKey(to_text(request.idempotency_key));
  if (request.again_of) out.setAgainOf(to_kj(request.again_of->view()));
  out.setOverrideReason(to_text(request.override_reason));
}

void get(cw::Requested::Reader from, events::Requested& request) {
  request.provider = get_node_or_none(from.getProvider(), "provider");
  request.service = get_line(from.getService(), "service");
  request.service_name = get_line(from.getServiceName(), "service's name");
  request.listing_version = from.getListingVersion();
  request.listing_text =
      read_text(from.getListingText(), limit::listing_text_max, "listing's text");
  request.contracted = from.getContracted();
  request.route = get_enum(from.getRoute(), events::Route::formal, events::Route::self, "route");
  request.need = get_text(from.getNeed(), "need");
  request.hoped_for = get_texts(from.getHopedFor(), limit::hopes_max, limit::hope_max, "hoped for");
  request.effects = get_text(from.getEffects(), "effects");
  request.tried = get_text(from.getTried(), "tried");
  request.urgency =
      get_enum(from.getUrgency(), events::Urgency::routine, events::Urgency::urgent, "urgency");
  auto answers = read_list(from.getAnswers(), limit::list_max, "answers");
  for (auto answer : answers)
    get(answer, request.answers.emplace_back());
  request.items = get_list<Item>(from.getItems(), limit::list_max, "items");
  request.attachments =
      get_list<Attachment>(from.getAttachments(), limit::attachments_max, "attachments");
  get(from.getAdviser(), request.adviser);
  get(from.getCaseManager(), request.case_manager);
  request.dues = get_list<Due>(from.getDues(), limit::dues_max, "dues");
  request.idempotency_key = get_line(from.getIdempotencyKey(), "idempotency key");
  auto again_of = from.getAgainOf();
  if (again_of.size() != 0) request.again_of = read_id<ReferralId>(again_of, "earlier referral");
  request.override_reason = get_text(from.getOverrideReason(), "override reason");
}

}  // namespace liaison::wire::io
