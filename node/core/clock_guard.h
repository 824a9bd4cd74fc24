#pragma once

#include <optional>

#include "base/time.h"

namespace liaison::node {

/// Notices that a clock jumped, so that nothing is expired and no key destroyed for a day after:
/// a wrong date must not do what cannot be undone.
class ClockGuard {
 public:
  static constexpr Duration jump = std::chrono::hours(1);
  static constexpr Duration calm = std::chrono::hours(24);
  /// Off for longer than a night: that cannot be told from a clock that was set forward.
  static constexpr Duration off_max = std::chrono::hours(20);

  /// Our own clock, at every turn: wall time must advance as steady time does. By how much it
  /// jumped, ahead or back; zero where it did not.
  Duration observe(Now now);
  /// What was kept when the program last ran: its wall time, which must not lie ahead of ours nor
  /// far behind, and calm_left(), because an end of the program ends no calm. How much of the time
  /// between may be a jump: all of it that goes back, and of an absence what is over off_max.
  Duration observe_kept(Instant kept, Duration calm_left, Now now);
  /// The broker's clock: the two must agree.
  void observe_broker(Instant broker, Now now);

  /// Whether a jump was seen within the last day.
  [[nodiscard]] bool is_guarded(Now now) const;
  /// Whether one was seen while the program ran: then it was the clock, and no long absence.
  [[nodiscard]] bool was_set(Now now) const;
  /// How much of the day after a jump is left; for observe_kept().
  [[nodiscard]] Duration calm_left(Now now) const;
  /// The broker's time now, from its last welcome and our steady clock; none before a welcome.
  [[nodiscard]] std::optional<Instant> broker_time(Now now) const;

 private:
  std::optional<Now> last_;
  std::optional<Duration> guarded_until_;  ///< steady
  std::optional<Duration> set_until_;      ///< steady
  std::optional<Duration> broker_ahead_;   ///< broker's wall less our steady
};

}  // namespace liaison::node
