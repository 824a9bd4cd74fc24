// The content of a sealed letter, from a peer that was admitted and has gone bad.
#include "base/check.h"
#include "wire/letter.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace liaison;
  auto content = wire::decode_content({data, size});
  if (content && !std::holds_alternative<wire::UnknownMatter>(content->matter)) {
    auto again = wire::decode_content(wire::encode(*content));
    LIAISON_CHECK(again.has_value() && *again == *content);
  }
  return 0;
}
