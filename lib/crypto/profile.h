#pragma once

#include <string>
#include <unordered_map>

#include "base/role.h"
#include "crypto/certificate.h"

namespace liaison::crypto {

/// Longest lives that a check allows.
inline constexpr auto authority_days_max = std::chrono::days(3660);
inline constexpr auto signing_days = std::chrono::days(90);
inline constexpr auto sealing_days = std::chrono::days(30);

/// What a signing certificate says of its node.
struct SigningProfile {
  NodeId node;
  std::string organisation;  ///< UTF-8, 1 to 64 characters
  NodeRole role = NodeRole::adviser;
  Capabilities capabilities;
  CurveKey curve;
  WitnessKey witness;
  friend bool operator==(const SigningProfile&, const SigningProfile&) = default;
};

/// Whether `text` can stand as a name in a certificate: UTF-8, 1 to 64 characters, none of them a
/// control character, no space at either end.
bool is_organisation(std::string_view text);

/// What the certificate says, if it has the exact profile (docs/PROTOCOL.md, "Certificates");
/// believes nothing yet: neither issuer, signature nor time. For showing, and as the first step of
/// check_signing.
Result<SigningProfile> read_signing(const Certificate& certificate);

/// Whether `certificate` is a signing certificate that holds at `at`: issued by `authority` (and no
/// other chain), X509_STRICT, purpose, key usage, exact profile. Untrusted for everything that does
/// not hold, in one text; expired if the only fault is the time (before not_before: our clock may
/// be behind; after not_after: it is over). Revocation is the caller's next question
/// (RevocationList).
Result<SigningProfile> check_signing(const Certificate& certificate, const Certificate& authority,
                                     Instant at);

/// Whether `sealing` is a sealing certificate that the key of `signing` issued for its own node,
/// and holds at `at`. `signing` has been checked by the caller. Errors as check_signing.
Result<NodeId> check_sealing(const Certificate& sealing, const Certificate& signing, Instant at);

/// Whether `authority` is an authority's certificate that signed itself and holds at `at`. Who it
/// is, is the fingerprint's matter.
Result<void> check_authority(const Certificate& authority, Instant at);

/// check_signing with a memory: signatures and profile are checked once for a certificate, times at
/// every call. Bounded; for one thread. Revocation is not remembered, so that a new list counts at
/// once.
class ChainCache {
 public:
  explicit ChainCache(Certificate authority, std::size_t limit = 4096)
      : authority_(std::move(authority)), limit_(limit) {}
  [[nodiscard]] const Certificate& authority() const { return authority_; }
  Result<SigningProfile> check_signing(const Certificate& certificate, Instant at);
  Result<NodeId> check_sealing(const Certificate& sealing, const Certificate& signing, Instant at);

 private:
  Certificate authority_;
  std::size_t limit_;
  std::unordered_map<Fingerprint, SigningProfile> signing_;
  std::unordered_map<Fingerprint, std::pair<Fingerprint, NodeId>> sealing_;
};

/// Issues the sealing certificate of `sealing_key`, from the node's own signing key. Valid from an
/// hour before `now`, for sealing_days.
Certificate issue_sealing(const PublicKey& sealing_key, const PrivateKey& signing_key,
                          const Certificate& signing, Instant now);

/// What an authority issues (certs/authority.h decides whether).
Certificate issue_authority(const PrivateKey& key, const std::string& name, Instant now,
                            std::chrono::days life);
Certificate issue_signing(const PublicKey& key, const SigningProfile& profile,
                          const PrivateKey& authority_key, const Certificate& authority,
                          Instant now, std::chrono::days life = signing_days);

}  // namespace liaison::crypto
