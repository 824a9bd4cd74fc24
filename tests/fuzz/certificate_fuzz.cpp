// Certificates and requests: anyone can send one.
#include "base/check.h"
#include "crypto/profile.h"
#include "crypto/request.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace liaison;
  const ByteView bytes(data, size);
  if (const auto certificate = crypto::Certificate::parse(bytes)) {
    LIAISON_CHECK(equal(certificate->der(), bytes));
    const auto at = certificate->not_before();
    // Against itself: every step of the checks is taken.
    (void)crypto::read_signing(*certificate);
    (void)crypto::check_authority(*certificate, at);
    (void)crypto::check_signing(*certificate, *certificate, at);
    (void)crypto::check_sealing(*certificate, *certificate, at);
    LIAISON_CHECK(crypto::certificate_from_pem(certificate->pem()) == *certificate);
  }
  if (const auto request = crypto::CertificateRequest::parse(bytes)) {
    LIAISON_CHECK(equal(request->der, bytes) && !request->node.empty());
  }
  (void)crypto::certificate_from_pem(as_text(bytes));
  return 0;
}
