// What kind of document an attachment is, by its content.

#include "casework/attachments.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static_cast<void>(liaison::casework::check_attachment("name", {data, size}));
  return 0;
}
