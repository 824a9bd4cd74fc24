#include "crypto/start.h"

#include <openssl/crypto.h>
#include <openssl/opensslv.h>

#include <stdexcept>
#include <string>

namespace liaison::crypto {

void start() {
  constexpr unsigned long oldest = 0x30000150UL;  // 3.0.21: MNN00PP0L
  if (OpenSSL_version_num() < oldest) {
    throw std::runtime_error(std::string("OpenSSL 3.0.21 or later is needed, this is ") +
                             OpenSSL_version(OPENSSL_VERSION_STRING) +
                             ": install the security updates of libssl3 and start again");
  }
}

}  // namespace liaison::crypto
