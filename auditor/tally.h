#pragma once

#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/role.h"
#include "base/time.h"
#include "crypto/revocation.h"
#include "wire/log_entry.h"
#include "wire/registry_leaf.h"

namespace liaison::auditor {

/// Durations in steps of two hundredths: where most of them lie, whatever their number.
class Durations {
 public:
  void add(Duration duration);
  [[nodiscard]] std::uint64_t count() const { return count_; }
  /// What `percent` of them do not exceed, to two hundredths; zero of none.
  [[nodiscard]] Duration percentile(unsigned percent) const;

 private:
  std::map<int, std::uint64_t> steps_;
  std::uint64_t count_ = 0;
};

/// What the two logs of an exchange say of its traffic, entry by entry. Memory grows with nodes,
/// pairs, days, and letters on their way; not with the log.
class Tally {
 public:
  void add(const wire::LogEntry& entry);
  /// An entry of the registry, with its body.
  void add(const wire::RegistryLeaf& leaf, ByteView body);

  using Kinds = std::map<wire::LogKind, std::uint64_t>;
  struct Pair {
    Kinds kinds;
    Durations taken_after;
    std::uint64_t waiting = 0;  ///< accepted, and neither taken nor anything else by the end
    Instant waits_since;        ///< the oldest of them
  };
  struct Member {
    std::string organisation;
    NodeRole role = NodeRole::adviser;
    Instant joined;
    std::uint64_t certificates = 0;  ///< signing certificates issued to it
    std::uint64_t rejoined = 0;      ///< of them without its former key
    std::optional<Instant> heard;    ///< when it last sent or took a letter
  };
  struct Act {
    Instant at;
    std::string administrator, act, object, detail;
  };

  /// A member says that a certificate in its name is not its own.
  struct KeyAlarm {
    Instant at;
    NodeId node;
    Fingerprint certificate;
    std::optional<Instant> issued;  ///< when that was registered
  };

  /// A list of revocations leaves out what the one before it named, or puts it later, or says that
  /// it was replaced and not distrusted: nobody who has both believes it again, but who is shown
  /// the later one alone would.
  struct TakenBack {
    Instant at;
    std::string serial;                      ///< hexadecimal
    std::optional<NodeId> node;              ///< none: no such certificate is in this registry
    std::optional<Fingerprint> certificate;  ///< the same
  };

  /// After the last entry: counts what still waits.
  void finish();

  std::map<std::pair<NodeId, NodeId>, Pair> pairs;  ///< sender and recipient
  std::map<std::string, Kinds> days;                ///< "2026-05-06"
  std::map<std::pair<NodeId, wire::RefusalReason>, std::uint64_t> refused;  ///< of a sender, why
  Durations taken_after;
  std::map<NodeId, Member> members;
  std::vector<Act> acts;
  std::vector<KeyAlarm> key_alarms;
  std::vector<TakenBack> taken_back;
  /// Entries of the registry that say nothing that can be read: when, and of which kind.
  std::vector<std::pair<Instant, std::string>> unreadable;
  std::uint64_t listings = 0;
  std::uint64_t revocation_lists = 0;

 private:
  void heard(const NodeId& node, Instant at);
  bool add_key_alarm(const wire::RegistryLeaf& leaf, ByteView body);
  bool add_certificate(const wire::RegistryLeaf& leaf, ByteView body);
  bool add_revocations(const wire::RegistryLeaf& leaf, ByteView body);
  bool add_act(const wire::RegistryLeaf& leaf, ByteView body);
  bool read(const wire::RegistryLeaf& leaf, ByteView body);

  struct Sent {
    std::pair<NodeId, NodeId> pair;
    Instant at;
  };
  std::unordered_map<LetterId, Sent> under_way_;
  std::unordered_map<Fingerprint, Instant> issued_;
  std::map<crypto::Serial, std::pair<NodeId, Fingerprint>> serials_;
  std::optional<crypto::RevocationList> list_;  ///< the last
};

}  // namespace liaison::auditor
