#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "casework/case_view.h"
#include "network.h"
#include "timeline.h"
#include "wire/event.h"

namespace liaison::simulation {

/// What the one who watches writes down: what people were told, and what was seen of each event,
/// strand and referral. The checks compare every process with it.
struct Ledger {
  /// A person was told that this is kept and queued.
  struct Told {
    wire::Event event;
    NodeIndex author = 0;
    Moment at{};
    /// The author's disk was lost later, and its backup was older: only where others had it may it
    /// be asked for.
    bool outlived_by_backup = false;
  };
  std::vector<Told> told;

  /// What the broker's logs signed: root by size, by the log's name.
  std::map<std::string, std::map<std::uint64_t, Digest>> checkpoints;

  /// Every event as its author's own node showed it first.
  std::unordered_map<EventId, std::shared_ptr<const wire::Event>> authored;
  /// Seen at another node before it was seen at its author's (whose commit returned an error and
  /// happened all the same).
  std::unordered_map<EventId, std::shared_ptr<const wire::Event>> awaiting_author;

  /// What a node is known to have shown, by which a look need not start anew.
  struct NodeNotes {
    std::unordered_set<EventId> verified;  ///< equal to the author's
    std::set<std::int64_t> ended_rows;     ///< of the outbox, looked into
    std::map<NodeId, std::uint64_t>
        letters_from_revoked;  ///< when it first showed that one revoked
    struct Aside {
      wire::RefusalReason reason{};
      Instant at{};  ///< by the node's clock
    };
    Instant latest{};                              ///< that the node's clock ever said
    std::map<LetterId, Aside> aside_said;          ///< told the broker that these are set aside
    std::set<LetterId> aside_of_lost_disk;         ///< the same, by a frame that may be replayed
    std::map<std::int64_t, CaseId> rows;           ///< of the outbox, ever seen
    std::map<Fingerprint, Moment> unretired_keys;  ///< sealing keys, when last seen in use
    std::map<Fingerprint, Moment> retired_keys;    ///< seen retired, and were not before this
    Moment keys_looked_at{};                       ///< the last time anybody did
    std::map<CaseId, Moment> disposed;  ///< told that these cases are disposed of, and when
    /// Asked to, and the process ended before it could say whether it was done.
    std::map<CaseId, Moment> disposing;
    std::set<CaseId> came_back;  ///< disposed of, and here again with a backup from before
    struct Reached {
      casework::ReferralState state{};
      std::uint32_t number = 0;
    };
    std::map<ReferralId, Reached> referrals;
  };
  std::map<NodeIndex, NodeNotes> nodes;

  /// Per case, strand and events held: what was shown of it, and by whom first.
  struct Shown {
    std::uint64_t digest = 0;
    NodeIndex first = 0;
  };
  std::map<std::uint64_t, Shown> shown;

  /// How a referral ended, as its decider's own node said, and by which event. Never changes.
  struct Ending {
    casework::ReferralState state{};
    std::optional<EventId> by;
  };
  std::map<ReferralId, Ending> finished;
  /// What ended these was with their decider alone and lost with its disk: they may end otherwise.
  std::set<ReferralId> endings_lost;

  /// Nodes whose revocation the broker has published, and when.
  std::map<NodeId, Moment> revoked;
  /// By the broker's clock: what they said since is not to be believed.
  std::map<NodeId, Instant> believed_until;
  /// Since the broker was restored from before it: no node has told it of the revocation yet.
  bool revocation_forgotten = false;

  /// Sealing certificates that an operator gone bad made in nodes' names: nothing is sealed to
  /// them.
  std::set<Fingerprint> forged;
  /// The signing certificate of such that was logged, which its node is to contest.
  std::optional<Fingerprint> contested;

  std::size_t accepted_checked = 0;  ///< of LetterWatch::accepted
  std::map<LetterId, std::pair<std::uint64_t, std::uint64_t>>
      leaves;  ///< epoch and leaf, as first answered
  /// Letters sealed while the broker's clock was right, and when.
  std::map<LetterId, Moment> sealed_in_time;
  std::uint64_t referrals = 0;
  std::uint64_t acts = 0;
  std::uint64_t refused_acts = 0;
  std::map<std::string, std::uint64_t> refusals;  ///< texts of errors people were shown

  void tell(NodeIndex author, const std::vector<wire::Event>& events, Moment at);
  /// A node's disk was replaced by an older one.
  void forget(NodeIndex node, Moment backed_up_at);
  [[nodiscard]] bool was_outlived_by_backup(const EventId& event) const;
};

}  // namespace liaison::simulation
