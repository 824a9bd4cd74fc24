// A sealed letter: whatever a sender puts into it, the recipient answers with a content or the one
// error.
#include "base/check.h"
#include "base/testing/seeded_entropy.h"
#include "crypto/envelope.h"
#include "crypto/seal.h"
#include "crypto/signed_data.h"
#include "crypto/testing/identities.h"

namespace {

using namespace liaison;

/// The keys that the seed corpus was sealed with.
struct Setting {
  liaison::testing::SeededEntropy entropy{1};
  crypto::testing::EntropyInUse in_use{entropy};
  crypto::testing::TestAuthority authority;
  crypto::testing::TestNode from{authority, "jcp-leeds"};
  crypto::testing::TestNode to{authority, "northbridge", NodeRole::provider};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Setting setting;
  const ByteView bytes(data, size);
  if (const auto envelope = crypto::read_envelope(bytes)) {
    LIAISON_CHECK(envelope->tag.size() == 16 && envelope->nonce.size() == 12 &&
                  envelope->ephemeral.size() == 65);
    const auto& to = setting.to;
    const auto key = crypto::content_key_of(bytes, to.sealing_key, to.sealing);
    const auto commitment = key ? crypto::commitment_of(key->view()) : Commitment{};
    const auto opened = crypto::open(bytes, to.sealing_key, to.sealing, commitment);
    LIAISON_CHECK(opened ||
                  opened.error() == (Error{Reason::untrusted, "the letter cannot be opened"}));
  }
  // What stands inside, as a dishonest sender could have encrypted it.
  if (const auto inside = crypto::verify_signed_data(bytes, nullptr)) {
    LIAISON_CHECK(inside->content.size() < size);
  }
  return 0;
}
