// An administrator's policy: whatever stands in the file, it is read whole or refused in one line.
#include "base/check.h"
#include "broker/shell/policy_json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace liaison;
  const auto policy = broker::policy_from_json(as_text(ByteView(data, size)));
  if (policy) LIAISON_CHECK(broker::policy_from_json(broker::to_json_text(*policy)) == *policy);
  return 0;
}
