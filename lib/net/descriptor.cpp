#include "net/descriptor.h"

#include <unistd.h>

namespace liaison::net {

Descriptor::~Descriptor() {
  if (number_ >= 0) ::close(number_);
}

}  // namespace liaison::net
