#pragma once

// Private to lib/wire: casework's values to and from Cap'n Proto, one pair of put and get a struct.

#include <casework.capnp.h>

#include "wire/capnp_io.h"
#include "wire/event.h"
#include "wire/events/limits.h"

namespace liaison::wire::io {

namespace cw = ::liaison::schema::casework;
namespace limit = ::liaison::wire::events;

/// A value of an enumeration that this version does not know: the whole event is of an unknown
/// kind.
struct Newer : Malformed {
  Newer() : Malformed{Reason::unsupported, "a value of a later version"} {}
};

/// Reads an enumeration whose members run from `first` to `last` without a gap.
template <class Value, class Raw>
Value get_enum(Raw raw, Value first, Value last, const char* what) {
  auto number = static_cast<std::uint16_t>(raw);
  require(number >= static_cast<std::uint16_t>(first), what);
  if (number > static_cast<std::uint16_t>(last)) throw Newer{};
  return static_cast<Value>(number);
}

inline std::string get_line(capnp::Text::Reader text, const char* what) {
  return read_text(text, limit::line_max, what);
}
inline std::string get_text(capnp::Text::Reader text, const char* what) {
  return read_text(text, limit::text_max, what);
}

NodeId get_node_or_none(capnp::Text::Reader text, const char* what);
std::optional<Date> get_date(capnp::Text::Reader text, const char* what);
std::string date_text(const std::optional<Date>& date);

using Texts = capnp::List<capnp::Text>;
std::vector<std::string> get_texts(Texts::Reader list, std::size_t count_max, std::size_t size_max,
                                   const char* what);
inline std::vector<std::string> get_lines(Texts::Reader list, const char* what) {
  return get_texts(list, limit::list_max, limit::line_max, what);
}
void put_texts(Texts::Builder out, const std::vector<std::string>& texts);

template <class T>
unsigned count_of(const std::vector<T>& values) {
  return static_cast<unsigned>(values.size());
}
#define LIAISON_WIRE_PAIR(Value, Schema)                 \
  void put(const Value& value, cw::Schema::Builder out); \
  void get(cw::Schema::Reader from, Value& value)

LIAISON_WIRE_PAIR(Person, Person);
LIAISON_WIRE_PAIR(Ground, Ground);
LIAISON_WIRE_PAIR(Item, Item);
LIAISON_WIRE_PAIR(Attachment, Attachment);
LIAISON_WIRE_PAIR(Due, Due);
LIAISON_WIRE_PAIR(events::CaseOpened, CaseOpened);
LIAISON_WIRE_PAIR(events::ParticipantJoined, ParticipantJoined);
LIAISON_WIRE_PAIR(events::ParticipantLeft, ParticipantLeft);
LIAISON_WIRE_PAIR(events::Shared, Shared);
LIAISON_WIRE_PAIR(events::SharingWithdrawn, SharingWithdrawn);
LIAISON_WIRE_PAIR(events::LeadMoved, LeadMoved);
LIAISON_WIRE_PAIR(events::ClientRecord, Client);
LIAISON_WIRE_PAIR(events::ClientEdited, ClientEdited);
LIAISON_WIRE_PAIR(events::ReferralDrafted, ReferralDrafted);
LIAISON_WIRE_PAIR(events::Requested, Requested);
LIAISON_WIRE_PAIR(events::Refused, Refused);
LIAISON_WIRE_PAIR(events::Waiting, Waiting);
LIAISON_WIRE_PAIR(events::Meeting, Meeting);
LIAISON_WIRE_PAIR(events::Accepted, Accepted);
LIAISON_WIRE_PAIR(events::WorkerNamed, WorkerNamed);
LIAISON_WIRE_PAIR(events::Declined, Declined);
LIAISON_WIRE_PAIR(events::Started, Started);
LIAISON_WIRE_PAIR(events::Progressed, Progressed);
LIAISON_WIRE_PAIR(events::ExitReport, ExitReport);
LIAISON_WIRE_PAIR(events::EndedEarly, EndedEarly);
LIAISON_WIRE_PAIR(events::WithdrawalRequested, WithdrawalRequested);
LIAISON_WIRE_PAIR(events::DeciderTakenOver, DeciderTakenOver);

#undef LIAISON_WIRE_PAIR

/// `put_list(values, out.initItems(count_of(values)))`
template <class T, class List>
void put_list(const std::vector<T>& values, List out) {
  for (unsigned i = 0; i < values.size(); ++i)
    put(values[i], out[i]);
}
template <class T, class List>
std::vector<T> get_list(List list, std::size_t count_max, const char* what) {
  require(list.size() <= count_max, what, Reason::too_large);
  std::vector<T> out;
  out.reserve(list.size());
  for (auto entry : list) {
    out.emplace_back();
    get(entry, out.back());
  }
  return out;
}

// Kinds whose content is one text, a pause, or nothing share a struct of the schema.
void put_remark(const std::string& text, cw::Remark::Builder out);
std::string get_remark(cw::Remark::Reader from);

/// The union of an event's kinds.
void put_body(const EventBody& body, cw::Event::Body::Builder out);
EventBody get_body(cw::Event::Body::Reader from);

}  // namespace liaison::wire::io
