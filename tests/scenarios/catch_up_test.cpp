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

TEST_CASE("who was given up is not waited for in a case that this node brings it into",
          "[scenario]") {
  Two world(85);
  auto& charity = world.join("charity", NodeRole::provider, "Charity (invented)");
  world.run();
  refer(world, world.leeds(), add_client(world, world.leeds()), charity);
  const auto id = add_client(world, world.leeds());
  world.run();
  for (auto* provider : {&world.able(), &charity}) {
    provider->may_connect = false;
    world.disconnect(*provider);
  }
  world.restore_node(world.leeds(), world.leeds().disk->image());
  world.run(std::chrono::minutes(3), 20000);
  world.pass(std::chrono::hours(73));
  world.run(std::chrono::minutes(3), 20000);
  refer(world, world.leeds(), id, world.able());
  world.run(std::chrono::minutes(3), 20000);
  CHECK(world.leeds().engine->status(world.now(world.leeds())).catching_up_from ==
        std::vector{charity.id});
  const casework::WriteNote note{"Rang them."};
  CHECK(act(world, world.leeds(), id, adviser(world.leeds()), note).has_value());
}

TEST_CASE("receipts count of a node whose life a restored broker gave a lower number",
          "[scenario]") {
  World world(86);
  auto& leeds = world.join("jcp-leeds", NodeRole::adviser, "Leeds office (invented)");
  world.run();
  auto& able = world.join("able-futures", NodeRole::provider, "Able Futures (invented)");
  const auto image = world.broker_disk->image();
  world.run();
  world.restore_node(able, able.disk->image());
  world.run();
  world.pass(std::chrono::hours(2));
  world.restore_broker(image);
  world.lose(able);
  world.run(std::chrono::minutes(12), 20000);
  const auto peer = leeds.engine->peer(able.id);
  REQUIRE(peer->unproven_key);
  REQUIRE(leeds.engine->confirm_key(able.id, *peer->unproven_key, world.now(leeds)));
  world.run(std::chrono::minutes(3), 20000);
  const auto id = add_client(world, leeds);
  const auto of = refer(world, leeds, id, able);
  world.run(std::chrono::minutes(3), 20000);
  CHECK(state_of(able, of) == "received");
  CHECK(delivery_of(leeds, id, of) == "stored");
}

TEST_CASE("an answer to a restored node lets go on only the cases that its author has a part in",
          "[scenario]") {
  Two world(84);
  world.join("jcp-bradford", NodeRole::adviser, "Bradford office (invented)");
  world.run();
  const auto id = add_client(world, world.leeds());
  refer(world, world.leeds(), id, world.able());
  world.run();
  world.leeds().may_connect = false;
  world.disconnect(world.leeds());
  auto& able = world.able();
  std::vector<Bytes> answers;
  world.drop = [&](const Node& node, ByteView frame, bool to_node) {
    const bool is_answer = to_node && node.id == able.id && is<std::vector<wire::Delivery>>(frame);
    if (is_answer) answers.push_back(copy_of(frame));
    return is_answer;
  };
  world.restore_node(able, able.disk->image());
  world.run(std::chrono::seconds(60));
  REQUIRE_FALSE(answers.empty());
  world.drop = nullptr;
  std::set<CaseId> looked_into;
  const auto turns = [&] {
    for (int turn = 0; turn < 5; ++turn)
      for (const auto& each : able.engine->turn(world.now(able)).cases)
        looked_into.insert(each);
  };
  turns();
  looked_into.clear();
  for (const auto& frame : answers)
    able.engine->frame(frame, world.now(able));
  turns();
  CHECK(able.engine->status(world.now(able)).catching_up_from == std::vector{world.leeds().id});
  CHECK(looked_into.count(id) == 0);
  REQUIRE(able.engine->override_catch_up(world.leeds().id, world.now(able)));
  turns();
  CHECK(looked_into.count(id) == 1);
}
