#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/id.h"
#include "wire/frame.h"

namespace liaison::simulation {

enum class Way { to_broker, to_node };

/// Where a letter stands, as one who sees everything would say.
enum class LetterState {
  queued,        ///< kept in the sender's outbox, not sealed yet
  sealed,        ///< sealed bytes durable at the sender, none on the way
  to_broker,     ///< on the wire to the broker
  mailbox,       ///< accepted, waiting at the broker
  to_recipient,  ///< on the wire to the recipient
  stored,        ///< durable at the recipient, the broker not yet told
  receipt,       ///< taken from the broker, the sender without the receipt
  done,          ///< the sender's row has ended
};
inline constexpr std::size_t letter_states = 8;
const char* name_of(LetterState state);

/// Follows every letter through the frames that carry it.
class LetterWatch {
 public:
  /// Letters whose copies a frame carries.
  struct Cargo {
    std::vector<LetterId> letters;
    Way way = Way::to_broker;
  };
  /// A frame that was sent.
  Cargo sent(const wire::Frame& frame, Way way);
  /// The same has come to its end: arrived, or lost.
  void arrived(const Cargo& cargo);
  /// A frame that was made and never sent: what it carries was durable.
  void made(const wire::Frame& frame);

  struct Accepted {
    LetterId letter;
    std::uint64_t leaf = 0;
    std::uint64_t epoch = 0;
  };
  /// Every `accepted` that a broker said, in order.
  [[nodiscard]] const std::vector<Accepted>& accepted() const { return accepted_; }
  void epoch(std::uint64_t epoch) { epoch_ = epoch; }

  using Counts = std::array<std::uint64_t, letter_states>;
  /// How many letters stand in each state: of all nodes, or those to or from one. `open` says
  /// whether the sender's row of a letter still waits.
  Counts counts(const std::optional<NodeId>& node,
                const std::function<bool(const NodeId&, const LetterId&)>& open);
  struct Open {
    LetterId letter;
    NodeId recipient;
  };
  /// A letter of that sender which its recipient has not stored, if there is one.
  [[nodiscard]] std::optional<Open> not_stored(const NodeId& sender) const;
  /// A letter that is on the wire that way now, if there is one.
  [[nodiscard]] std::optional<LetterId> on_the_way(Way way) const;
  [[nodiscard]] const NodeId& sender_of(const LetterId& letter) const {
    return letters_.at(letter).sender;
  }
  [[nodiscard]] const NodeId& recipient_of(const LetterId& letter) const {
    return letters_.at(letter).recipient;
  }
  /// Under which number it was last delivered, if it ever was.
  [[nodiscard]] std::optional<std::uint64_t> sequence_of(const LetterId& letter) const {
    const auto at = letters_.find(letter);
    return at == letters_.end() ? std::nullopt : at->second.sequence;
  }
  [[nodiscard]] std::size_t letters() const { return letters_.size(); }

 private:
  struct Seen {
    NodeId sender;
    NodeId recipient;
    int on_the_way[2]{};
    bool accepted = false;
    bool stored = false;
    bool done = false;
    std::optional<std::uint64_t> sequence;
  };
  void note(const std::vector<wire::Letter>& letters);
  std::unordered_map<LetterId, Seen> letters_;
  std::vector<LetterId> live_;  ///< not done
  std::vector<Accepted> accepted_;
  std::uint64_t epoch_ = 0;
};

}  // namespace liaison::simulation
