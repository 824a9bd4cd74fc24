#include "base/deliberate_bug.h"

#ifdef LIAISON_DELIBERATE_BUGS
#include <string>

namespace liaison {
namespace {
std::string& chosen() {
  static std::string name;
  return name;
}
}  // namespace

void choose_bug(std::string_view name) {
  chosen() = name;
}
bool bug_is_on(std::string_view name) {
  return chosen() == name;
}

}  // namespace liaison
#endif
