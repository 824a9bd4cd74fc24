#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "wire/frame.h"

namespace liaison::node {

/// A letter as it came, not yet judged.
struct Arrived {
  std::uint64_t sequence = 0;
  Instant accepted_at;
  wire::Letter letter;
  std::optional<std::uint64_t> leaf = std::nullopt;  ///< of its acceptance, in the message log
  std::uint64_t epoch = 0;                           ///< of that log
  /// It was delivered on this connection, and so was what its sender had sent before.
  bool is_of_this_connection = true;
};

/// What a held letter waits for. `time`: nothing but to be tried again now and then.
enum class Need : std::uint8_t { registry, time };

/// What opening a letter came to.
enum class Judgement : std::uint8_t {
  store,      ///< its matter is kept; then it is taken
  hold,       ///< what is needed to judge it is not here yet
  set_aside,  ///< it fails for good
};

/// How a process ended.
enum class LastEnd : std::uint8_t {
  by_itself,  ///< it was told to, or its disk was full
  killed,     ///< or something that it did not foresee ended it
};

/// Letters between their arrival and their verdict.
///
///   arrived --(attempt durable)--> to be opened --store--> taken
///                                   ^      | \--set aside--> set aside (kept; the broker is told)
///                                   |      \--hold--> held (untaken) --(it came, or time)--+
///                                   +----------------------------------------------------+
///
/// A letter that ended the process while it was opened three times is set aside unopened, which the
/// attempt counter, durable before each opening, tells; that a process ends by itself, if only for
/// want of room on its disk, is not counted. One that was being opened when the process
/// ended is suspect, as are all that were opened with it; suspects are opened one a turn, so that
/// one letter's fault, or a machine that goes down often, is not counted against the others. Held
/// letters are bounded, in all and for each sender, so that nobody's keep another's from being
/// held: beyond it they are forgotten here and stay at the broker, to be asked for by connecting
/// again. Pure.
class Inbox {
 public:
  static constexpr std::uint32_t attempts_max = 3;
  static constexpr Duration retry_held = std::chrono::minutes(5);
  /// Held that long (by us), a letter whose signer never became known is set aside.
  static constexpr Duration held_longest = std::chrono::hours(24 * 7);
  /// One sender's letters may take this part of the places, and of the octets.
  static constexpr std::uint32_t senders_part = 8;
  /// So often what was forgotten is asked for though there is no room: entries that came, or time,
  /// may let it be judged now.
  static constexpr Duration reconnect_again = std::chrono::hours(1);

  /// What may be held of all senders together.
  Inbox(std::uint32_t held_letters_max, std::uint64_t held_bytes_max)
      : held_letters_max_(held_letters_max), held_bytes_max_(held_bytes_max) {}

  /// Whether the letter is here already, waiting or held: a repeat on the same connection.
  [[nodiscard]] bool has(const LetterId& letter) const;
  /// It was delivered again, on another connection or of another epoch: by that number it is taken,
  /// and where it stands in the message log is said of that epoch's.
  void renumber(const Arrived& again);
  /// A letter to be opened once its attempt is durable; the caller counts it.
  void arrived(Arrived letter);
  /// One that was being opened before when the process ended: it waits for its turn. So does what
  /// comes after it from the same sender, whose letters may build on each other.
  void suspect(Arrived letter);
  [[nodiscard]] bool suspects_one_of(const NodeId& sender) const;
  /// The next suspect's turn: the caller counts its attempt. None while another letter's is not
  /// over.
  std::optional<LetterId> next_suspect();
  /// The turn in which attempts were counted is committed: they may be opened.
  void attempts_durable();
  /// Takes out up to `max` letters to open, by their sequence.
  std::vector<Arrived> to_open(std::size_t max);
  [[nodiscard]] bool has_to_open() const { return !ready_.empty(); }
  [[nodiscard]] bool has_undurable() const { return !fresh_.empty(); }

  /// Keeps a letter that cannot be judged yet. False: there is no room, or none for its sender; it
  /// is forgotten here and stays with the broker.
  bool hold(Arrived letter, Need need, Now now);
  /// What letters waited for came, or their time did: they are to be opened (again counted first).
  std::vector<LetterId> came(Need need);
  std::vector<LetterId> due(Now now);
  /// Whether a letter that this one's sender sent before it still waits for its verdict.
  [[nodiscard]] bool has_earlier(const Arrived& letter) const;
  /// First held when; for held_longest.
  [[nodiscard]] std::optional<Duration> held_since(const LetterId& letter) const;

  /// The connection is gone: what was not opened yet will be delivered again. Held letters stay.
  /// Those whose attempt was counted and not made.
  std::vector<LetterId> disconnected();
  /// Something was forgotten for lack of room and should be asked for: once, after there is room
  /// for its sender's, or what waits for the registry may be judged now (came).
  bool take_reconnect_wish(Now now);

  [[nodiscard]] std::size_t held() const { return held_.size(); }
  [[nodiscard]] std::optional<Duration> next_steady() const;

 private:
  struct Held {
    Arrived letter;
    Need need = Need::time;
    Duration again{};
  };
  struct Total {
    std::uint64_t letters = 0;
    std::uint64_t bytes = 0;
  };
  std::vector<LetterId> release(std::vector<LetterId> letters);
  [[nodiscard]] Total held_of(const NodeId& sender) const;
  [[nodiscard]] bool is_trying_again() const;
  [[nodiscard]] bool has_room_for_forgotten() const;

  std::uint32_t held_letters_max_;
  std::uint64_t held_bytes_max_;
  std::deque<Arrived> fresh_;
  std::deque<Arrived> ready_;
  std::deque<Arrived> suspects_;
  std::optional<LetterId> suspect_under_way_;
  std::map<LetterId, Held> held_;
  std::map<LetterId, Duration> first_held_;
  std::map<LetterId, int> present_;
  std::uint64_t held_bytes_ = 0;
  std::set<NodeId> forgot_of_;            ///< senders of what was forgotten on this connection
  bool registry_came_ = false;            ///< since something was forgotten
  std::optional<Duration> reconnect_at_;  ///< not before, for the registry's sake
};

}  // namespace liaison::node
