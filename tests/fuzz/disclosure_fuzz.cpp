// A letter that somebody discloses to an auditor: the file, and what opening it by its key meets.
#include "audit/disclosure.h"
#include "base/check.h"
#include "crypto/seal.h"
#include "crypto/taken_apart.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace liaison;
  const auto text = as_text({data, size});
  const auto read = audit::parse_disclosure(text);
  if (!read) return 0;
  LIAISON_CHECK(audit::encode(*read) == text);
  const auto& key = read->content_key;
  (void)crypto::open_with(read->sealed, key.clone(), crypto::commitment_of(key.view()));
  if (const auto parts = crypto::take_apart(read->sealed, key.clone())) {
    const auto whole = crypto::put_together(*parts);
    LIAISON_CHECK(whole && *whole == read->sealed);
  }
  return 0;
}
