// Joining: anyone can send the broker a request; a node believes no answer before it is checked.
#include "base/check.h"
#include "wire/join.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace liaison;
  if (auto request = wire::decode_join_request({data, size})) {
    LIAISON_CHECK(wire::decode_join_request(wire::encode(*request)) == *request);
  }
  if (auto answer = wire::decode_join_answer({data, size})) {
    LIAISON_CHECK(wire::decode_join_answer(wire::encode(*answer)) == *answer);
  }
  return 0;
}
