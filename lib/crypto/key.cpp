#include "crypto/key.h"

#include <algorithm>

#include "base/check.h"
#include "crypto/der.h"
#include "crypto/internal.h"
#include "crypto/oid.h"

namespace liaison::crypto {

namespace {

std::shared_ptr<const KeyHandle> handle_of(PkeyPtr key, ByteView point) {
  auto out = std::make_shared<KeyHandle>();
  out->key = std::move(key);
  out->spki.assign(oid::p256_spki.begin(), oid::p256_spki.end());
  der::append(out->spki, point);
  return out;
}

}  // namespace

Result<PublicKey> PublicKey::parse(ByteView spki) {
  const std::size_t prefix = oid::p256_spki.size();
  if (spki.size() != prefix + 65 || !equal(spki.first(prefix), oid::p256_spki)) {
    return fail(Reason::malformed, "the public key is not an uncompressed P-256 key");
  }
  const auto point = spki.subspan(prefix);
  auto key = key_at(point);
  if (!key) return fail(Reason::malformed, "the public key is not a point of P-256");
  return PublicKey(handle_of(std::move(key), point));
}

const Bytes& PublicKey::spki() const {
  return handle_->spki;
}

bool PublicKey::verify(ByteView message, ByteView signature) const {
  DigestContextPtr context(EVP_MD_CTX_new());
  require(context && EVP_DigestVerifyInit_ex(context.get(), nullptr, "SHA256", nullptr, nullptr,
                                             handle_->key.get(), nullptr) == 1,
          "set up a verification");
  const bool holds = EVP_DigestVerify(context.get(), signature.data(), signature.size(),
                                      message.data(), message.size()) == 1;
  if (!holds) forget_errors();
  return holds;
}

PrivateKey PrivateKey::generate() {
  auto key = generate_p256();
  const auto point = point_of(key.get());
  return PrivateKey(handle_of(std::move(key), point));
}

Result<PrivateKey> PrivateKey::parse(ByteView pkcs8) {
  // EVP_PKCS82PKEY() tries every kind of key that there is, three times as slow in OpenSSL 3.0.
  EVP_PKEY* read = nullptr;
  const DecoderPtr decoder(OSSL_DECODER_CTX_new_for_pkey(&read, "DER", "PrivateKeyInfo", "EC",
                                                         EVP_PKEY_KEYPAIR, nullptr, nullptr));
  require(decoder != nullptr, "set up the reading of a key");
  const unsigned char* at = pkcs8.data();
  std::size_t left = pkcs8.size();
  const bool is_read =
      !pkcs8.empty() && OSSL_DECODER_from_data(decoder.get(), &at, &left) == 1 && left == 0;
  PkeyPtr key(read);
  if (!is_read) key.reset();
  char group[32] = {};
  std::size_t size = 0;
  if (!key || EVP_PKEY_is_a(key.get(), "EC") != 1 ||
      EVP_PKEY_get_group_name(key.get(), group, sizeof group, &size) != 1 ||
      std::string_view(group, size) != "prime256v1") {
    forget_errors();
    return fail(Reason::malformed, "the private key is not a P-256 key in PKCS#8");
  }
  const PkeyContextPtr check(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
  require(check != nullptr, "set up the check of a key");
  if (EVP_PKEY_pairwise_check(check.get()) != 1) {
    forget_errors();
    return fail(Reason::malformed, "its private and public halves do not belong together");
  }
  const auto point = point_of(key.get());
  return PrivateKey(handle_of(std::move(key), point));
}

Secret PrivateKey::pkcs8() const {
  const Pkcs8Ptr info(EVP_PKEY2PKCS8(handle_->key.get()));
  const int size = info ? i2d_PKCS8_PRIV_KEY_INFO(info.get(), nullptr) : 0;
  require(size > 0, "write a private key");
  Secret out(static_cast<std::size_t>(size));
  unsigned char* at = out.data();
  i2d_PKCS8_PRIV_KEY_INFO(info.get(), &at);
  return out;
}

PublicKey PrivateKey::public_key() const {
  return PublicKey(handle_);
}

Bytes PrivateKey::sign(ByteView message) const {
  DigestContextPtr context(EVP_MD_CTX_new());
  Bytes out(80);
  std::size_t size = out.size();
  require(context &&
              EVP_DigestSignInit_ex(context.get(), nullptr, "SHA256", nullptr, nullptr,
                                    handle_->key.get(), nullptr) == 1 &&
              EVP_DigestSign(context.get(), out.data(), &size, message.data(), message.size()) == 1,
          "sign");
  out.resize(size);
  return out;
}

}  // namespace liaison::crypto
