#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>

#include "base/id.h"
#include "base/time.h"

namespace liaison::node {

/// The letters that were submitted and not answered, bounded in number, as the exchange asks, and
/// in octets, because their number alone bounds nothing when letters carry parts of attachments.
/// Pure.
class Flight {
 public:
  /// Of sealed octets: what a slow link makes the process keep.
  static constexpr std::uint64_t bytes_max = 16u << 20;
  static constexpr Duration answer_patience = std::chrono::seconds(30);

  void set_letters_max(std::uint32_t letters) { letters_max_ = letters; }
  /// Nothing more may leave until an answer comes or is given up.
  [[nodiscard]] bool is_full() const {
    return by_letter_.size() >= letters_max_ || bytes_ >= bytes_max;
  }

  void take_off(const LetterId& letter, std::uint32_t bytes, Now now);
  /// It was answered, or is given up.
  void land(const LetterId& letter);

  /// The first whose answer is taken for lost by `now`.
  [[nodiscard]] std::optional<LetterId> first_lost(Now now) const;
  [[nodiscard]] std::optional<LetterId> first() const;
  /// When the next answer is taken for lost, steady.
  [[nodiscard]] std::optional<Duration> next_steady() const;

 private:
  struct One {
    Duration answer_by{};
    std::uint32_t bytes = 0;
  };
  std::map<LetterId, One> by_letter_;
  std::set<std::pair<Duration, LetterId>> by_time_;
  std::uint64_t bytes_ = 0;
  std::uint32_t letters_max_ = 256;
};

}  // namespace liaison::node
