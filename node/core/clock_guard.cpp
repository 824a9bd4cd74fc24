#include "node/core/clock_guard.h"

#include <algorithm>

#include "base/deliberate_bug.h"

namespace liaison::node {
namespace {
bool is_jump(Duration by) {
  if (LIAISON_BUG(ignore_clock_jump)) return false;
  return (by < Duration{} ? -by : by) > ClockGuard::jump;
}
}  // namespace

Duration ClockGuard::observe(Now now) {
  Duration jumped{};
  if (last_) {
    auto drift = (now.wall - last_->wall) - (now.steady - last_->steady);
    if (is_jump(drift)) {
      jumped = drift;
      guarded_until_ = set_until_ = now.steady + calm;
    }
  }
  last_ = now;
  return jumped;
}

Duration ClockGuard::observe_kept(Instant kept, Duration calm_left, Now now) {
  const auto passed = now.wall - kept;
  Duration jumped{};
  if (is_jump(passed) && passed < Duration{}) jumped = passed;
  if (is_jump(passed) && passed > off_max) jumped = passed - off_max;
  if (jumped != Duration{}) calm_left = calm;
  if (calm_left > Duration{}) guarded_until_ = now.steady + std::min(calm_left, calm);
  return jumped;
}

bool ClockGuard::was_set(Now now) const {
  return set_until_ && now.steady < *set_until_;
}

Duration ClockGuard::calm_left(Now now) const {
  return guarded_until_ ? std::max(Duration{}, *guarded_until_ - now.steady) : Duration{};
}

void ClockGuard::observe_broker(Instant broker, Now now) {
  if (is_jump(broker - now.wall)) guarded_until_ = set_until_ = now.steady + calm;
  broker_ahead_ = broker.time_since_epoch() - now.steady;
}

bool ClockGuard::is_guarded(Now now) const {
  return guarded_until_ && now.steady < *guarded_until_;
}

std::optional<Instant> ClockGuard::broker_time(Now now) const {
  if (!broker_ahead_) return std::nullopt;
  return Instant(now.steady + *broker_ahead_);
}

}  // namespace liaison::node
