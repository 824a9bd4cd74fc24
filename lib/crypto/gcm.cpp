#include "crypto/gcm.h"

#include "base/check.h"
#include "base/secret.h"
#include "crypto/internal.h"

namespace liaison::crypto {

namespace {

int size_of(ByteView bytes) {
  LIAISON_CHECK(bytes.size() <= std::size_t{1} << 30U);
  return static_cast<int>(bytes.size());
}

EVP_CIPHER_CTX* context() {
  thread_local const CipherContextPtr kept(EVP_CIPHER_CTX_new());
  EVP_CIPHER_CTX_reset(kept.get());
  return kept.get();
}

}  // namespace

void gcm_encrypt(ByteView key, ByteView nonce, ByteView aad, ByteView plain,
                 std::span<std::uint8_t> out, std::span<std::uint8_t> tag) {
  LIAISON_CHECK(key.size() == 32 && nonce.size() == gcm_nonce_bytes &&
                tag.size() == gcm_tag_bytes && out.size() == plain.size());
  auto* const cipher = context();
  int done = 0;
  bool ok =
      EVP_EncryptInit_ex2(cipher, aes256_gcm_algorithm(), key.data(), nonce.data(), nullptr) == 1;
  if (!aad.empty())
    ok = ok && EVP_EncryptUpdate(cipher, nullptr, &done, aad.data(), size_of(aad)) == 1;
  if (!plain.empty())
    ok = ok && EVP_EncryptUpdate(cipher, out.data(), &done, plain.data(), size_of(plain)) == 1;
  std::uint8_t none[16];
  ok = ok && EVP_EncryptFinal_ex(cipher, none, &done) == 1 &&
       EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_GET_TAG, static_cast<int>(tag.size()),
                           tag.data()) == 1;
  EVP_CIPHER_CTX_reset(cipher);  // no key outlives its use
  require(ok, "encrypt");
}

bool gcm_decrypt(ByteView key, ByteView nonce, ByteView aad, ByteView sealed, ByteView tag,
                 std::span<std::uint8_t> out) {
  LIAISON_CHECK(key.size() == 32 && nonce.size() == gcm_nonce_bytes &&
                tag.size() == gcm_tag_bytes && out.size() == sealed.size());
  auto* const cipher = context();
  int done = 0;
  Bytes expected = copy_of(tag);
  bool ok =
      EVP_DecryptInit_ex2(cipher, aes256_gcm_algorithm(), key.data(), nonce.data(), nullptr) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_SET_TAG, static_cast<int>(gcm_tag_bytes),
                          expected.data()) == 1;
  if (!aad.empty())
    ok = ok && EVP_DecryptUpdate(cipher, nullptr, &done, aad.data(), size_of(aad)) == 1;
  if (!sealed.empty())
    ok = ok && EVP_DecryptUpdate(cipher, out.data(), &done, sealed.data(), size_of(sealed)) == 1;
  std::uint8_t none[16];
  require(ok, "decrypt");
  ok = EVP_DecryptFinal_ex(cipher, none, &done) == 1;
  EVP_CIPHER_CTX_reset(cipher);
  if (!ok) {
    // The plaintext has been written already: nobody may see it.
    if (!out.empty()) wipe(out.data(), out.size());
    forget_errors();
  }
  return ok;
}

}  // namespace liaison::crypto
