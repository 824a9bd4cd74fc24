// Bodies of registry entries and of log entries: published by nodes, replicated to everybody.
#include "base/check.h"
#include "wire/key_alarm.h"
#include "wire/log_entry.h"
#include "wire/registry.h"
#include "wire/registry_leaf.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace liaison;
  ByteView bytes(data, size);
  if (auto issued = wire::decode_issued_certificate(bytes)) {
    LIAISON_CHECK(wire::decode_issued_certificate(wire::encode(*issued)) == *issued);
  }
  if (auto listing = wire::decode_signed_listing(bytes)) {
    LIAISON_CHECK(wire::decode_signed_listing(wire::encode(*listing)) == *listing);
  }
  if (auto listing = wire::decode_listing(bytes)) {
    LIAISON_CHECK(wire::decode_listing(wire::encode(*listing)) == *listing);
  }
  if (auto alarm = wire::decode_signed_key_alarm(bytes)) {
    LIAISON_CHECK(wire::decode_signed_key_alarm(wire::encode(*alarm)) == *alarm);
  }
  if (auto alarm = wire::decode_key_alarm(bytes)) {
    LIAISON_CHECK(wire::decode_key_alarm(wire::encode(*alarm)) == *alarm);
  }
  if (auto act = wire::decode_administrator_act(bytes)) {
    LIAISON_CHECK(wire::decode_administrator_act(wire::encode(*act)) == *act);
  }
  if (auto change = wire::decode_log_key(bytes)) {
    LIAISON_CHECK(wire::decode_log_key(wire::encode(*change)) == *change);
  }
  if (auto entry = wire::decode_log_entry(bytes)) {
    LIAISON_CHECK(wire::decode_log_entry(wire::encode(*entry)) == *entry);
  }
  if (auto leaf = wire::decode_registry_leaf(bytes))
    LIAISON_CHECK(equal(wire::encode(*leaf), bytes));
  return 0;
}
