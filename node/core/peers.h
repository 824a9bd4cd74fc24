#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/id.h"
#include "base/role.h"
#include "base/time.h"
#include "node/core/key_lines.h"

namespace liaison::node {

/// A signing certificate of the registry whose chain has been checked. Times are the certificate's.
struct SigningFact {
  Fingerprint fingerprint;
  Bytes serial;
  NodeId node;
  std::string organisation;
  NodeRole role = NodeRole::adviser;
  Capabilities capabilities;
  Instant not_before;
  Instant not_after;
  /// The earlier one of its node whose key signed the new keys; whether it continues that one is
  /// asked when something rests on it (core/key_lines.h).
  std::optional<Fingerprint> signed_by;
  Instant first_seen;      ///< as logged; 24 hours later an unproven change is followed
  bool confirmed = false;  ///< by a person here
  /// Its entry was shown to be in the registry's log: nothing rests on it before.
  bool logged = false;
  friend bool operator==(const SigningFact&, const SigningFact&) = default;
};

/// A sealing certificate whose signature by a signing certificate above has been checked.
struct SealingFact {
  Fingerprint fingerprint;
  Fingerprint signing;
  NodeId node;
  Instant not_before;
  Instant not_after;
  bool logged = false;  ///< as above
  friend bool operator==(const SealingFact&, const SealingFact&) = default;
};

struct Revoked {
  bool superseded = false;  ///< replaced by a rejoining, not distrusted: what came before stands
  Instant holds_until;
  /// What two words about one certificate say together: the earlier time, and to be distrusted goes
  /// before to be replaced.
  [[nodiscard]] Revoked with(const Revoked& other) const {
    return {superseded && other.superseded, std::min(holds_until, other.holds_until)};
  }
  friend bool operator==(const Revoked&, const Revoked&) = default;
};

/// How a letter's or event's signer stands.
enum class Standing : std::uint8_t {
  good,
  unknown,    ///< not in the registry as known here
  unlogged,   ///< not shown to be in the registry's log yet
  unproven,   ///< a change of key without continuity, not followed yet
  contested,  ///< its node says that it is not its own
  revoked,
  another_node,  ///< known, and not whom the letter names
};

/// Whether a key alarm counts.
enum class AlarmStanding : std::uint8_t {
  counts,
  waits,  ///< for its signer to be logged, or followed
  never,
};

/// Who is who: the registry's certificates, as far as this node believes them. Pure.
///
/// Only what was shown to be in the registry's log is used, so that nobody is shown a certificate
/// of which its node does not learn. A change of signing key is followed at once when the previous
/// key has signed it, or a person has confirmed it, or 24 hours have passed since this node saw it
/// without its node's alarm. Time alone does not do for what is registered behind a certificate
/// that its node contests: who had one issued can have more issued than alarms are carried. The
/// revocation list has a number and only goes up; what a logged one says stands for good.
class Peers {
 public:
  static constexpr Duration unproven_pause = std::chrono::hours(24);

  /// What a key signed that a list named by then proves nothing: `signed_by` is not kept.
  void learn(SigningFact fact);
  void learn(SealingFact fact);
  void confirm(const Fingerprint& signing);
  /// Its entry, or one that says the same, is in the registry's log. `seen`: since when its node's
  /// alarm could have come, which is not before it was logged; none: as it was learnt.
  void logged(const Fingerprint& certificate, std::optional<Instant> seen = std::nullopt);
  /// This node's clock jumped: what was seen was seen so long ago as before.
  void clock_moved(Duration by);
  /// As if it had never been shown: neither its place nor when it was first seen stays.
  void forget(const Fingerprint& certificate);
  /// `signer`, of `node`, says that `certificate` is not its node's: a word that counts. It holds
  /// of one that was registered later than `signer`'s line began (core/key_lines.h).
  /// False: it was said before, or too many are contested that this node has not seen.
  static constexpr std::size_t contested_unseen_max = 16;  ///< of one node
  bool contest(const NodeId& node, const Fingerprint& certificate, const Fingerprint& signer);
  [[nodiscard]] bool is_contested(const SigningFact& fact) const;
  /// Whether it counts that `signer`, of `node`, said so at `at`: its key, or one that it goes on
  /// from without a revoked one between, stood before the contested one, and is followed. The
  /// signer itself may be followed only once the contested one, which stands between, is not.
  [[nodiscard]] AlarmStanding standing_of_alarm(const Fingerprint& signer, const NodeId& node,
                                                const Fingerprint& contested, Instant at,
                                                Instant now) const;
  /// Certificates that their nodes contest, in no order that means anything.
  [[nodiscard]] std::vector<const SigningFact*> contested() const;
  /// Certificates in a node's name that were registered before that one and would still hold now:
  /// whose joining again replaces one has it revoked.
  [[nodiscard]] std::vector<const SigningFact*> standing_before(const Fingerprint& signing,
                                                                Instant now) const;
  /// False, and nothing changes, unless `number` is above the one held.
  bool revoke(std::uint64_t number, std::map<Bytes, Revoked> revoked);
  /// Whom lists name that were shown to be in the registry's log stays named, whatever list comes:
  /// one that leaves somebody out, or one shown to this node alone whose number no other reaches.
  /// What is new of it, to be kept.
  std::map<Bytes, Revoked> revoke_for_good(const std::map<Bytes, Revoked>& logged);

  [[nodiscard]] const SigningFact* signing(const Fingerprint& fingerprint) const;
  /// Whether the node's key of before, which nobody but contested ones came behind, signed it.
  [[nodiscard]] bool is_continued(const SigningFact& fact) const;
  /// The node's newest certificate, followed or not, that is not contested.
  [[nodiscard]] const SigningFact* newest(const NodeId& node) const;
  /// The newest that is followed.
  [[nodiscard]] const SigningFact* followed(const NodeId& node, Instant now) const;
  [[nodiscard]] bool is_followed(const SigningFact& fact, Instant now) const;
  /// A node none of whose certificates holds any more; one that is not logged takes nothing back.
  [[nodiscard]] bool is_revoked(const NodeId& node) const;
  /// Whether any of its certificates was revoked otherwise than by its joining again.
  [[nodiscard]] bool was_shut_out(const NodeId& node) const;
  /// The same of one certificate: others may have its key.
  [[nodiscard]] bool is_distrusted(const Fingerprint& signing) const;
  [[nodiscard]] bool knows(const NodeId& node) const { return by_node_.count(node) != 0; }

  /// What a letter from `sender`, accepted by the exchange at `accepted_at`, may rest on.
  [[nodiscard]] Standing signer_of_letter(const Fingerprint& signer, const NodeId& sender,
                                          Instant accepted_at, Instant now) const;
  /// The same for an event's author, who may have signed it long ago and be revoked since: what
  /// was said before stands when others pass it on.
  [[nodiscard]] Standing signer_of_event(const Fingerprint& signer, const NodeId& author,
                                         Instant at, Instant now) const;

  /// To what a letter for `node` is to be sealed now: the last in the registry that has not ended.
  [[nodiscard]] std::optional<Fingerprint> sealing_for(const NodeId& node, Instant now) const;
  /// The last in the registry, ended or not, that is not under a contested certificate nor under
  /// one that stands before `first`: this node's first own one.
  [[nodiscard]] std::optional<Fingerprint> last_sealing(const NodeId& node,
                                                        const Fingerprint& first) const;
  [[nodiscard]] const SealingFact* sealing(const Fingerprint& fingerprint) const;

  [[nodiscard]] std::vector<NodeId> nodes() const;
  /// When the next unproven change is followed by itself.
  [[nodiscard]] std::optional<Instant> next_change(Instant now) const;

 private:
  struct Node {
    std::vector<Fingerprint> signing;  ///< in the registry's order
    std::vector<Fingerprint> sealing;
    struct Order {
      std::map<Fingerprint, std::size_t> places;
      KeyLines lines;
    };
    mutable std::optional<Order> order = std::nullopt;  ///< of `signing`; made when asked for
  };
  [[nodiscard]] std::optional<Revoked> revocation_of(const SigningFact& fact) const;
  [[nodiscard]] const Node& ordered(const NodeId& node) const;  ///< with its `order`
  void order_changes(const NodeId& node);
  [[nodiscard]] bool is_listed(const Fingerprint& certificate) const;  ///< as revoked
  /// By a list that names it, as of then or earlier.
  [[nodiscard]] bool is_revoked_at(const Fingerprint& certificate, Instant at) const;
  [[nodiscard]] Standing standing_of_key(const SigningFact& fact, Instant now) const;

  std::map<NodeId, Node> by_node_;
  std::map<Fingerprint, SigningFact> signing_;
  std::map<Fingerprint, SealingFact> sealing_;
  std::map<Bytes, Revoked> revoked_;
  std::map<NodeId, std::map<Fingerprint, Fingerprint>> contested_;  ///< with who says so
  std::uint64_t revocation_number_ = 0;
  std::map<Bytes, Revoked> revoked_for_good_;
};

}  // namespace liaison::node
