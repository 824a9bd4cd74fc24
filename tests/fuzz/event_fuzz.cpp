// An event as a peer signs it, and a case's summary: decoded, then folded beside nothing else and
// with itself under another number. Whatever was read is encoded and read again to the same value.

#include "base/check.h"
#include "casework/case_file.h"
#include "casework/settle.h"
#include "casework/summary.h"
#include "wire/case_summary.h"
#include "wire/limits.h"

using namespace liaison;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (auto summary = wire::decode_case_summary({data, size})) {
    LIAISON_CHECK(wire::decode_case_summary(wire::encode(*summary)).value() == *summary);
  }
  auto event = wire::decode_event({data, size});
  if (!event) return 0;
  if (!std::holds_alternative<wire::events::Unknown>(event->body)) {
    // What pointed to one place twice is written twice: it may then be over the limit.
    Bytes encoded = wire::encode(*event);
    auto again = wire::decode_event(encoded);
    LIAISON_CHECK(encoded.size() > wire::event_bytes_max ||
                  (again.has_value() && *again == *event));
  }
  casework::CaseFile file(event->case_id);
  file.add(*event);
  wire::Event other = *event;
  other.id.octets[0] ^= 1;
  other.number += 1;
  file.add(other);
  auto view = file.fold();
  static_cast<void>(casework::settle(view, event->author));
  static_cast<void>(casework::summarise(view, event->author));
  return 0;
}
