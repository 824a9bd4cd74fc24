#include "base/id.h"

#include <algorithm>

namespace liaison {

Result<NodeId> NodeId::parse(std::string_view text) {
  auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  };
  if (text.size() < 2 || text.size() > 40 || text[0] < 'a' || text[0] > 'z' || text.back() == '-' ||
      !std::ranges::all_of(text, allowed)) {
    return fail(
        Reason::malformed,
        "a node's id is 2 to 40 of a-z, 0-9 and '-', starting with a letter, such as jcp-leeds");
  }
  return NodeId(std::string(text));
}

}  // namespace liaison
