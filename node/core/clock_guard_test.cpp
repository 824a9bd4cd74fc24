#include "node/core/clock_guard.h"

#include <catch2/catch.hpp>

#include "node/core/testing/values.h"

using namespace liaison;
using namespace liaison::node;
using namespace liaison::node::testing;

TEST_CASE("a clock that jumps stops what cannot be undone for a day", "[node]") {
  ClockGuard guard;
  guard.observe(at(0));
  CHECK_FALSE(guard.is_guarded(at(0)));
  auto jumped = at(0);
  jumped.wall += std::chrono::hours(400);
  CHECK(guard.observe(jumped) == std::chrono::hours(400));
  CHECK(guard.is_guarded(jumped));
  CHECK(guard.was_set(jumped));
  jumped.wall += std::chrono::hours(25);
  jumped.steady += std::chrono::hours(25);
  CHECK(guard.observe(jumped) == Duration{});
  CHECK_FALSE(guard.is_guarded(jumped));
  jumped.wall -= std::chrono::hours(400);
  CHECK(guard.observe(jumped) == -std::chrono::hours(400));

  ClockGuard behind;
  CHECK(behind.observe_kept(at(5).wall, {}, at(0)) == at(0).wall - at(5).wall);
  CHECK(behind.is_guarded(at(0)));
  ClockGuard disagrees;
  disagrees.observe_broker(at(9).wall, at(0));
  CHECK(disagrees.is_guarded(at(0)));
  CHECK(disagrees.broker_time(at(1)) == std::optional<Instant>(at(10).wall));
}

TEST_CASE("an end of the program hides no jump of the clock and ends no calm", "[node]") {
  using std::chrono::hours;
  const auto kept = at(0).wall;
  const auto later = [](hours by) {
    auto now = at(0);
    now.wall += by;
    return now;
  };
  ClockGuard after_a_night;
  CHECK(after_a_night.observe_kept(kept, {}, later(hours(15))) == Duration{});
  CHECK_FALSE(after_a_night.is_guarded(at(0)));
  ClockGuard set_forward;
  CHECK(set_forward.observe_kept(kept, {}, later(hours(24 * 40))) ==
        hours(24 * 40) - ClockGuard::off_max);
  CHECK(set_forward.is_guarded(at(0)));
  CHECK(set_forward.calm_left(at(0)) == ClockGuard::calm);
  CHECK_FALSE(set_forward.was_set(at(0)));

  ClockGuard calm;
  auto now = at(0);
  calm.observe_kept(kept, hours(3), now);
  CHECK(calm.is_guarded(now));
  now.steady += hours(1);
  CHECK(calm.calm_left(now) == hours(2));
  now.steady += hours(2);
  CHECK_FALSE(calm.is_guarded(now));
  CHECK(calm.calm_left(now) == Duration{});
}
