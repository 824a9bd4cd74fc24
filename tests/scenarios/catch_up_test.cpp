#include <algorithm>
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
    world.take_away(*provider);
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

TEST_CASE("a restored node does not wait for whom it brings into a case itself, but in others",
          "[scenario]") {
  Two world(85);
  auto& charity = world.join("charity", NodeRole::provider, "Charity (invented)");
  world.run();
  auto& leeds = world.leeds();
  refer(world, leeds, add_client(world, leeds), charity);
  const auto id = add_client(world, leeds);
  world.run();
  const auto image = leeds.disk->image();
  const auto forgotten = add_client(world, leeds);
  for (auto* provider : {&world.able(), &charity})
    refer(world, leeds, forgotten, *provider);
  world.run();
  for (auto* node : {&world.able(), &charity}) {
    world.take_away(*node);
  }
  world.restore_node(leeds, image);
  world.run(std::chrono::minutes(3), 20000);
  world.pass(std::chrono::hours(73));
  world.run(std::chrono::minutes(3), 20000);
  const casework::WriteNote note{"Rang them."};
  // One was given up; one is waited for, because of another case.
  for (auto* provider : {&world.able(), &charity}) {
    refer(world, leeds, id, *provider);
    world.run(std::chrono::minutes(3), 20000);
    CHECK(leeds.engine->status(world.now(leeds)).catching_up_from == std::vector{charity.id});
    CHECK(act(world, leeds, id, adviser(leeds), note).has_value());
  }
  charity.may_connect = true;
  world.run(std::chrono::minutes(3), 20000);
  CHECK(leeds.engine->status(world.now(leeds)).catching_up_from == std::vector{world.able().id});
  CHECK_FALSE(act(world, leeds, forgotten, adviser(leeds), note).has_value());
}

TEST_CASE("an answer to a restored node lets go on only the cases that its author has a part in",
          "[scenario]") {
  Two world(84);
  world.join("jcp-bradford", NodeRole::adviser, "Bradford office (invented)");
  world.run();
  const auto id = add_client(world, world.leeds());
  refer(world, world.leeds(), id, world.able());
  world.run();
  world.take_away(world.leeds());
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

TEST_CASE("a restored provider waits for an office that is away for longer than a letter lasts",
          "[scenario]") {
  Two world(42);
  auto id = add_client(world, world.leeds());
  auto of = refer(world, world.leeds(), id, world.able());
  world.run();
  const auto image = world.able().disk->image();
  accept(world, world.able(), id, of);
  world.run();
  world.take_away(world.leeds());
  world.restore_node(world.able(), image);
  for (int day = 0; day < 33; ++day) {
    world.pass(std::chrono::hours(24));
    world.run(std::chrono::minutes(3), 20000);
  }
  REQUIRE(world.able().engine->status(world.now(world.able())).catching_up);
  world.leeds().may_connect = true;
  world.run(std::chrono::minutes(3), 20000);
  CHECK_FALSE(world.able().engine->status(world.now(world.able())).catching_up);
  CHECK(state_of(world.able(), of) == "accepted");
}

TEST_CASE("a person can override the wait for a node that will not answer", "[scenario]") {
  Two world(24);
  auto id = add_client(world, world.leeds());
  auto of = refer(world, world.leeds(), id, world.able());
  world.run();
  auto image = world.leeds().disk->image();
  world.take_away(world.able());
  world.restore_node(world.leeds(), image);
  world.run();
  auto note =
      act(world, world.leeds(), id, adviser(world.leeds()), casework::WriteNote{"Rang them."});
  REQUIRE_FALSE(note);
  REQUIRE(world.leeds().engine->override_catch_up(id, world.now(world.leeds())));
  CHECK(act(world, world.leeds(), id, adviser(world.leeds()), casework::WriteNote{"Rang them."}));
  (void)of;
}

TEST_CASE("a restored node goes on without an office that it shares no case with", "[scenario]") {
  Two world(29);
  auto& far = world.join("jcp-bradford", NodeRole::adviser, "Bradford office (invented)");
  world.run();
  auto id = add_client(world, world.leeds());
  auto of = refer(world, world.leeds(), id, world.able());
  world.run();
  auto image = world.able().disk->image();
  world.take_away(far);
  world.restore_node(world.able(), image);
  world.run(std::chrono::seconds(60));
  // The case's lead office has answered: the provider decides, though Bradford has not.
  accept(world, world.able(), id, of);
  world.run();
  CHECK(state_of(world.leeds(), of) == "accepted");
  CHECK(world.able().engine->status(world.now(world.able())).catching_up);
  // And after three days nobody waits for it any more.
  world.pass(std::chrono::hours(73));
  world.run(std::chrono::minutes(3), 20000);
  CHECK_FALSE(world.able().engine->status(world.now(world.able())).catching_up);
}

TEST_CASE("a refusal by the exchange does not end a restored node's wait", "[scenario]") {
  Two world(67);
  const auto id = add_client(world, world.leeds());
  const auto of = refer(world, world.leeds(), id, world.able());
  world.run();
  const auto image = world.able().disk->image();
  accept(world, world.able(), id, of);
  world.run();
  const auto policy = [&](const std::string& rules) {
    world.broker->admin(
        R"({"command":"policy-set","policy":{"otherwise":"allow","rules":[)" + rules + "]}}",
        world.clock);
  };
  policy(R"({"from":"node:able-futures","to":"node:jcp-leeds","verdict":"deny"})");
  world.restore_node(world.able(), image);
  world.run(std::chrono::minutes(2), 20000);
  CHECK(world.able().engine->status(world.now(world.able())).catching_up);
  casework::Decline decline;
  decline.referral = of;
  decline.reason = wire::events::DeclineReason::no_capacity;
  CHECK_FALSE(act(world, world.able(), id, caseworker(world.able()), decline).has_value());
  policy("");
  for (int minutes = 0; minutes < 65; ++minutes) {
    world.pass(std::chrono::minutes(1));
    world.run();
  }
  CHECK_FALSE(world.able().engine->status(world.now(world.able())).catching_up);
  CHECK(state_of(world.able(), of) == "accepted");
}

namespace {

/// A restored provider has asked the office, which said that it has the question, and loses its
/// store before the answer has left.
void ask_and_lose_the_answer(Two& world) {
  refer(world, world.leeds(), add_client(world, world.leeds()), world.able());
  world.run();
  const auto of_the_office = world.leeds().disk->image();
  // It asks once its new sealing key is shown to be in the log, so that the answer goes at once.
  world.drop = [&](const Node& node, ByteView frame, bool to_node) {
    return !to_node && node.id == world.able().id && is<std::vector<wire::Letter>>(frame);
  };
  world.restore_node(world.able(), world.able().disk->image());
  world.run();
  world.disconnect(world.able());
  int dropped = 0;
  world.drop = [&](const Node& node, ByteView frame, bool to_node) {
    const bool is_answer =
        !to_node && node.id == world.leeds().id && is<std::vector<wire::Letter>>(frame);
    if (is_answer) ++dropped;
    return is_answer;
  };
  for (int step = 0; step < 500 && dropped == 0; ++step)
    world.step();
  REQUIRE(dropped > 0);
  world.drop = nullptr;
  world.run();  // the receipt, which goes later than what it was sent with
  const auto& able = world.able();
  REQUIRE(able.engine->status(world.now(able)).outbox_unreceipted == 0);
  REQUIRE(able.engine->status(world.now(able)).catching_up);
  world.kill(world.leeds());
  world.leeds().disk->restore(of_the_office);
}

}  // namespace

TEST_CASE("two restored nodes that wait for each other are both answered", "[scenario]") {
  Two world(64);
  ask_and_lose_the_answer(world);
  world.restore_node(world.leeds(), world.leeds().disk->image());
  world.run(std::chrono::seconds(10));  // less than what it looks after each minute
  for (auto* node : {&world.leeds(), &world.able()})
    CHECK_FALSE(node->engine->status(world.now(*node)).catching_up);
}

TEST_CASE("a restored node asks again each day whom it waits for", "[scenario]") {
  Two world(65);
  // Who may not be asked is tried each hour.
  world.join("charity", NodeRole::provider, "Charity (invented)");
  world.broker->admin(R"({"command":"policy-set","policy":{"otherwise":"allow","rules":[)"
                      R"({"from":"node:able-futures","to":"node:charity","verdict":"deny"}]}})",
                      world.clock);
  ask_and_lose_the_answer(world);
  world.start(world.leeds());  // as a machine that was set back, which does not know of it
  world.run(std::chrono::minutes(2), 20000);
  const auto& able = world.able();
  const auto awaits_leeds = [&] {
    const auto from = able.engine->status(world.now(able)).catching_up_from;
    return std::ranges::count(from, world.leeds().id) != 0;
  };
  CHECK(awaits_leeds());
  for (int hour = 0; hour < 25; ++hour) {
    world.pass(std::chrono::hours(1));
    world.run(std::chrono::seconds(61), 20000);
  }
  CHECK_FALSE(awaits_leeds());
}
