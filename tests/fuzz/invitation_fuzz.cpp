// Texts that people paste or carry: an invitation, a request to an offline authority.
#include "base/check.h"
#include "certs/invitation.h"
#include "certs/signing_request.h"
#include "crypto/digest.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace liaison;
  const auto text = as_text({data, size});
  if (const auto invitation = certs::parse_invitation(text)) {
    LIAISON_CHECK(certs::parse_invitation(certs::encode(*invitation)) == *invitation);
  }
  // Past the checksum, which a fuzzer does not find.
  const auto front = "liaison-invitation-1." + to_base64url({data, size});
  if (const auto invitation = certs::parse_invitation(
          front + '.' + crypto::sha256(as_bytes(front)).text().substr(0, 8))) {
    LIAISON_CHECK(certs::encode(*invitation).substr(0, front.size()) == front);
  }
  if (const auto request = certs::parse_signing_request(text)) {
    LIAISON_CHECK(certs::parse_signing_request(certs::encode(*request)) == *request);
  }
  return 0;
}
