#include <catch2/catch.hpp>

#include "tests/scenarios/world.h"
#include "wire/frame.h"

using namespace liaison;
using namespace liaison::scenarios;

TEST_CASE("what restored nodes asked in vain can be taken off the list, before and after another",
          "[scenario]") {
  Two world(82);
  world.broker->admin(R"({"command":"policy-set","policy":{"otherwise":"allow","rules":[)"
                      R"({"from":"node:able-futures","to":"node:jcp-leeds","verdict":"deny"}]}})",
                      world.clock);
  auto& able = world.able();
  for (int restore = 0; restore < 2; ++restore) {
    world.restore_node(able, able.disk->image());
    world.run(std::chrono::minutes(2), 20000);
  }
  const auto undelivered = able.engine->undelivered();
  REQUIRE(undelivered.size() == 2);
  CHECK(undelivered[0].step.event != undelivered[1].step.event);
  for (const auto& each : undelivered) {
    CHECK_FALSE(each.step.event.is_zero());
    CHECK(able.engine->settle_undelivered(each.step.event, each.step.recipient,
                                          node::Engine::SeenOrAgain::seen, world.now(able)));
  }
  CHECK(able.engine->undelivered().empty());
  CHECK(able.engine->status(world.now(able)).undelivered == 0);
}
