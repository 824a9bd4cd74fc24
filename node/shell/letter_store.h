#pragma once

#include <optional>
#include <vector>

#include "node/core/inbox.h"
#include "node/core/outbox.h"
#include "node/shell/sql.h"
#include "node/shell/views.h"
#include "wire/letter.h"

namespace liaison::node {

/// One row of the outbox as it is kept.
struct OutboxRow {
  Item item;
  Bytes object;                 ///< event id; attachment digest and part (2 octets); a random id
  std::optional<Bytes> matter;  ///< asks and answers, sealed by the store key
};

struct ReceivedLetter {
  NodeId sender;
  Instant stored_at;
};

/// Letters at rest: the outbox's rows and sealed bytes, what was received and is receipted,
/// attempts at opening, what was set aside.
class LetterStore {
 public:
  explicit LetterStore(Sql& sql) : sql_(sql) {}

  // Outbox.
  /// Queues; the id of the row.
  ItemId queue(const OutboxRow& row, Instant at);
  /// Whether the event is queued to, or was delivered to, the recipient (whatever came of it).
  [[nodiscard]] bool was_queued(ByteView object, const NodeId& recipient);
  /// Queued and not ended.
  /// Whether that may be sent there once more: it is not under way, and did not go too often today.
  /// Else who asks for the same without end could use up this node's share of the exchange.
  [[nodiscard]] bool may_go_again(ByteView object, const NodeId& recipient, Instant now);
  static constexpr std::int64_t goes_a_day_max = 8;
  [[nodiscard]] bool is_open(ByteView object, const NodeId& recipient);
  [[nodiscard]] std::optional<OutboxRow> row(const ItemId& item);
  [[nodiscard]] std::vector<Item> open_unsealed();
  [[nodiscard]] std::vector<OutLetter> letters();
  void keep_letter(const OutLetter& letter, const wire::Letter& envelope);
  [[nodiscard]] std::optional<wire::Letter> envelope(const LetterId& letter, const NodeId& self);
  void note_accepted(const LetterId& letter, Instant at);
  /// Whether the exchange has said that it has that letter, or had it.
  [[nodiscard]] bool was_accepted(const LetterId& letter);
  /// It is to be submitted again; when it was first accepted stands.
  void note_to_go(const LetterId& letter);
  void undo_seal(const LetterId& letter, const std::vector<ItemId>& items, Instant at);
  void end_refused(const LetterId& letter, const std::vector<ItemId>& items,
                   wire::RefusalReason reason, Instant at);
  void end_item(const ItemId& item, Instant at);
  void drop_letter(const LetterId& letter);
  void note_stored(const LetterId& letter, const NodeId& recipient, Instant at);
  void note_stored(const ItemId& item, Instant at);
  void note_opened(const LetterId& letter, const NodeId& recipient, Instant at);
  void note_opened(const ItemId& item, Instant at);
  /// Whether the letter carried, now or formerly, that object to the recipient.
  [[nodiscard]] bool carried_object(const LetterId& letter, const NodeId& recipient,
                                    ByteView object);
  /// Of what was set aside before: its octets go, which may be tried again till then and hold on to
  /// the key that they are sealed to; and what was sealed to a lost key, which came again, goes
  /// whole.
  void prune_aside(Instant before);
  /// What goes by one name goes by another, whether it has ended or not.
  void rename_object(ByteView from, ByteView to);
  /// Items that a letter carried under an id which they lost later than `after`.
  [[nodiscard]] std::vector<ItemId> former_items(const LetterId& letter, const NodeId& recipient,
                                                 Instant after);
  [[nodiscard]] std::vector<DeliveryStep> steps(const EventId& event);
  struct Failed {
    DeliveryStep step;
    CaseId case_id;
    ItemKind kind = ItemKind::event;
    Bytes object;
  };
  [[nodiscard]] std::vector<Failed> failed();
  /// How many things that is for a person, without looking into cases: a document counts once, and
  /// not beside events of its case that failed.
  [[nodiscard]] std::uint64_t failed_count();
  std::int64_t mark_seen(ByteView object, const NodeId& recipient);
  /// Whether something of the case has not reached everybody yet, or has failed to, unseen. What
  /// was merely asked for does not count.
  [[nodiscard]] bool is_owed(const CaseId& id);
  void dispose_case(const CaseId& id);

  // Received.
  [[nodiscard]] std::optional<ReceivedLetter> received(const LetterId& letter);
  void keep_received(const LetterId& letter, const NodeId& sender, Instant at);
  /// Owes a receipt, again if it went before (`repeat`). The receipt to send; none if it is owed or
  /// under way already.
  std::optional<wire::Receipt> owe(const LetterId& letter, const NodeId& sender, wire::Stage stage,
                                   Instant at);
  [[nodiscard]] bool has_receipt(const LetterId& letter, wire::Stage stage);
  void carried(const std::vector<wire::Receipt>& receipts, const LetterId& by);
  void receipts_gone(const LetterId& carried_by);
  void receipts_dropped(const std::vector<wire::Receipt>& receipts);
  /// The letter that carried them will not arrive: owed again.
  std::vector<std::pair<NodeId, wire::Receipt>> receipts_back(const LetterId& carried_by);
  [[nodiscard]] std::vector<std::pair<NodeId, wire::Receipt>> receipts_owed();
  /// What carried those given since then may be lost with the broker's disk: owed again.
  void owe_again_since(Instant since);

  /// Forgets what no repeat can concern any more: letters received, sent and answered before
  /// `before`.
  void prune(Instant before);

  /// It is being opened from now on: if the process is killed meanwhile, that counts against it.
  void count_attempt(const LetterId& letter);
  /// How often opening it ended the program.
  [[nodiscard]] std::uint32_t attempts(const LetterId& letter);
  /// An attempt that was counted was not made.
  void uncount_attempt(const LetterId& letter);
  void forget_attempts(const LetterId& letter);
  [[nodiscard]] bool has_attempts_of_last_life();
  /// What the process before this one was opening did, or did not, end it.
  void settle_attempts(LastEnd end);

  // Set aside.
  void keep_aside(const Arrived& arrived, Instant at, wire::RefusalReason reason,
                  const std::string& why, bool keep_octets);
  /// Bounds what is kept of the sender of `newest`, which was set aside just now and stays: beyond
  /// `letters_max` the oldest go, first those sealed to a lost key, which come again; beyond
  /// `bytes_max` the oldest ones' octets go. How many letters went.
  std::int64_t bound_aside(const wire::Letter& newest, std::uint32_t letters_max,
                           std::uint64_t bytes_max);
  [[nodiscard]] bool is_aside(const LetterId& letter);
  /// Why it was set aside; none: it was not.
  [[nodiscard]] std::optional<wire::RefusalReason> aside_reason(const LetterId& letter);
  [[nodiscard]] std::vector<AsideView> aside();
  [[nodiscard]] std::uint64_t aside_count();
  /// As it came, if its octets are kept.
  [[nodiscard]] std::optional<Arrived> aside_letter(const LetterId& letter, const NodeId& self);
  void drop_aside(const LetterId& letter);
  /// How many there were.
  std::int64_t drop_all_aside();
  [[nodiscard]] std::vector<Fingerprint> keys_needed_aside();

 private:
  Sql& sql_;
};

}  // namespace liaison::node
