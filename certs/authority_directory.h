#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "certs/authority.h"
#include "crypto/key_vault.h"
#include "net/directory_lock.h"

namespace liaison::certs {

/// An authority kept offline, in a directory of plain files: `authority.pem`, `keys/authority.pem`,
/// `issued/SERIAL.der`, `revocations.crl`. Each is written beside, synced and renamed; a
/// certificate lies in `issued` before anyone is given it. Who may write has the directory alone
/// (`lock`) from opening it on, or of two revocations at once one would be lost. Throws
/// std::runtime_error when the disk fails, or another has it.
class AuthorityDirectory {
 public:
  /// Conflict if the directory has an authority already.
  static Result<AuthorityDirectory> create(const std::filesystem::path& directory,
                                           const std::string& name,
                                           std::optional<Secret> passphrase, Instant now);
  enum class Use { reading, writing };
  static Result<AuthorityDirectory> open(const std::filesystem::path& directory,
                                         std::optional<Secret> passphrase, Use use);

  [[nodiscard]] const Authority& authority() const { return authority_; }
  [[nodiscard]] const crypto::RevocationList& revocations() const { return revocations_; }
  /// Every certificate issued, ordered by node, then by time. The error names a file that is
  /// damaged.
  [[nodiscard]] Result<std::vector<crypto::Certificate>> issued() const;
  [[nodiscard]] Result<std::vector<crypto::Certificate>> issued_to(const NodeId& node) const;

  // These two want Use::writing.
  Result<crypto::Certificate> issue(const crypto::CertificateRequest& request,
                                    const Enrolment& enrolment, Instant now);
  /// Revokes every certificate of the node; not_found if it was issued none. A node revoked before
  /// stays so, and an earlier `as_of` counts.
  Result<crypto::RevocationList> revoke(const NodeId& node, crypto::RevocationReason reason,
                                        std::optional<Instant> as_of, Instant now);

 private:
  using Lock = std::optional<net::DirectoryLock>;
  AuthorityDirectory(Lock lock, std::filesystem::path directory, Authority authority,
                     crypto::RevocationList revocations)
      : lock_(std::move(lock)),
        directory_(std::move(directory)),
        authority_(std::move(authority)),
        revocations_(std::move(revocations)) {}
  Lock lock_;  ///< none: opened for reading
  std::filesystem::path directory_;
  Authority authority_;
  crypto::RevocationList revocations_;
};

}  // namespace liaison::certs
