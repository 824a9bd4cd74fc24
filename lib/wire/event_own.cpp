#include "wire/event_io.h"

// Kinds of the lead office's own record.

namespace liaison::wire::io {

void put(const events::ClientRecord& client, cw::Client::Builder out) {
  out.setGivenName(to_text(client.given_name));
  out.setFamilyName(to_text(client.family_name));
  out.setKnownAs(to_text(client.known_as));
  out.setDateOfBirth(to_text(date_text(client.date_of_birth)));
  out.setNationalInsuranceNumber(to_text(client.national_insurance_number));
  out.setPhone(to_text(client.phone));
  out.setEmail(to_text(client.email));
  put_texts(out.initAddress(count_of(client.address)), client.address);
  out.setPostcode(to_text(client.postcode));
  put_texts(out.initNeeds(count_of(client.needs)), client.needs);
  out.setNeedsText(to_text(client.needs_text));
  out.setLanguage(to_text(client.language));
  put_texts(out.initCommunication(count_of(client.communication)), client.communication);
  out.setCaring(to_text(client.caring));
  out.setTravel(to_text(client.travel));
  out.setPermittedWork(to_text(client.permitted_work));
  out.setPreferredTimes(to_text(client.preferred_times));
  if (client.safe_contact) {
    auto safe = out.initSafeContact();
    safe.setChannel(to_text(client.safe_contact->channel));
    safe.setTimes(to_text(client.safe_contact->times));
    safe.setMayLeaveMessage(client.safe_contact->may_leave_message);
  }
  if (client.acts_for) {
    auto acts = out.initActsFor();
    acts.setName(to_text(client.acts_for->name));
    acts.setCapacity(to_text(client.acts_for->capacity));
    acts.setPowers(to_text(client.acts_for->powers));
    acts.setContact(to_text(client.acts_for->contact));
    acts.setUntil(to_text(date_text(client.acts_for->until)));
  }
}

void get(cw::Client::Reader from, events::ClientRecord& client) {
  client.given_name = get_line(from.getGivenName(), "given name");
  client.family_name = get_line(from.getFamilyName(), "family name");
  client.known_as = get_line(from.getKnownAs(), "known as");
  client.date_of_birth = get_date(from.getDateOfBirth(), "date of birth");
  client.national_insurance_number =
      get_line(from.getNationalInsuranceNumber(), "National Insurance number");
  client.phone = get_line(from.getPhone(), "phone");
  client.email = get_line(from.getEmail(), "email");
  client.address =
      get_texts(from.getAddress(), limit::address_lines_max, limit::line_max, "address");
  client.postcode = get_line(from.getPostcode(), "postcode");
  client.needs = get_lines(from.getNeeds(), "needs");
  client.needs_text = get_text(from.getNeedsText(), "needs");
  client.language = get_line(from.getLanguage(), "language");
  client.communication = get_lines(from.getCommunication(), "communication");
  client.caring = get_text(from.getCaring(), "caring");
  client.travel = get_text(from.getTravel(), "travel");
  client.permitted_work = get_text(from.getPermittedWork(), "permitted work");
  client.preferred_times = get_text(from.getPreferredTimes(), "preferred times");
  if (from.hasSafeContact()) {
    auto safe = from.getSafeContact();
    client.safe_contact.emplace();
    client.safe_contact->channel = get_line(safe.getChannel(), "safe contact");
    client.safe_contact->times = get_line(safe.getTimes(), "safe contact");
    client.safe_contact->may_leave_message = safe.getMayLeaveMessage();
  }
  if (from.hasActsFor()) {
    auto acts = from.getActsFor();
    client.acts_for.emplace();
    client.acts_for->name = get_line(acts.getName(), "acts for");
    client.acts_for->capacity = get_line(acts.getCapacity(), "acts for");
    client.acts_for->powers = get_line(acts.getPowers(), "acts for");
    client.acts_for->contact = get_line(acts.getContact(), "acts for");
    client.acts_for->until = get_date(acts.getUntil(), "acts for");
  }
}

void put(const events::ClientEdited& edited, cw::ClientEdited::Builder out) {
  put(edited.client, out.initClient());
  put_texts(out.initChanged(count_of(edited.changed)), edited.changed);
}
void get(cw::ClientEdited::Reader from, events::ClientEdited& edited) {
  get(from.getClient(), edited.client);
  edited.changed = get_lines(from.getChanged(), "changed");
}

void put(const events::ReferralDrafted& drafted, cw::ReferralDrafted::Builder out) {
  out.setReferral(to_kj(drafted.referral.view()));
  put(drafted.request, out.initRequest());
}
void get(cw::ReferralDrafted::Reader from, events::ReferralDrafted& drafted) {
  drafted.referral = read_id<ReferralId>(from.getReferral(), "referral");
  get(from.getRequest(), drafted.request);
}

}  // namespace liaison::wire::io
