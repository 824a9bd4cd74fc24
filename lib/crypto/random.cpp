#define OPENSSL_SUPPRESS_DEPRECATED  // RAND_METHOD: 3.0 has no other way to set the source from
                                     // outside
#include "crypto/random.h"

#include <openssl/rand.h>

#include "base/check.h"
#include "crypto/internal.h"

namespace liaison::crypto {

void SystemEntropy::fill(std::span<std::uint8_t> out) {
  LIAISON_CHECK(RAND_bytes(out.data(), static_cast<int>(out.size())) == 1);
}

namespace {

Entropy* source = nullptr;

int draw(unsigned char* out, int size) {
  source->fill({out, static_cast<std::size_t>(size)});
  return 1;
}
int always_ready() {
  return 1;
}

const RAND_METHOD from_source = {nullptr, draw, nullptr, nullptr, draw, always_ready};

}  // namespace

void use_entropy(Entropy* entropy) {
  source = entropy;
  require(RAND_set_rand_method(entropy == nullptr ? RAND_OpenSSL() : &from_source) == 1,
          "change the source of randomness");
}

}  // namespace liaison::crypto
