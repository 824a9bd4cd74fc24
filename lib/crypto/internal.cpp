#include "crypto/internal.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/rand.h>

#include <stdexcept>
#include <string>

namespace liaison::crypto {

void require(bool done, const char* what) {
  if (done) return;
  forget_errors();
  throw std::runtime_error(std::string("OpenSSL failed to ") + what);
}

void forget_errors() {
  ERR_clear_error();
}

const EVP_MD* sha256_algorithm() {
  static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return algorithm;
}

const EVP_CIPHER* aes256_gcm_algorithm() {
  static const EVP_CIPHER* const algorithm = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  return algorithm;
}

const EVP_CIPHER* aes256_wrap_algorithm() {
  static const EVP_CIPHER* const algorithm = EVP_CIPHER_fetch(nullptr, "AES-256-WRAP", nullptr);
  return algorithm;
}

void random(std::span<std::uint8_t> out) {
  require(RAND_priv_bytes(out.data(), static_cast<int>(out.size())) == 1, "give random octets");
}

namespace {

/// A P-256 key without a value: what new keys copy their curve from.
EVP_PKEY* p256_parameters() {
  static EVP_PKEY* const parameters = [] {
    PkeyContextPtr context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
    EVP_PKEY* out = nullptr;
    require(context && EVP_PKEY_paramgen_init(context.get()) == 1 &&
                EVP_PKEY_CTX_set_group_name(context.get(), "P-256") == 1 &&
                EVP_PKEY_paramgen(context.get(), &out) == 1,
            "set up the curve P-256");
    return out;
  }();
  return parameters;
}

}  // namespace

PkeyPtr generate_p256() {
  PkeyContextPtr context(EVP_PKEY_CTX_new_from_pkey(nullptr, p256_parameters(), nullptr));
  EVP_PKEY* out = nullptr;
  require(context && EVP_PKEY_keygen_init(context.get()) == 1 &&
              EVP_PKEY_generate(context.get(), &out) == 1,
          "make a P-256 key");
  return PkeyPtr(out);
}

Bytes point_of(EVP_PKEY* key) {
  Bytes out(65);
  std::size_t size = 0;
  require(EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, out.data(), out.size(),
                                          &size) == 1 &&
              size == out.size() && out[0] == 0x04,
          "give the public key of a P-256 key");
  return out;
}

PkeyPtr key_at(ByteView point) {
  if (point.size() != 65 || point[0] != 0x04) return nullptr;
  PkeyPtr out(EVP_PKEY_new());
  require(out && EVP_PKEY_copy_parameters(out.get(), p256_parameters()) == 1, "set up a P-256 key");
  if (EVP_PKEY_set1_encoded_public_key(out.get(), point.data(), point.size()) != 1) {
    forget_errors();
    return nullptr;
  }
  return out;
}

}  // namespace liaison::crypto
