#include "timeline.h"

#include <algorithm>

namespace liaison::simulation {

void Timeline::at(Moment when, Happening what) {
  planned_.push(Planned{std::max(when, now_), orders_++, std::move(what)});
}

bool Timeline::step(Moment until) {
  if (planned_.empty() || planned_.top().when > until) {
    now_ = std::max(now_, until);
    return false;
  }
  // The top is about to be popped; only its order is looked at in between.
  auto what = std::move(const_cast<Planned&>(planned_.top()).what);
  now_ = planned_.top().when;
  planned_.pop();
  ++steps_;
  what();
  return true;
}

Instant MachineClock::origin() {
  return Instant(std::chrono::sys_days(std::chrono::year(2026) / 5 / 6).time_since_epoch() +
                 std::chrono::hours(9));
}

Duration MachineClock::drifted(Moment now) const {
  return (now - since_) * rate_ / 1'000'000;
}

Now MachineClock::at(Moment now) const {
  // The steady clock has no jumps, and its drift is part of no decision that lasts.
  return {origin() + now + offset_ + drifted(now), now + std::chrono::hours(1)};
}

Duration MachineClock::until(Instant deadline, Moment now) const {
  const Duration left = deadline - at(now).wall;
  const Duration in_truth = left - left * rate_ / (1'000'000 + rate_);
  return std::max(in_truth, Duration(1));
}

void MachineClock::drift(std::int64_t parts_per_million, Moment now) {
  offset_ += drifted(now);
  since_ = now;
  rate_ = parts_per_million;
}

void MachineClock::correct(Moment now) {
  if (offset(now) > std::chrono::minutes(1) || offset(now) < -std::chrono::minutes(1))
    set_at_ = now;
  offset_ = Duration{};
  since_ = now;
  rate_ = 0;
}

}  // namespace liaison::simulation
