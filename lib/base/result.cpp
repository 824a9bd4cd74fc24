#include "base/result.h"

namespace liaison {

const char* name_of(Reason reason) {
  switch (reason) {
    case Reason::malformed:
      return "malformed";
    case Reason::too_large:
      return "too_large";
    case Reason::unsupported:
      return "unsupported";
    case Reason::untrusted:
      return "untrusted";
    case Reason::forbidden:
      return "forbidden";
    case Reason::expired:
      return "expired";
    case Reason::not_found:
      return "not_found";
    case Reason::conflict:
      return "conflict";
    case Reason::busy:
      return "busy";
    case Reason::unavailable:
      return "unavailable";
  }
  return "unknown";
}

}  // namespace liaison
