#include "node/core/clock_guard.h"

#include "base/deliberate_bug.h"

namespace liaison::node {
namespace {
Duration magnitude(Duration of) {
  return of < Duration{} ? -of : of;
}
}  // namespace

void ClockGuard::observe(Now now) {
  if (last_) {
    auto drift = (now.wall - last_->wall) - (now.steady - last_->steady);
    if (magnitude(drift) > jump) guarded_until_ = now.steady + calm;
  }
  last_ = now;
}

void ClockGuard::observe_kept(Instant kept, Now now) {
  if (kept - now.wall > jump) guarded_until_ = now.steady + calm;
}

void ClockGuard::observe_broker(Instant broker, Now now) {
  if (magnitude(broker - now.wall) > jump) guarded_until_ = now.steady + calm;
  broker_ahead_ = broker.time_since_epoch() - now.steady;
}

bool ClockGuard::is_guarded(Now now) const {
  if (LIAISON_BUG(ignore_clock_jump)) return false;
  return guarded_until_ && now.steady < *guarded_until_;
}

std::optional<Instant> ClockGuard::broker_time(Now now) const {
  if (!broker_ahead_) return std::nullopt;
  return Instant(now.steady + *broker_ahead_);
}

}  // namespace liaison::node
