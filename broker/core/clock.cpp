#include <algorithm>

#include "base/deliberate_bug.h"
#include "broker/core/core.h"

/// Time: what a jump of the wall clock stops, and when the core wants to be called again.
namespace liaison::broker {

namespace {
/// How often the time is kept, so that a restart can tell a jump.
constexpr auto seen_every = std::chrono::minutes(15);
}  // namespace

void Core::look_at_clock(Now now) {
  const auto drift = (now.wall - now_.wall) - (now.steady - now_.steady);
  const bool jumped = drift > limits_.jump_min || drift < -limits_.jump_min;
  if (jumped && !resting_until_) before_jump_ = now_.wall - now_.steady;
  if (jumped) resting_until_ = clock_set_until_ = now.steady + limits_.jump_rest;
  if (resting_until_ && now.steady >= *resting_until_) resting_until_.reset();
  now_ = now;
  // Nodes count their letters' expiry from the clock that the welcome told: they are to hear the
  // new one.
  while (jumped && !connections_.empty())
    turn_away(connections_.begin()->second, wire::GoodbyeReason::stopping,
              "the exchange's clock was set; come back");
  const auto since_seen = now.wall - state_.seen;
  if (since_seen >= seen_every || since_seen < Duration{}) {
    state_.seen = now.wall;
    state_.rest = resting_until_ ? *resting_until_ - now.steady : Duration{};
    state_.clock_set = clock_was_set() ? *clock_set_until_ - now.steady : Duration{};
    state_.latest = without_jump();
    keep_state();
  }
}

Instant Core::without_jump() const {
  return resting_until_ ? before_jump_ + now_.steady : now_.wall;
}

bool Core::is_resting() const {
  return resting_until_.has_value() && !LIAISON_BUG(expire_on_clock_jump);
}

void Core::forget_old_ids() {
  if (now_.steady < next_prune_) return;
  next_prune_ = now_.steady + prune_every;
  if (is_resting() || accepted_.size() == 0) return;
  accepted_.prune_next(now_.wall);
  // Once round all shards, the log's older part need not be read at the next start any more.
  if (++pruned_ % AcceptedIds::shards == 0 || accepted_.size() == 0) {
    state_.repeats_from = accepted_.lowest_leaf(log_size_);
    keep_state();
  }
}

std::optional<Instant> Core::next_deadline() const {
  std::optional<Duration> due;
  const auto sooner = [&due](Duration at) {
    if (!due || at < *due) due = at;
  };
  if (!deliverable_.empty() && !state_.recovering) sooner(now_.steady);
  if (!asking_.empty()) sooner(now_.steady);
  if (recovery_ends_) sooner(*recovery_ends_);
  for (auto node : refusing_)
    sooner(states_[node.value].refusals_from + refusal_window);
  if (earliest_expiry_) {
    const auto until = std::max<Duration>(*earliest_expiry_ - now_.wall, Duration{});
    auto at = std::max(now_.steady + until, next_expiry_);
    if (resting_until_) at = std::max(at, *resting_until_);
    sooner(at);
  }
  if (accepted_.size() != 0) sooner(next_prune_);
  if (!due) return std::nullopt;
  return now_.wall + std::max(*due - now_.steady, Duration{});
}

}  // namespace liaison::broker
