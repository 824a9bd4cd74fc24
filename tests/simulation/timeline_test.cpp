#include "timeline.h"

#include <catch2/catch.hpp>
#include <vector>

#include "dice.h"

using namespace liaison;
using namespace liaison::simulation;
using std::chrono::hours;
using std::chrono::milliseconds;

TEST_CASE("what is planned for one time happens in the order of planning", "[simulation]") {
  Timeline timeline;
  std::vector<int> order;
  timeline.at(milliseconds(5), [&] { order.push_back(2); });
  timeline.at(milliseconds(1), [&] {
    order.push_back(1);
    timeline.after(milliseconds(4), [&] { order.push_back(4); });
  });
  timeline.at(milliseconds(5), [&] { order.push_back(3); });
  while (timeline.step(milliseconds(10))) {
  }
  CHECK(order == std::vector{1, 2, 3, 4});
  CHECK(timeline.now() == milliseconds(10));
}

TEST_CASE("a clock that jumps keeps its steady time", "[simulation]") {
  MachineClock clock;
  const auto before = clock.at(milliseconds(1000));
  clock.jump(hours(50), milliseconds(1000));
  const auto after = clock.at(milliseconds(1000));
  CHECK(after.wall - before.wall == hours(50));
  CHECK(after.steady == before.steady);
  clock.correct(milliseconds(2000));
  CHECK(clock.offset(milliseconds(2000)) == milliseconds(0));
}

TEST_CASE("a clock that drifts reaches a deadline when it says so", "[simulation]") {
  MachineClock clock;
  clock.drift(1000, milliseconds(0));
  const auto deadline = clock.at(milliseconds(0)).wall + milliseconds(100'100);
  const auto wait = clock.until(deadline, milliseconds(0));
  CHECK(clock.at(wait).wall >= deadline - milliseconds(1));
  CHECK(clock.at(wait).wall <= deadline + milliseconds(1));
  CHECK(clock.until(MachineClock::origin() - hours(1), milliseconds(0)) == milliseconds(1));
}

TEST_CASE("dice of one seed throw alike, and a split stream is its own", "[simulation]") {
  Dice a(7);
  Dice b(7);
  CHECK(a.next() == b.next());
  auto c = a.split();
  static_cast<void>(c.next());
  b.split();
  CHECK(a.next() == b.next());
}
