#include "base/secret.h"

#include <cstring>

namespace liaison {

void wipe(void* at, std::size_t size) {
  explicit_bzero(at, size);
}

}  // namespace liaison
