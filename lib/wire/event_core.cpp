#include "wire/event_io.h"

// Kinds of the core strand.

namespace liaison::wire::io {

void put(const events::CaseOpened& opened, cw::CaseOpened::Builder out) {
  put(opened.lead_adviser, out.initLeadAdviser());
  out.setLeadNumber(opened.lead_number);
  out.setHandling(static_cast<cw::Handling>(opened.handling));
}
void get(cw::CaseOpened::Reader from, events::CaseOpened& opened) {
  get(from.getLeadAdviser(), opened.lead_adviser);
  opened.lead_number = from.getLeadNumber();
  opened.handling =
      get_enum(from.getHandling(), Handling::ordinary, Handling::safe_contact, "handling");
}

void put(const events::ParticipantJoined& joined, cw::ParticipantJoined::Builder out) {
  put(joined.who, out.initWho());
  out.setOrganisation(to_text(joined.organisation));
  out.setPurpose(to_text(joined.purpose));
}
void get(cw::ParticipantJoined::Reader from, events::ParticipantJoined& joined) {
  get(from.getWho(), joined.who);
  joined.organisation = get_line(from.getOrganisation(), "organisation");
  joined.purpose = get_line(from.getPurpose(), "purpose");
}

void put(const events::ParticipantLeft& left, cw::ParticipantLeft::Builder out) {
  out.setNode(to_text(left.node.text()));
  out.setReason(to_text(left.reason));
}
void get(cw::ParticipantLeft::Reader from, events::ParticipantLeft& left) {
  left.node = read_node(from.getNode(), "node");
  left.reason = get_text(from.getReason(), "reason");
}

void put(const events::Shared& shared, cw::Shared::Builder out) {
  out.setTo(to_text(shared.to.text()));
  put_texts(out.initItems(count_of(shared.items)), shared.items);
  put(shared.ground, out.initGround());
}
void get(cw::Shared::Reader from, events::Shared& shared) {
  shared.to = read_node(from.getTo(), "to");
  shared.items = get_lines(from.getItems(), "items");
  get(from.getGround(), shared.ground);
}

void put(const events::SharingWithdrawn& withdrawn, cw::SharingWithdrawn::Builder out) {
  out.setTo(to_text(withdrawn.to.text()));
  put_texts(out.initItems(count_of(withdrawn.items)), withdrawn.items);
  out.setReason(to_text(withdrawn.reason));
}
void get(cw::SharingWithdrawn::Reader from, events::SharingWithdrawn& withdrawn) {
  withdrawn.to = read_node(from.getTo(), "to");
  withdrawn.items = get_lines(from.getItems(), "items");
  withdrawn.reason = get_text(from.getReason(), "reason");
}

void put(const events::LeadMoved& moved, cw::LeadMoved::Builder out) {
  out.setSuccessor(to_text(moved.successor.text()));
  out.setLeadNumber(moved.lead_number);
  put(moved.lead_adviser, out.initLeadAdviser());
}
void get(cw::LeadMoved::Reader from, events::LeadMoved& moved) {
  moved.successor = read_node(from.getSuccessor(), "successor");
  moved.lead_number = from.getLeadNumber();
  get(from.getLeadAdviser(), moved.lead_adviser);
}

}  // namespace liaison::wire::io
