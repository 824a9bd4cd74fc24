#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "node/core/flight.h"
#include "node/core/outbox_values.h"
#include "node/core/unsealed.h"

namespace liaison::node {

/// What is queued and under way, of every recipient apart: a full mailbox, a missing certificate or
/// a slow answer holds up nobody but its own. Pure; the shell keeps the rows and the sealed bytes.
///
/// Receipts. A letter of receipts is never receipted, so its row ends with `accepted`. Nothing can
/// be lost by that: what a receipt would end (the sender's row) still stands, and is submitted anew
/// after the broker loses its disk, or sealed anew when its time is over; the recipient finds the
/// events known and queues the receipt again. A restored broker that still knows the letter as
/// taken delivers no repeat of it, so whoever sent receipts sends them again then.
class Outbox {
 public:
  static constexpr Duration overdue_after = std::chrono::hours(24);

  // What the store holds, at start.
  void load(Item item);
  void load(OutLetter letter);

  void add(Item item);
  /// The case was disposed of: its items and letters go.
  std::vector<LetterId> forget(const CaseId& case_id);

  /// Up to `max` letters to seal, recipients in turn; none beyond the window of unanswered letters.
  std::vector<SealJob> to_seal(std::size_t max, Now now);
  /// The answers to that node's questions that wait until it has what was sent before, taken out of
  /// order: for one that is shut out and will say so no more. cannot_go() ends them.
  std::vector<SealJob> take_answers(const NodeId& recipient);
  /// The job was done: its letter is durable with the turn, then to be submitted.
  void sealed(const SealJob& job, OutLetter letter);
  void sealed_receipts(OutLetter letter);
  /// There is no certificate to seal to yet: leave the recipient until `certificates_changed`, or a
  /// minute.
  void cannot_seal(const SealJob& job, Now now);
  /// The recipient has left the exchange: the job's items end, told.
  OutboxDecision cannot_go(const SealJob& job, wire::RefusalReason reason, Instant at);
  /// The item cannot be sealed at all (what it refers to is gone).
  void drop(const ItemId& item, const NodeId& recipient);
  void certificates_changed();
  /// The recipient has another sealing certificate: what came back may go again at once.
  void sealing_key_changed(const NodeId& recipient);

  /// Letters to submit now, marked as submitted; at most `max`, within the window.
  std::vector<LetterId> to_submit(std::size_t max, Now now);

  OutboxDecision accepted(const wire::Accepted& accepted);
  OutboxDecision refused(const wire::Refused& refused, Now now);
  OutboxDecision reported(const wire::Report& report, Now now);
  /// The same of a letter of receipts, which ended with its acceptance: what it carried is to be
  /// sealed anew.
  void receipts_came_back(const NodeId& recipient, const LetterId& letter, Now now);
  /// The letter's items have been stored there: they end. Returns them; empty if it is not a letter
  /// of ours to that node, or ended before.
  std::vector<ItemId> receipted(const LetterId& letter, const NodeId& from);
  /// A receipt came for a letter that had been sealed anew since: those of its items that still
  /// wait to be sealed again end. Returns them.
  std::vector<ItemId> ended_elsewhere(const NodeId& from, const std::vector<ItemId>& items);

  void disconnected();
  /// The broker was restored: everything without a receipt goes again as the same bytes, but what
  /// has run out is sealed anew.
  OutboxDecision epoch_changed(Now now);
  /// This node was restored from a backup: what its backup takes for under way may have been taken
  /// and receipted since, and the exchange would answer a repeat of it and deliver nothing. All is
  /// sealed anew.
  OutboxDecision restored();
  /// A recipient was restored from a backup: what it had taken and not receipted may be gone with
  /// its disk, and the exchange has it no more; nor does it deliver a repeat of what was accepted
  /// without our hearing of it. Queued again, to be sealed to its present key.
  OutboxDecision recipient_restored(const NodeId& node);
  /// Run out before it was accepted, or accepted long ago and neither receipt nor report came: seal
  /// anew. `calm`: a clock jumped within the last day, and what was accepted is left alone.
  OutboxDecision overdue(Instant at, bool calm);

  /// The exchange carries letters again: what waited for that goes now.
  void resume() { all_blocked_until_ = Duration{}; }
  void set_window(std::uint32_t letters_waiting_max) {
    flight_.set_letters_max(letters_waiting_max);
  }

  [[nodiscard]] const OutLetter* find(const LetterId& letter) const;
  [[nodiscard]] bool is_open(const NodeId& recipient, const ItemId& item) const;
  /// Answers to that node's questions that wait to be sealed.
  [[nodiscard]] std::size_t answers_waiting(const NodeId& recipient) const;
  [[nodiscard]] std::size_t waiting() const;      ///< items not yet accepted
  [[nodiscard]] std::size_t unreceipted() const;  ///< letters accepted, without receipt
  [[nodiscard]] std::optional<Duration> next_steady(Now now) const;

 private:
  struct Recipient {
    Unsealed unsealed;
    std::set<ItemId> open;       ///< every item that has not ended
    std::deque<LetterId> to_go;  ///< sealed, to be submitted, oldest first
    Duration blocked_until{};    ///< steady: nothing is submitted before
    Duration no_seal_until{};    ///< steady: nothing is sealed before
    std::uint32_t failures = 0;  ///< refusals in a row, for the back-off
    std::uint32_t returned = 0;  ///< the same of what came back after the exchange had accepted it
  };
  void enqueue(Item item);
  void land(const OutLetter& letter);
  void go_again(OutLetter& letter);
  void end_items(const OutLetter& letter);
  OutboxWrite reseal(const LetterId& id);
  OutboxWrite end(const LetterId& id, wire::RefusalReason reason, Instant at);
  static void came_back(Recipient& recipient, const LetterId& letter, Now now);
  void block(Recipient& recipient, const LetterId& letter, Duration at_least, Now now);

  std::map<NodeId, Recipient> recipients_;
  std::map<LetterId, OutLetter> letters_;
  std::map<ItemId, Item> being_sealed_;
  Flight flight_;
  Duration all_blocked_until_{};
  NodeId last_sealed_for_;
  NodeId last_submitted_for_;
};

}  // namespace liaison::node
