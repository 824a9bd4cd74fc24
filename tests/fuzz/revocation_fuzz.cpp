// Revocation lists come by way of the broker.
#include "base/check.h"
#include "crypto/revocation.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace liaison;
  if (const auto list = crypto::RevocationList::parse({data, size})) {
    LIAISON_CHECK(list->number() >= 1 && equal(list->der(), {data, size}));
    for (const auto& entry : list->entries()) {
      LIAISON_CHECK(list->is_revoked(entry.serial) &&
                    list->is_revoked(entry.serial, entry.holds_until()));
    }
  }
  return 0;
}
