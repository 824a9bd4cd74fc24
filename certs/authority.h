#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/profile.h"
#include "crypto/request.h"
#include "crypto/revocation.h"

namespace liaison::certs {

/// What the exchange has decided about a node: the part of its certificate that it does not choose
/// itself.
struct Enrolment {
  NodeId node;
  std::string organisation;  ///< UTF-8, 1 to 64 characters
  NodeRole role = NodeRole::adviser;
  Capabilities capabilities;
  friend bool operator==(const Enrolment&, const Enrolment&) = default;
};

/// Whether `text` can stand as an organisation in a certificate.
Result<void> check_organisation(std::string_view text);

/// The exchange's certificate authority: its key and certificate, nothing else. What it issued, and
/// the current revocation list, are kept by who holds it (the broker's store; AuthorityDirectory
/// offline), in one transaction with what depends on them.
class Authority {
 public:
  /// A fresh key and a certificate of its own, for ten years. `name` stands in the certificate.
  static Authority make(const std::string& name, Instant now);
  /// Conflict if the key is not that of the certificate.
  static Result<Authority> from(crypto::PrivateKey key, crypto::Certificate certificate);

  [[nodiscard]] const crypto::Certificate& certificate() const { return certificate_; }
  [[nodiscard]] const crypto::PrivateKey& key() const { return key_; }

  /// A signing certificate for the request's key. Forbidden if the request names another node than
  /// the enrolment. Valid from an hour before `now`. A fresh serial each time: to repeat an answer,
  /// keep it.
  [[nodiscard]] Result<crypto::Certificate> issue(
      const crypto::CertificateRequest& request, const Enrolment& enrolment, Instant now,
      std::chrono::days life = crypto::signing_days) const;

  /// The first list: number 1, nobody revoked.
  [[nodiscard]] crypto::RevocationList first_list(Instant now) const;
  /// The list after `current`, with `more` revoked. Serials already there keep their first entry,
  /// except that an earlier `as_of` replaces a later one. Too large: nobody could read it
  /// (crypto::revocation_list_bytes_max).
  [[nodiscard]] Result<crypto::RevocationList> revoke(
      const crypto::RevocationList& current, const std::vector<crypto::RevocationEntry>& more,
      Instant now) const;

 private:
  Authority(crypto::PrivateKey key, crypto::Certificate certificate)
      : key_(std::move(key)), certificate_(std::move(certificate)) {}
  crypto::PrivateKey key_;
  crypto::Certificate certificate_;
};

}  // namespace liaison::certs
