#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/tally.h"
#include "broker/core/accepted_ids.h"
#include "broker/core/decision.h"
#include "broker/core/mailbox.h"
#include "broker/core/registry.h"
#include "broker/core/session.h"

namespace liaison::broker {

/// The broker's mind: pure, deterministic, one thread. One event gives one decision; every event in
/// every state is decided, and nothing in here throws on input. Each thing that it does has a file
/// of its own (hello.cpp, submit.cpp, leave.cpp, ...).
///
/// The shell commits a decision's writes before it performs any of its sends. If the commit fails
/// the process ends: memory is ahead of the disk, and the next start folds what is kept.
class Core {
 public:
  /// `secret`: random, of this process.
  explicit Core(Limits limits, const IdSecret& secret = {});

  // The restart: what is on disk, in this order, before the first step.
  void load_state(const KeepState& state);
  void load_policy(const Policy& policy);
  void load_quota(const KeepQuota& quota);
  void load_entry(const CheckedEntry& entry, Instant at);  ///< registry entries, from 0 up
  void load_incarnation(const NodeId& node, std::uint64_t incarnation);
  void load_item(NodeNumber recipient, const Item& item);  ///< what waits, in order of sequence
  void load_accepted(NodeNumber sender, const LetterId& id, const Digest& digest, Leaf leaf,
                     Instant at, Instant expires);
  /// The last: counts go on after these; starts the clocks.
  Decision loaded(Sequence last_sequence, Leaf log_size, Now now);

  Decision step(Now now, Event event);
  /// Once a turn, after its events: what may now be given to whom has credit, registry entries to
  /// those who follow, and what time has made due.
  Decision settle(Now now);
  [[nodiscard]] std::optional<Instant> next_deadline() const;

  /// Whether what this connection publishes is worth a look: its node has not had its share of the
  /// minute. Asked before a signature is verified.
  [[nodiscard]] bool may_publish(ConnectionId connection, Now now);

  // What the shell asks in between.
  [[nodiscard]] const Registry& registry() const { return registry_; }
  [[nodiscard]] const Policy& policy() const { return policy_; }
  [[nodiscard]] Quota quota_of(const NodeId& node) const;
  [[nodiscard]] const Limits& limits() const { return limits_; }
  [[nodiscard]] const KeepState& state() const { return state_; }
  [[nodiscard]] const Session* session(ConnectionId connection) const;
  [[nodiscard]] const Session* session_of(NodeNumber node) const;
  [[nodiscard]] const Mailbox& mailbox(NodeNumber node) const { return mailboxes_[node.value]; }
  [[nodiscard]] Usage sent_by(NodeNumber node) const { return sent_[node.value]; }
  [[nodiscard]] Leaf log_size() const { return log_size_; }
  [[nodiscard]] std::size_t sessions() const { return sessions_.size(); }
  [[nodiscard]] const AcceptedIds& accepted_ids() const { return accepted_; }
  /// Whether the clock jumped within the last day: no expiry runs.
  [[nodiscard]] bool is_resting() const;
  /// What the clock would show if it had not jumped since it was last believed.
  [[nodiscard]] Instant without_jump() const;
  /// Whether the clock was seen to jump, and not only a long absence, within a day: what is issued
  /// now may begin weeks from now.
  [[nodiscard]] bool clock_was_set() const {
    return clock_set_until_ && now_.steady < *clock_set_until_;
  }

  struct Counts {
    std::uint64_t accepted = 0, repeated = 0, refused = 0, delivered = 0, taken = 0, set_aside = 0,
                  expired = 0, returned = 0, strikes = 0, unknown = 0;
  };
  [[nodiscard]] const Counts& counts() const { return counts_; }

 private:
  static constexpr std::uint16_t protocol_version = 1;
  static constexpr Duration prune_every = std::chrono::minutes(15);
  static constexpr Duration refusal_window = std::chrono::minutes(1);
  static constexpr Duration asking_window = std::chrono::minutes(1);
  static constexpr Duration recovering_retry = std::chrono::seconds(5);

  struct NodeState {
    int strikes = 0;
    Duration strike_at{};  ///< steady: since when the count falls
    std::uint64_t refusals = 0;
    Duration refusals_from{};
    wire::RefusalReason last_reason{};
    Tally hellos;                  ///< a minute's
    Tally sinces;                  ///< a minute's
    Tally proves;                  ///< a minute's
    Tally publications;            ///< a minute's
    Tally listings;                ///< a day's, of its own making
    Tally listing_bytes;           ///< a day's, in those
    Tally sealings;                ///< a day's, of its own making
    Tally letters;                 ///< a day's, accepted
    bool has_reported = false;     ///< in this recovery
    bool welcomed = false;         ///< in this epoch
    bool has_raised = false;       ///< the epoch, in this recovery
    bool queued = false;           ///< in deliverable_
    std::uint32_t unanswered = 0;  ///< letters of this turn
  };

  // One file each.
  void on(HelloCame& event);
  void on(LettersCame& event);
  void on(CreditCame& event);
  void on(TakenCame& event);
  void on(SetAsideCame& event);
  void on(SinceCame& event);
  void on(PublicationCame& event);
  void on(PublicationAnswered& event);
  void on(RenewalGranted& event);
  void on(RenewalAnswered& event);
  void on(ProveCame& event);
  void on(GoodbyeCame& event);
  void on(EarlyFrameCame& event);
  void on(UnreadableCame& event);
  void on(UnknownCame& event);
  void on(ConnectionClosed& event);
  void on(EntryMade& event);
  void on(PolicySet& event);
  void on(QuotaSet& event);
  void on(StoreJudged& event);
  void on(Woke& event);
  void on(Stopping& event);

  // submit.cpp
  wire::Refused refusal_of(const LetterId& letter, wire::RefusalReason reason) const;
  std::optional<wire::RefusalReason> judge(NodeNumber sender, const wire::Letter& letter,
                                           NodeNumber& recipient);
  std::optional<wire::RefusalReason> judge_times(const wire::Letter& letter) const;
  std::optional<wire::RefusalReason> judge_key(NodeNumber recipient, const Fingerprint& key) const;
  std::optional<wire::RefusalReason> judge_quota(NodeNumber sender, NodeNumber recipient,
                                                 std::size_t bytes) const;
  wire::Accepted accept_letter(NodeNumber sender, NodeNumber recipient, CheckedLetter&& letter);
  void log_refusal(NodeNumber sender, const CheckedLetter& letter, wire::RefusalReason reason);
  void close_refusals(NodeNumber sender);
  void sum_up_refusals();
  // leave.cpp: what leaves a mailbox
  wire::LogEntry log_entry(NodeNumber recipient, const Item& item, wire::LogKind kind) const;
  void leave(NodeNumber recipient, const Item& item, wire::LogKind kind,
             std::optional<wire::RefusalReason> reason);
  void report(NodeNumber recipient, const Item& item, wire::RefusalReason reason);
  void expire_due();
  // registry
  std::optional<std::string> why_no_more(const CheckedEntry& entry);
  std::uint64_t append(CheckedEntry&& entry, std::string_view why = {});
  void shut_out(NodeNumber node, std::string_view why);
  void cut_off(const NodeId& node);
  void answer_asking();
  void give_entries(Session& session, const SendEntries& entries);
  void push_entries();
  SendEntries entries_from(ConnectionId to, std::uint64_t first, std::uint64_t& room) const;
  // sessions
  Session* open_session(ConnectionId connection);
  void end_session(ConnectionId connection);
  void goodbye(ConnectionId connection, wire::GoodbyeReason reason, std::string text);
  void turn_away(ConnectionId connection, wire::GoodbyeReason reason, std::string text);
  void hang_up(ConnectionId connection);
  void deny(Denial::What what, std::optional<NodeNumber> node, std::string_view reason);
  static void raise(Session& session, std::uint64_t letters, std::uint64_t bytes);
  int strikes_of(NodeNumber node);
  bool has_ended(const KnownSigning& known) const;
  bool saw_later_epoch(NodeNumber node, const wire::Hello& hello) const;
  wire::Welcome welcome_for(NodeNumber node) const;
  void settle_incarnation(NodeNumber node, const wire::Hello& hello);
  void raise_epoch(std::uint64_t epoch, ConnectionId but);
  void queue_for_delivery(NodeNumber node);
  void deliver();
  [[nodiscard]] std::optional<Leaf> leaf_of(const Item& item) const;
  void reported(NodeNumber node);
  void end_recovery_if_due();
  void look_at_clock(Now now);
  void forget_old_ids();
  void set_quota(const std::optional<NodeId>& node, const std::optional<Quota>& quota);
  void make_room();
  void count_sent(NodeNumber sender, std::uint32_t bytes);
  void keep_state();
  Leaf next_leaf() { return log_size_++; }

  Limits limits_;
  Policy policy_;
  Quota default_quota_;
  std::map<NodeId, Quota> quotas_;
  KeepState state_;
  Registry registry_;
  std::vector<Mailbox> mailboxes_;  // by NodeNumber, as are the next two
  std::vector<Usage> sent_;
  std::vector<NodeState> states_;
  std::unordered_map<ConnectionId, Session> sessions_;
  std::map<NodeNumber, ConnectionId> connections_;  // in order of node, for what goes to all
  std::vector<NodeNumber>
      deliverable_;                   // may have something to give; each once (NodeState::queued)
  std::vector<NodeNumber> answered_;  // sent letters this turn
  std::deque<ConnectionId> asking_;   // for registry entries, each once (Session::asks_from)
  std::set<NodeNumber> refusing_;     // have refusals to sum up
  AcceptedIds accepted_;
  std::uint64_t epoch_at_start_ = 0;
  Sequence last_sequence_ = 0;
  Leaf log_size_ = 0;
  Counts counts_;

  Now now_{};
  Decision out_;
  bool entries_came_ = false;
  bool admitted_changed_ = false;  // to be said once a turn: it would stand between answers
  StoreJudged::As store_ = StoreJudged::As::sound;
  std::optional<Instant> earliest_expiry_;  // no letter anywhere expires before
  std::uint64_t pruned_ = 0;
  std::optional<Duration> clock_set_until_;  // steady
  std::optional<Duration> resting_until_;    // steady
  Instant before_jump_{};                    // by the wall at steady 0, before it came to rest
  std::optional<Duration> recovery_ends_;    // steady
  Duration next_expiry_{};                   // steady
  Duration next_prune_{};                    // steady
};

}  // namespace liaison::broker
