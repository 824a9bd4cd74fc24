#include "crypto/start.h"

#include <dlfcn.h>

#include <catch2/catch.hpp>

namespace {
/// What OpenSSL says of itself here; 0: what it is.
unsigned long pretended = 0;
}  // namespace

/// Takes the place of OpenSSL's own in this program.
extern "C" unsigned long OpenSSL_version_num() {
  if (pretended != 0) return pretended;
  auto* const own = dlsym(RTLD_NEXT, "OpenSSL_version_num");
  return reinterpret_cast<unsigned long (*)()>(own)();
}

using namespace liaison::crypto;

TEST_CASE("the OpenSSL that runs is new enough", "[crypto]") {
  CHECK_NOTHROW(start());
}

TEST_CASE("an OpenSSL that accepts forged letters is refused at the start", "[crypto]") {
  pretended = 0x30000140UL;  // 3.0.20
  CHECK_THROWS_WITH(start(), Catch::Contains("OpenSSL 3.0.21 or later is needed"));
  pretended = 0x30000150UL;
  CHECK_NOTHROW(start());
  pretended = 0;
}
