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

TEST_CASE("a node that was given up is waited for again when another tells of its part in a case",
          "[scenario]") {
  Two world(83);
  auto& charity = world.join("charity", NodeRole::provider, "Charity (invented)");
  auto& acorn = world.join("acorn-surgery", NodeRole::provider, "Acorn Surgery (invented)");
  world.run();
  refer(world, world.leeds(), add_client(world, world.leeds()), charity);
  world.run();
  const auto image = world.leeds().disk->image();
  const auto id = add_client(world, world.leeds());
  for (auto* provider : {&world.able(), &acorn})
    refer(world, world.leeds(), id, *provider);
  world.run();
  for (auto* provider : {&world.able(), &acorn, &charity}) {
    provider->may_connect = false;
    world.disconnect(*provider);
  }
  world.restore_node(world.leeds(), image);
  world.run(std::chrono::minutes(3), 20000);
  world.pass(std::chrono::hours(73));
  world.run(std::chrono::minutes(3), 20000);
  const auto awaited = [&] {
    return world.leeds().engine->status(world.now(world.leeds())).catching_up_from;
  };
  REQUIRE(awaited() == std::vector{charity.id});

  const casework::WriteNote note{"Rang them."};
  world.able().may_connect = true;
  world.run(std::chrono::minutes(3), 20000);
  CHECK(awaited() == std::vector{acorn.id, charity.id});
  CHECK_FALSE(act(world, world.leeds(), id, adviser(world.leeds()), note).has_value());
  acorn.may_connect = true;
  world.run(std::chrono::minutes(3), 20000);
  CHECK(awaited() == std::vector{charity.id});
  CHECK(act(world, world.leeds(), id, adviser(world.leeds()), note).has_value());
}
