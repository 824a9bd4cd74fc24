#include "base/check.h"
#include "crypto/der.h"
#include "crypto/internal.h"
#include "crypto/oid.h"

namespace liaison::crypto {

namespace {

/// PKCS#8 of RFC 8410 up to the 32 octets of the key: the algorithm is its eleventh octet.
constexpr std::uint8_t x25519 = 0x6e;
constexpr std::uint8_t ed25519 = 0x70;
constexpr auto prefix(std::uint8_t algorithm) {
  return oid::octets(0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, algorithm,
                     0x04, 0x22, 0x04, 0x20);
}

Secret to_pkcs8(std::uint8_t algorithm, ByteView raw) {
  const auto front = prefix(algorithm);
  Secret out(front.size() + raw.size());
  std::copy(front.begin(), front.end(), out.data());
  std::copy(raw.begin(), raw.end(), out.data() + front.size());
  return out;
}

std::optional<ByteView> from_pkcs8(std::uint8_t algorithm, ByteView pkcs8) {
  const auto front = prefix(algorithm);
  if (pkcs8.size() != front.size() + 32 || !equal(pkcs8.first(front.size()), front))
    return std::nullopt;
  return pkcs8.subspan(front.size());
}

PkeyPtr raw_private(int type, ByteView raw) {
  PkeyPtr out(EVP_PKEY_new_raw_private_key(type, nullptr, raw.data(), raw.size()));
  require(out != nullptr, "set up a private key");
  return out;
}

template <class T>
T raw_public(EVP_PKEY* key) {
  T out;
  std::size_t size = T::size;
  require(EVP_PKEY_get_raw_public_key(key, out.octets.data(), &size) == 1 && size == T::size,
          "give a public key");
  return out;
}

std::shared_ptr<const KeyHandle> handle_of(ByteView raw) {
  auto out = std::make_shared<KeyHandle>();
  out->key = raw_private(EVP_PKEY_ED25519, raw);
  return out;
}

Secret fresh() {
  Secret out(std::size_t{32});
  random({out.data(), out.size()});
  return out;
}

}  // namespace

Ed25519Key Ed25519Key::generate() {
  return Ed25519Key(handle_of(fresh().view()));
}

Result<Ed25519Key> Ed25519Key::parse(ByteView pkcs8) {
  const auto raw = from_pkcs8(ed25519, pkcs8);
  if (!raw) return fail(Reason::malformed, "the private key is not an Ed25519 key in PKCS#8");
  return Ed25519Key(handle_of(*raw));
}

Secret Ed25519Key::pkcs8() const {
  Secret raw(std::size_t{32});
  std::size_t size = raw.size();
  require(EVP_PKEY_get_raw_private_key(handle_->key.get(), raw.data(), &size) == 1,
          "write a private key");
  return to_pkcs8(ed25519, raw.view());
}

WitnessKey Ed25519Key::public_key() const {
  return raw_public<WitnessKey>(handle_->key.get());
}

Bytes Ed25519Key::sign(ByteView message) const {
  DigestContextPtr context(EVP_MD_CTX_new());
  Bytes out(64);
  std::size_t size = out.size();
  require(context &&
              EVP_DigestSignInit_ex(context.get(), nullptr, nullptr, nullptr, nullptr,
                                    handle_->key.get(), nullptr) == 1 &&
              EVP_DigestSign(context.get(), out.data(), &size, message.data(), message.size()) == 1,
          "sign");
  return out;
}

bool verify_ed25519(const WitnessKey& key, ByteView message, ByteView signature) {
  const PkeyPtr pkey(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key.octets.data(), WitnessKey::size));
  DigestContextPtr context(EVP_MD_CTX_new());
  const bool holds = pkey && context &&
                     EVP_DigestVerifyInit_ex(context.get(), nullptr, nullptr, nullptr, nullptr,
                                             pkey.get(), nullptr) == 1 &&
                     EVP_DigestVerify(context.get(), signature.data(), signature.size(),
                                      message.data(), message.size()) == 1;
  if (!holds) forget_errors();
  return holds;
}

CurvePair CurvePair::generate() {
  auto made = parse(to_pkcs8(x25519, fresh().view()).view());
  LIAISON_CHECK(made.has_value());
  return std::move(*made);
}

Result<CurvePair> CurvePair::parse(ByteView pkcs8) {
  const auto raw = from_pkcs8(x25519, pkcs8);
  if (!raw) return fail(Reason::malformed, "the private key is not an X25519 key in PKCS#8");
  const auto key = raw_private(EVP_PKEY_X25519, *raw);
  return CurvePair(std::make_shared<Secret>(copy_of(*raw)), raw_public<CurveKey>(key.get()));
}

Secret CurvePair::pkcs8() const {
  return to_pkcs8(x25519, secret_->view());
}

}  // namespace liaison::crypto
