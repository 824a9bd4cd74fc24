#include "wire/event_io.h"

namespace liaison::wire::io {

NodeId get_node_or_none(capnp::Text::Reader text, const char* what) {
  return text.size() == 0 ? NodeId{} : read_node(text, what);
}

std::optional<Date> get_date(capnp::Text::Reader text, const char* what) {
  if (text.size() == 0) return std::nullopt;
  auto date = parse_date({text.cStr(), text.size()});
  require(date.has_value(), what);
  return *date;
}

std::string date_text(const std::optional<Date>& date) {
  return date ? liaison::to_text(*date) : std::string();
}

std::vector<std::string> get_texts(Texts::Reader list, std::size_t count_max, std::size_t size_max,
                                   const char* what) {
  require(list.size() <= count_max, what, Reason::too_large);
  std::vector<std::string> out;
  out.reserve(list.size());
  for (auto text : list)
    out.push_back(read_text(text, size_max, what));
  return out;
}

void put_texts(Texts::Builder out, const std::vector<std::string>& texts) {
  for (unsigned i = 0; i < texts.size(); ++i)
    out.set(i, to_text(texts[i]));
}

void put_remark(const std::string& text, cw::Remark::Builder out) {
  out.setText(to_text(text));
}
std::string get_remark(cw::Remark::Reader from) {
  return get_text(from.getText(), "text");
}

void put(const Person& person, cw::Person::Builder out) {
  out.setNode(to_text(person.node.text()));
  out.setUser(to_text(person.user));
  out.setName(to_text(person.name));
}
void get(cw::Person::Reader from, Person& person) {
  person.node = get_node_or_none(from.getNode(), "person's node");
  person.user = get_line(from.getUser(), "person's user");
  person.name = get_line(from.getName(), "person's name");
}

void put(const Ground& ground, cw::Ground::Builder out) {
  out.setBasis(static_cast<cw::Basis>(ground.basis));
  out.setRecordedBy(to_text(ground.recorded_by));
  out.setHow(to_text(ground.how));
  out.setPurpose(to_text(ground.purpose));
  out.setUntil(to_text(date_text(ground.until)));
  out.setReason(to_text(ground.reason));
  out.setDecidedBy(to_text(ground.decided_by));
  out.setClientTold(ground.client_told);
}
void get(cw::Ground::Reader from, Ground& ground) {
  ground.basis = get_enum(from.getBasis(), Basis::required, Basis::safety, "basis");
  ground.recorded_by = get_line(from.getRecordedBy(), "recordedBy");
  ground.how = get_line(from.getHow(), "how");
  ground.purpose = get_line(from.getPurpose(), "purpose");
  ground.until = get_date(from.getUntil(), "until");
  ground.reason = get_text(from.getReason(), "reason");
  ground.decided_by = get_line(from.getDecidedBy(), "decidedBy");
  ground.client_told = from.getClientTold();
}

void put(const Item& item, cw::Item::Builder out) {
  out.setName(to_text(item.name));
  put_texts(out.initValues(count_of(item.values)), item.values);
  put(item.ground, out.initGround());
}
void get(cw::Item::Reader from, Item& item) {
  item.name = get_line(from.getName(), "item");
  item.values =
      get_texts(from.getValues(), limit::item_values_max, limit::item_value_max, "item's values");
  get(from.getGround(), item.ground);
}

void put(const Attachment& attachment, cw::Attachment::Builder out) {
  out.setName(to_text(attachment.name));
  out.setKind(static_cast<cw::AttachmentKind>(attachment.kind));
  out.setSize(attachment.size);
  out.setDigest(to_kj(attachment.digest.view()));
  out.setPartSize(attachment.part_size);
  auto parts = out.initParts(count_of(attachment.parts));
  for (unsigned i = 0; i < attachment.parts.size(); ++i)
    parts.set(i, to_kj(attachment.parts[i].view()));
}
void get(cw::Attachment::Reader from, Attachment& attachment) {
  attachment.name = get_line(from.getName(), "attachment's name");
  // A name is shown and offered for saving: never a path.
  require(attachment.name.find('/') == std::string::npos &&
              attachment.name.find('\\') == std::string::npos,
          "attachment's name");
  attachment.kind =
      get_enum(from.getKind(), AttachmentKind::pdf, AttachmentKind::jpeg, "attachment's kind");
  attachment.size = from.getSize();
  require(attachment.size <= limit::attachment_max, "attachment's size", Reason::too_large);
  attachment.digest = read_id<Digest>(from.getDigest(), "attachment's digest");
  attachment.part_size = from.getPartSize();
  require(attachment.part_size > 0 && attachment.part_size <= part_bytes_max,
          "attachment's part size");
  auto parts = read_list(from.getParts(), limit::attachment_parts_max, "attachment's parts");
  for (auto part : parts)
    attachment.parts.push_back(read_id<Digest>(part, "attachment's part"));
  auto wanted = (attachment.size + attachment.part_size - 1) / attachment.part_size;
  require(attachment.parts.size() == wanted, "attachment's parts");
}

void put(const Due& due, cw::Due::Builder out) {
  out.setStandard(static_cast<cw::Standard>(due.standard));
  out.setOn(to_text(liaison::to_text(due.on)));
  out.setProvisional(due.provisional);
}
void get(cw::Due::Reader from, Due& due) {
  due.standard =
      get_enum(from.getStandard(), Standard::acknowledged, Standard::exit_report, "standard");
  auto on = get_date(from.getOn(), "due date");
  require(on.has_value(), "due date");
  due.on = *on;
  due.provisional = from.getProvisional();
}

}  // namespace liaison::wire::io
