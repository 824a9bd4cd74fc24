#pragma once

#include <deque>
#include <optional>
#include <unordered_map>
#include <vector>

#include "broker/core/facts.h"
#include "broker/core/ids.h"

namespace liaison::broker {

/// What memory holds of one letter or report that waits: all that deciding about it and logging it
/// takes, never its sealed bytes. 128 octets.
struct Item {
  Sequence sequence = 0;
  LetterId letter;  ///< a report's: the letter it is about
  Digest digest;
  Commitment commitment;
  Instant accepted_at;
  Instant expires;  ///< a report's: never
  NodeNumber sender;
  std::uint32_t size_bytes = 0;
  enum class Kind : std::uint8_t { letter, report } kind = Kind::letter;
  bool gone = false;  ///< taken, but not yet cleared from the middle of the queue
  friend bool operator==(const Item&, const Item&) = default;
};

/// How much one sender, or one mailbox, has waiting.
struct Usage {
  std::uint64_t letters = 0;
  std::uint64_t bytes = 0;
  friend bool operator==(const Usage&, const Usage&) = default;
};

/// One recipient's queue, in order of arrival. Nothing in it can hold up another mailbox.
class Mailbox {
 public:
  void add(Item item);
  /// Takes an item out. Nothing if there is none of that sequence, or it is another letter's.
  std::optional<Item> take(Sequence sequence, const LetterId& letter);

  /// What a session may be given next within its credit, in order, from where it stands; moves on
  /// past what it gives. Ends at `frame_bytes` of sealed bytes or `items_max`.
  struct Batch {
    std::vector<const Item*> items;  ///< until the mailbox changes
    std::uint64_t bytes = 0;
  };
  Batch next(std::uint64_t letters, std::uint64_t bytes, std::uint64_t frame_bytes,
             std::size_t items_max);
  /// A new session: everything that is still here is given again.
  void rewind() { given_ = 0; }
  [[nodiscard]] bool has_more() const;

  /// Takes out every letter whose time has passed.
  std::vector<Item> expire(Instant now);
  /// Takes out every letter, leaves reports.
  std::vector<Item> clear_letters();
  /// No letter in here expires before; nothing: there is none.
  [[nodiscard]] std::optional<Instant> earliest_expiry() const { return earliest_; }

  [[nodiscard]] const Usage& letters() const { return letters_; }
  [[nodiscard]] std::uint64_t reports() const { return reports_; }
  /// Of one sender in this mailbox.
  [[nodiscard]] Usage from(NodeNumber sender) const;
  /// All that waits, in order.
  [[nodiscard]] std::vector<Item> items() const;

 private:
  Item remove(std::deque<Item>::iterator at);
  void tidy();
  std::deque<Item> items_;  ///< sequences rise; front is never gone
  std::size_t gone_ = 0;
  Sequence given_ = 0;  ///< all up to here was given in this session
  Usage letters_;
  std::uint64_t reports_ = 0;
  std::optional<Instant> earliest_;
  std::unordered_map<NodeNumber, Usage> senders_;
};

}  // namespace liaison::broker
