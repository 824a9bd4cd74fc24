#pragma once

#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "crypto/profile.h"
#include "crypto/revocation.h"
#include "node/core/inbox.h"
#include "node/core/peers.h"
#include "node/shell/keys.h"
#include "node/shell/registry_store.h"
#include "node/shell/views.h"
#include "wire/letter.h"

namespace liaison::node {

/// An event whose author's signature holds; only the door makes one.
class VerifiedEvent {
 public:
  [[nodiscard]] const wire::Event& event() const { return event_; }
  [[nodiscard]] const wire::SignedEvent& bytes() const { return bytes_; }

 private:
  friend class Door;
  VerifiedEvent(wire::Event event, wire::SignedEvent bytes)
      : event_(std::move(event)), bytes_(std::move(bytes)) {}
  wire::Event event_;
  wire::SignedEvent bytes_;
};

/// What a letter came to. With `store`, its content is its sender's, meant for this node, and every
/// event in it is its author's.
struct JudgedLetter {
  Judgement judgement = Judgement::set_aside;
  Need need = Need::time;
  wire::RefusalReason reason = wire::RefusalReason::unopenable;
  std::string why;  ///< one line for the administrator here; the sender is told `reason` alone
  bool key_is_here = true;
  wire::Content content;
  std::vector<VerifiedEvent> events;
  /// Of authors that were shut out, said after they were no longer to be believed.
  std::vector<VerifiedEvent> disbelieved;
  Secret content_key;  ///< with `store`: opens this letter and no other
};

/// Where bytes of others become values that can be trusted: certificates of the registry, sealed
/// letters, events, listings. Keeps the certificates that it has checked.
class Door {
 public:
  explicit Door(crypto::Certificate authority) : chains_(std::move(authority)) {}

  /// What a registry entry says, if it holds. Nothing: it does not concern us or does not hold.
  struct Learnt {
    std::optional<SigningFact> signing;
    std::optional<SealingFact> sealing;
    std::optional<crypto::RevocationList> revocations;
    std::optional<StoredKeyAlarm> key_alarm;
    std::optional<ListingView> listing;
    Fingerprint listed_by;  ///< with `listing`: the certificate whose key signed it
    std::optional<crypto::Certificate> certificate;
  };
  Learnt learn(const wire::RegistryEntry& entry, const Peers& peers, Instant first_seen);
  /// Certificates that this store checked before.
  Result<Learnt> relearn(const Bytes& der, bool is_sealing, const std::optional<Fingerprint>& under,
                         Instant first_seen, bool confirmed);

  /// None: the authority has not signed it.
  [[nodiscard]] std::optional<crypto::RevocationList> read_revocations(ByteView body) const;
  /// A key alarm whose signature is that of a certificate of its node; whether it holds is the
  /// peers' to say.
  [[nodiscard]] std::optional<StoredKeyAlarm> read_key_alarm(ByteView octets, const Peers& peers,
                                                             Instant at) const;

  [[nodiscard]] const crypto::Certificate* certificate(const Fingerprint& fingerprint) const;
  /// Whether `certificate` is one of the authority's, for its node, now.
  Result<crypto::SigningProfile> check_own(const crypto::Certificate& certificate, Instant at);

  /// `calm`: a clock jumped within the last day, and no certificate is held to have ended by it.
  JudgedLetter judge(const Arrived& arrived, const NodeId& self,
                     const std::map<Fingerprint, SealingPair>& keys, const Peers& peers, Now now,
                     bool calm);

 private:
  Learnt learn_signing(const wire::RegistryEntry& entry, Instant first_seen);
  Learnt learn_sealing(const wire::RegistryEntry& entry);
  Learnt learn_listing(const wire::RegistryEntry& entry, const Peers& peers);
  /// Fills `judged`; false when the letter must not be stored (judged then says what and why).
  bool judge_events(JudgedLetter& judged, const std::vector<wire::SignedEvent>& events,
                    const NodeId& self, const Peers& peers, Now now);

  crypto::ChainCache chains_;
  crypto::CertificateCache parsed_;
  std::unordered_map<Fingerprint, crypto::Certificate> certificates_;
  std::map<Bytes, std::vector<Fingerprint>> signing_by_subject_;
};

}  // namespace liaison::node
