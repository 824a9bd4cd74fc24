#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <queue>
#include <vector>

#include "base/time.h"

namespace liaison::simulation {

/// True time, which no process can see: since the simulation's start.
using Moment = Duration;

/// What is to happen, in order of time, and at one time in the order in which it was planned.
class Timeline {
 public:
  using Happening = std::function<void()>;
  [[nodiscard]] Moment now() const { return now_; }
  void at(Moment when, Happening what);
  void after(Duration delay, Happening what) { at(now_ + delay, std::move(what)); }
  /// Lets the next thing happen; false if nothing is planned up to `until`, and then it is `until`.
  bool step(Moment until);
  [[nodiscard]] std::uint64_t steps() const { return steps_; }

 private:
  struct Planned {
    Moment when;
    std::uint64_t order;
    Happening what;
    friend bool operator<(const Planned& a, const Planned& b) {
      return a.when != b.when ? a.when > b.when : a.order > b.order;
    }
  };
  Moment now_{};
  std::uint64_t orders_ = 0;
  std::uint64_t steps_ = 0;
  std::priority_queue<Planned> planned_;
};

/// One machine's clocks: they start off the truth, drift from it and jump.
class MachineClock {
 public:
  /// Wall time when true time is 0.
  static Instant origin();
  [[nodiscard]] Now at(Moment now) const;
  /// How long until this clock shows `deadline`; at least a millisecond, nothing sooner.
  [[nodiscard]] Duration until(Instant deadline, Moment now) const;
  void jump(Duration by, Moment now) {
    offset_ += by;
    set_at_ = now;
  }
  void drift(std::int64_t parts_per_million, Moment now);
  /// Put right, as when its time service reaches it again.
  void correct(Moment now);
  /// When it was last set, by a fault or by who put it right.
  [[nodiscard]] Moment was_right_since() const { return set_at_; }
  [[nodiscard]] Duration offset(Moment now) const { return at(now).wall - (origin() + now); }

 private:
  [[nodiscard]] Duration drifted(Moment now) const;
  Duration offset_{};
  std::int64_t rate_ = 0;  // parts per million gained
  Moment since_{};
  Moment set_at_{-std::chrono::hours(1000)};
};

}  // namespace liaison::simulation
