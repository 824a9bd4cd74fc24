// A frame from a peer: no crash, no growth; and what is read can be written and read again alike.
#include "base/check.h"
#include "wire/frame.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace liaison;
  auto frame = wire::decode_frame({data, size});
  if (frame && !std::holds_alternative<wire::UnknownFrame>(*frame)) {
    auto again = wire::decode_frame(wire::encode(*frame));
    LIAISON_CHECK(again.has_value() && *again == *frame);
  }
  return 0;
}
