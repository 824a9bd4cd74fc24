#include <catch2/catch.hpp>

#include "tests/scenarios/world.h"
#include "wire/frame.h"

/// What a node said in a life of its store that is lost.
using namespace liaison;
using namespace liaison::scenarios;

TEST_CASE("what a node sent before it lost its store, and comes late, is given back to it",
          "[scenario]") {
  Two world(57);
  auto id = add_client(world, world.leeds());
  world.run();
  const auto image = world.leeds().disk->image();
  // Its letters are on the way still when its disk is lost, and come after all others have said
  // what they have.
  std::vector<Bytes> late;
  world.drop = [&](const Node& node, ByteView frame, bool to_node) {
    if (to_node || node.id != world.leeds().id || !is<std::vector<wire::Letter>>(frame))
      return false;
    late.push_back(copy_of(frame));
    return true;
  };
  auto of = refer(world, world.leeds(), id, world.able());
  for (int step = 0; step < 200 && late.empty(); ++step)
    world.step();
  REQUIRE_FALSE(late.empty());
  world.drop = nullptr;
  world.restore_node(world.leeds(), image);
  world.run(std::chrono::seconds(60));
  REQUIRE_FALSE(world.leeds().engine->status(world.now(world.leeds())).catching_up);
  REQUIRE(referral(world.leeds(), of) == nullptr);
  REQUIRE(referral(world.able(), of) == nullptr);

  const auto& leeds = world.leeds();
  for (const auto& frame : late)
    world.broker->frame(ConnectionId{leeds.connection}, leeds.engine->curve().public_key(), frame,
                        world.clock);
  world.run(std::chrono::seconds(60));
  CHECK(state_of(world.able(), of) == "received");
  CHECK(state_of(world.leeds(), of) == "received");
  const auto mine = world.leeds().engine->case_view(id);
  const auto theirs = world.able().engine->case_view(id);
  REQUIRE((mine && theirs));
  CHECK((*mine)->gaps.empty());
  CHECK((*mine)->core.history.size() == (*theirs)->core.history.size());
}

TEST_CASE("nothing is decided before the exchange has said which life of the store it is",
          "[scenario]") {
  Two world(51);
  const auto id = add_client(world, world.leeds());
  world.run();
  const auto image = world.leeds().disk->image();
  world.leeds().may_connect = false;
  world.restore_node(world.leeds(), image);
  REQUIRE(world.leeds().engine->override_catch_up(id, world.now(world.leeds())));
  const casework::WriteNote note{"Rang them."};
  const auto early = act(world, world.leeds(), id, adviser(world.leeds()), note);
  REQUIRE_FALSE(early);
  CHECK(early.error().reason == Reason::unavailable);
  world.leeds().may_connect = true;
  world.run();
  const auto made = act(world, world.leeds(), id, adviser(world.leeds()), note);
  REQUIRE(made);
  CHECK(made->front().incarnation > 1);
}

TEST_CASE("a receipt of before its node lost its store ends nothing that goes to it again",
          "[scenario]") {
  Two world(63);
  const auto id = add_client(world, world.leeds());
  world.run();
  const auto image = world.able().disk->image();
  std::vector<Bytes> late;
  world.drop = [&](const Node& node, ByteView frame, bool to_node) {
    if (to_node || node.id != world.able().id || !is<std::vector<wire::Letter>>(frame))
      return false;
    late.push_back(copy_of(frame));
    return true;
  };
  const auto of = refer(world, world.leeds(), id, world.able());
  world.run();
  REQUIRE(state_of(world.able(), of) == "received");
  REQUIRE_FALSE(late.empty());
  world.restore_node(world.able(), image);
  // It has asked, and what the office sends again is on its way, when the receipts come.
  world.drop = [&](const Node& node, ByteView frame, bool to_node) {
    return !to_node && node.id == world.leeds().id && is<std::vector<wire::Letter>>(frame);
  };
  world.run();
  REQUIRE(referral(world.able(), of) == nullptr);
  const auto& able = world.able();
  for (const auto& frame : late)
    world.broker->frame(ConnectionId{able.connection}, able.engine->curve().public_key(), frame,
                        world.clock);
  world.run();
  CHECK(delivery_of(world.leeds(), id, of) != "stored");
  world.kill(world.leeds());
  world.drop = nullptr;
  world.start(world.leeds());
  world.run(std::chrono::seconds(60));
  CHECK(state_of(world.able(), of) == "received");
  CHECK_FALSE(world.able().engine->status(world.now(world.able())).catching_up);
}

TEST_CASE(
    "a receipt of before its node lost its store ends nothing though a bad exchange gives "
    "both lives one number",
    "[scenario]") {
  Two world(64);
  const auto id = add_client(world, world.leeds());
  world.run();
  const auto image = world.able().disk->image();
  // Its receipts, which gather for a while, not what it says in the case before.
  std::vector<Bytes> late;
  std::optional<Duration> began;
  world.drop = [&](const Node& node, ByteView frame, bool to_node) {
    if (to_node || node.id != world.able().id || !is<std::vector<wire::Letter>>(frame))
      return false;
    if (!began) began = world.clock.steady;
    if (world.clock.steady >= *began + world.node_config.receipts_delay / 2)
      late.push_back(copy_of(frame));
    return true;
  };
  const auto of = refer(world, world.leeds(), id, world.able());
  world.run();
  REQUIRE(state_of(world.able(), of) == "received");
  REQUIRE_FALSE(late.empty());
  bool has_lied = false;
  world.drop = [&](const Node& node, ByteView frame, bool to_node) {
    if (!to_node) return node.id == world.leeds().id && is<std::vector<wire::Letter>>(frame);
    const auto decoded = wire::decode_frame(frame);
    if (node.id != world.able().id || !decoded || !std::holds_alternative<wire::Welcome>(*decoded))
      return false;
    auto welcome = std::get<wire::Welcome>(*decoded);
    has_lied = has_lied || welcome.incarnation > 1;
    welcome.incarnation = 1;
    node.engine->frame(wire::encode(wire::Frame{welcome}), world.now(node));
    return true;
  };
  world.restore_node(world.able(), image);
  world.run();
  REQUIRE(has_lied);
  REQUIRE(referral(world.able(), of) == nullptr);
  const auto& able = world.able();
  for (const auto& frame : late)
    world.broker->frame(ConnectionId{able.connection}, able.engine->curve().public_key(), frame,
                        world.clock);
  world.run();
  CHECK(delivery_of(world.leeds(), id, of) != "stored");
  world.kill(world.leeds());
  world.drop = nullptr;
  world.start(world.leeds());
  world.run(std::chrono::seconds(60));
  CHECK(state_of(world.able(), of) == "received");
  CHECK(delivery_of(world.leeds(), id, of) == "stored");
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
