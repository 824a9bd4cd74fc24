#pragma once

#include <array>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "broker/core/facts.h"
#include "broker/core/ids.h"

namespace liaison::broker {

/// A difference of clocks that is no clock set wrong.
constexpr Duration clock_ahead_max = std::chrono::hours(1);
/// Whether what was replaced then, if it was, still counts for `grace` more. What was replaced by a
/// clock that was further ahead than clock_ahead_max does not: it would count until that time came.
bool is_within_grace(std::optional<Instant> replaced_at, Instant now, Duration grace);

/// A sealing certificate as the registry knows it.
struct KnownSealing {
  Fingerprint fingerprint;
  Instant not_after;
  std::optional<Instant> replaced_at;  ///< when its successor was registered
  bool voided = false;                 ///< its node rejoined with other keys since
  Fingerprint signer;                  ///< the signing certificate that issued it
  friend bool operator==(const KnownSealing&, const KnownSealing&) = default;
};

/// A signing certificate as the registry knows it.
struct KnownSigning {
  SigningFacts facts;
  std::optional<Instant> replaced_at;
  bool revoked = false;
  bool voided = false;  ///< its node rejoined with other keys since
  friend bool operator==(const KnownSigning&, const KnownSigning&) = default;
};

/// One node of the exchange, as the fold of the registry's entries has it.
struct NodeRecord {
  NodeId id;
  std::vector<KnownSigning>
      signing;  ///< oldest first, the last is current; certificates_max, and what has not ended
  std::vector<KnownSealing>
      sealing;                 ///< oldest first, the last is current; at most certificates_max
  std::vector<Serial> former;  ///< of signing certificates that ended and are kept no more
  std::uint64_t incarnation = 0;
  [[nodiscard]] const KnownSigning& current() const { return signing.back(); }
  /// Of every signing certificate that it ever had, oldest first. Others remember them all, believe
  /// what they signed, and take it for shut out when each one is revoked.
  [[nodiscard]] std::vector<Serial> serials() const;
  /// Shut out: its newest certificate is on the revocation list.
  [[nodiscard]] bool revoked() const;
};

/// What the registry's entries say, in memory; bodies stay in the store. Given the same entries in
/// the same order it is the same, whichever way they came.
class Registry {
 public:
  static constexpr std::size_t certificates_max = 8;

  /// Whether the entry may be appended: index of the entry that says the same already, or nothing
  /// (append it), or why not.
  struct Judged {
    std::optional<std::uint64_t> known;
  };
  /// What others bring must be newer than what stands, or an old truth would come back; its owner
  /// (the authority, for what it issues) may take back a future that a wrong clock made.
  enum class From { owner, anyone };
  [[nodiscard]] Result<Judged> judge(const CheckedEntry& entry, From from) const;
  /// Applies an entry that stands at the next index.
  void apply(const CheckedEntry& entry, Instant at);

  /// Where the entry of that body stands, if it does.
  [[nodiscard]] std::optional<std::uint64_t> index_of(const Digest& digest) const;
  [[nodiscard]] std::uint64_t size() const { return sizes_.size(); }
  /// Octets of an entry's body.
  [[nodiscard]] std::uint32_t body_bytes(std::uint64_t index) const { return sizes_[index]; }
  [[nodiscard]] std::size_t nodes() const { return nodes_.size(); }
  [[nodiscard]] const NodeRecord& node(NodeNumber number) const { return nodes_[number.value]; }
  NodeRecord& node(NodeNumber number) { return nodes_[number.value]; }
  [[nodiscard]] std::optional<NodeNumber> find(const NodeId& node) const;
  /// Another node whose mark (wire/mark.h) is that of `node`: ids would not say which of them made
  /// them, so the second is not admitted.
  [[nodiscard]] std::optional<NodeId> namesake(const NodeId& node) const;
  /// Who owns a CURVE key; also one replaced recently.
  [[nodiscard]] std::optional<NodeNumber> owner(const CurveKey& curve) const;
  [[nodiscard]] const KnownSigning* signing(const Fingerprint& fingerprint) const;
  [[nodiscard]] bool is_revoked(const Serial& serial) const { return revoked_.count(serial) != 0; }
  [[nodiscard]] std::uint64_t revocation_number() const { return revocation_number_; }
  [[nodiscard]] std::uint64_t revocation_index() const { return revocation_index_; }
  /// Certificates that the node in whose name they are says are not its own, and that are not
  /// revoked yet: for the exchange's administrators. Mail goes by the one before, as if they had
  /// never been registered.
  struct Contested {
    NodeId node;
    Fingerprint certificate;
    Serial serial;
    Instant at;
  };
  [[nodiscard]] std::vector<Contested> contested() const;
  /// Whether a CURVE key may connect at `now`: of a node not revoked; a replaced one for `grace`
  /// more.
  [[nodiscard]] bool admits(const CurveKey& curve, Instant now, Duration grace) const;
  /// Whether a key was a node's until it joined again with others.
  [[nodiscard]] bool is_void(const CurveKey& curve) const;
  /// CURVE keys that admits() admits, sorted.
  [[nodiscard]] std::vector<CurveKey> admitted(Instant now, Duration grace) const;

 private:
  [[nodiscard]] Result<Judged> judge_signing(const SigningFacts& facts, From from) const;
  [[nodiscard]] Result<Judged> judge_sealing(const SealingFacts& facts, From from) const;
  [[nodiscard]] Result<Judged> judge_revocation(const RevocationFacts& facts) const;
  [[nodiscard]] Result<Judged> judge_key_alarm(const KeyAlarmFacts& facts) const;
  [[nodiscard]] Result<Judged> judge_listing(const ListingFacts& facts) const;
  void apply_signing(const SigningFacts& facts, Instant at);
  void apply_sealing(const SealingFacts& facts, Instant at);
  void apply_revocation(const RevocationFacts& facts);
  void apply_key_alarm(const KeyAlarmFacts& facts, Instant at);
  static void restore_what_only_it_voided(NodeRecord& record);
  [[nodiscard]] bool is_contested(const NodeId& node, const Fingerprint& certificate) const;

  std::vector<NodeRecord> nodes_;
  std::unordered_map<NodeId, NodeNumber> numbers_;
  std::map<std::array<std::uint8_t, 8>, NodeNumber> marks_;  ///< of each, the first to bear it
  std::unordered_map<CurveKey, NodeNumber> owners_;
  std::unordered_map<Fingerprint, NodeNumber> signers_;
  std::unordered_map<Digest, std::uint64_t> digests_;
  std::unordered_map<std::string, std::uint32_t>
      listings_;  ///< publisher + '\n' + service -> highest version
  std::set<Serial> revoked_;
  std::map<NodeId, std::vector<Contested>> contested_;
  std::vector<std::uint32_t> sizes_;
  std::uint64_t revocation_number_ = 0;
  std::uint64_t revocation_index_ = 0;
};

}  // namespace liaison::broker
