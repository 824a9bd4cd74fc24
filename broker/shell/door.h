#pragma once

#include <map>
#include <optional>
#include <vector>

#include "broker/core/facts.h"
#include "broker/core/registry.h"
#include "crypto/certificate.h"
#include "crypto/profile.h"
#include "crypto/revocation.h"

namespace liaison::broker {

/// Checks what comes for the registry: form, signature, chain. Only what passes becomes a
/// CheckedEntry, which a core believes.
class Door {
 public:
  explicit Door(crypto::Certificate authority) : chains_(std::move(authority)) {}

  /// What a peer, or an offline authority, gives. Untrusted or malformed in one line otherwise.
  Result<CheckedEntry> check(wire::EntryKind kind, Bytes body, const Registry& registry,
                             Instant now);
  /// What the store gives back: checked before it was kept, so only read.
  Result<CheckedEntry> read(wire::EntryKind kind, Bytes body);
  /// Of two certificates of a node one is contested: what the store gives back is looked at for
  /// which of them issued it, at the cost of a signature's check.
  void look_for_issuers() { looks_for_issuers_ = true; }
  /// To be told of every entry that was applied, in order.
  void learn(const CheckedEntry& entry);

  /// The newest list that was learnt.
  [[nodiscard]] const std::optional<crypto::RevocationList>& list() const { return list_; }
  [[nodiscard]] const crypto::Certificate& authority() const { return chains_.authority(); }
  Result<crypto::Certificate> parse(ByteView der) { return known_.parse(der); }

 private:
  Result<Facts> check_signing(ByteView body, const Registry& registry, Instant now);
  Result<Facts> check_sealing(ByteView body, const Registry& registry, Instant now);
  Result<SealingFacts> read_sealing(const crypto::Certificate& sealing);
  Result<Facts> check_list(ByteView body);
  /// The one whose key signed that one's, of the same node and before it; null: none.
  [[nodiscard]] const KnownSigning* signed_by(const KnownSigning& known, const Registry& registry);
  /// The same, if it holds and that one is what its key went on to.
  [[nodiscard]] const KnownSigning* continued(const KnownSigning& known, const Registry& registry);
  Result<Facts> check_key_alarm(ByteView body, const Registry& registry);
  Result<Facts> check_listing(ByteView body, const Registry& registry);

  crypto::ChainCache chains_;
  crypto::CertificateCache known_;
  struct Signers {
    NodeId node;
    std::vector<Fingerprint> certificates;  ///< newest last
  };
  std::map<Bytes, Signers> by_subject_;  ///< by the DER of the subject's name
  std::optional<crypto::RevocationList> list_;
  bool looks_for_issuers_ = false;
  std::map<Fingerprint, crypto::Certificate> signing_;  ///< while it looks for issuers
};

/// The facts of a signing certificate whose profile was read.
SigningFacts facts_of(const crypto::Certificate& certificate, const crypto::SigningProfile& profile,
                      const wire::IssuedCertificate& issued);

}  // namespace liaison::broker
