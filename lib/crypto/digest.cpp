#include "crypto/digest.h"

#include <openssl/crypto.h>
#include <openssl/hmac.h>

#include "crypto/internal.h"

namespace liaison::crypto {

struct Sha256::State {
  DigestContextPtr context{EVP_MD_CTX_new()};
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
  require(EVP_DigestInit_ex(state_->context.get(), sha256_algorithm(), nullptr) == 1, "hash");
}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::add(ByteView bytes) {
  require(EVP_DigestUpdate(state_->context.get(), bytes.data(), bytes.size()) == 1, "hash");
}

Digest Sha256::finish() {
  Digest out;
  auto* const context = state_->context.get();
  require(EVP_DigestFinal_ex(context, out.octets.data(), nullptr) == 1 &&
              EVP_DigestInit_ex(context, sha256_algorithm(), nullptr) == 1,
          "hash");
  return out;
}

Digest sha256(ByteView bytes) {
  return sha256({bytes});
}

Digest sha256(std::initializer_list<ByteView> parts) {
  // One context a thread: making one costs as much as hashing a small frame.
  thread_local const DigestContextPtr context(EVP_MD_CTX_new());
  Digest out;
  bool done = EVP_DigestInit_ex(context.get(), sha256_algorithm(), nullptr) == 1;
  for (const auto part : parts)
    done = done && EVP_DigestUpdate(context.get(), part.data(), part.size()) == 1;
  require(done && EVP_DigestFinal_ex(context.get(), out.octets.data(), nullptr) == 1, "hash");
  return out;
}

Digest hmac_sha256(ByteView key, ByteView message) {
  static constexpr std::uint8_t none[1] = {0};  // an empty span may have no address
  Digest out;
  unsigned size = 0;
  require(HMAC(EVP_sha256(), key.empty() ? none : key.data(), static_cast<int>(key.size()),
               message.empty() ? none : message.data(), message.size(), out.octets.data(),
               &size) != nullptr &&
              size == Digest::size,
          "hash with a key");
  return out;
}

bool constant_time_equal(ByteView a, ByteView b) {
  return a.size() == b.size() && (a.empty() || CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0);
}

}  // namespace liaison::crypto
