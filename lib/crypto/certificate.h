#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/id.h"
#include "base/time.h"
#include "crypto/key.h"

namespace liaison::crypto {

inline constexpr std::size_t certificate_bytes_max = 8 * 1024;

/// A certificate's serial number: big-endian, no leading zero octet.
using Serial = Bytes;

/// An X.509 certificate that was read, not yet believed (check_signing, check_sealing). Cheap to
/// copy; safe to use from several threads.
class Certificate {
 public:
  /// Reads strict DER of at most certificate_bytes_max octets, nothing after it, with a P-256 key
  /// and a low signature (crypto/signature.h): what an issuer signed has one encoding.
  static Result<Certificate> parse(ByteView der);
  /// The octets that were read.
  [[nodiscard]] const Bytes& der() const;
  [[nodiscard]] std::string pem() const;
  [[nodiscard]] const Fingerprint& fingerprint() const;
  [[nodiscard]] const Serial& serial() const;
  [[nodiscard]] Instant not_before() const;
  /// The last second at which it is valid.
  [[nodiscard]] Instant not_after() const;
  [[nodiscard]] bool valid_at(Instant at) const { return at >= not_before() && at <= not_after(); }
  [[nodiscard]] const PublicKey& public_key() const;
  /// DER of the two names, to compare.
  [[nodiscard]] const Bytes& subject() const;
  [[nodiscard]] const Bytes& issuer() const;
  /// Subject key identifier; empty if it has none.
  [[nodiscard]] const Bytes& key_id() const;
  friend bool operator==(const Certificate& a, const Certificate& b) {
    return a.fingerprint() == b.fingerprint();
  }

  struct Parts;
  explicit Certificate(std::shared_ptr<const Parts> parts) : parts_(std::move(parts)) {}
  [[nodiscard]] const Parts& parts() const { return *parts_; }

 private:
  std::shared_ptr<const Parts> parts_;
};

/// Reads one PEM certificate with nothing but white space around it.
Result<Certificate> certificate_from_pem(std::string_view text);

/// Parsed certificates by fingerprint: a node meets the same few signers in every letter, and
/// parsing costs as much as opening. Holds at most `limit`, then starts afresh. For one thread.
class CertificateCache {
 public:
  explicit CertificateCache(std::size_t limit = 4096) : limit_(limit) {}
  Result<Certificate> parse(ByteView der);

 private:
  std::size_t limit_;
  std::unordered_map<Fingerprint, Certificate> known_;
};

}  // namespace liaison::crypto
