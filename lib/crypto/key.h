#pragma once

#include <memory>

#include "base/bytes.h"
#include "base/id.h"
#include "base/secret.h"

namespace liaison::crypto {

/// What this folder keeps of OpenSSL's behind its headers (crypto/internal.h).
struct KeyHandle;

/// An EC P-256 public key. Cheap to copy; safe to use from several threads.
class PublicKey {
 public:
  /// Reads a DER SubjectPublicKeyInfo: P-256 as a named curve, uncompressed point, on the curve,
  /// nothing else. Malformed otherwise.
  static Result<PublicKey> parse(ByteView spki);
  /// The DER SubjectPublicKeyInfo.
  [[nodiscard]] const Bytes& spki() const;
  /// Whether `signature` (DER ECDSA) over SHA-256 of `message` is this key's.
  [[nodiscard]] bool verify(ByteView message, ByteView signature) const;
  friend bool operator==(const PublicKey& a, const PublicKey& b) { return a.spki() == b.spki(); }

  explicit PublicKey(std::shared_ptr<const KeyHandle> handle) : handle_(std::move(handle)) {}
  [[nodiscard]] const KeyHandle& handle() const { return *handle_; }

 private:
  std::shared_ptr<const KeyHandle> handle_;
};

/// An EC P-256 private key. Cheap to copy (shared, wiped when the last copy goes).
class PrivateKey {
 public:
  static PrivateKey generate();
  /// Reads unencrypted DER PKCS#8; malformed for anything but a P-256 key
  /// whose halves belong together.
  static Result<PrivateKey> parse(ByteView pkcs8);
  [[nodiscard]] Secret pkcs8() const;
  [[nodiscard]] PublicKey public_key() const;
  /// DER ECDSA signature over SHA-256 of `message`, 70 to 72 octets.
  [[nodiscard]] Bytes sign(ByteView message) const;

  explicit PrivateKey(std::shared_ptr<const KeyHandle> handle) : handle_(std::move(handle)) {}
  [[nodiscard]] const KeyHandle& handle() const { return *handle_; }

 private:
  std::shared_ptr<const KeyHandle> handle_;
};

struct WitnessKeyTag {
  static constexpr const char* name = "witness key";
};
using WitnessKey = Fixed<WitnessKeyTag, 32>;  ///< an Ed25519 public key

/// An Ed25519 key: a node's witness key, a broker's log keys.
class Ed25519Key {
 public:
  static Ed25519Key generate();
  static Result<Ed25519Key> parse(ByteView pkcs8);
  [[nodiscard]] Secret pkcs8() const;
  [[nodiscard]] WitnessKey public_key() const;
  /// 64 octets (RFC 8032).
  [[nodiscard]] Bytes sign(ByteView message) const;

  explicit Ed25519Key(std::shared_ptr<const KeyHandle> handle) : handle_(std::move(handle)) {}

 private:
  std::shared_ptr<const KeyHandle> handle_;
};
bool verify_ed25519(const WitnessKey& key, ByteView message, ByteView signature);

/// A CURVE key pair. CURVE is X25519, so a pair is kept as X25519 PKCS#8 like every other key.
class CurvePair {
 public:
  static CurvePair generate();
  static Result<CurvePair> parse(ByteView pkcs8);
  [[nodiscard]] Secret pkcs8() const;
  [[nodiscard]] const CurveKey& public_key() const { return public_; }
  /// The 32 octets that ZMQ_CURVE_SECRETKEY takes.
  [[nodiscard]] const Secret& secret() const { return *secret_; }

 private:
  CurvePair(std::shared_ptr<const Secret> secret, CurveKey key)
      : secret_(std::move(secret)), public_(key) {}
  std::shared_ptr<const Secret> secret_;
  CurveKey public_;
};

}  // namespace liaison::crypto
