#include <catch2/catch.hpp>

#include "tests/scenarios/world.h"

using namespace liaison;
using namespace liaison::scenarios;

namespace {

template <class T>
std::size_t count_of(const Bytes& frame) {
  const auto decoded = wire::decode_frame(frame);
  const auto* list = std::get_if<std::vector<T>>(&*decoded);
  return list == nullptr ? 0 : list->size();
}

/// The node's process is started again with so small a credit that each letter's is given back.
void restart_with_credit(World& world, Node& node, std::uint32_t letters) {
  world.node_config.credit_letters = letters;
  world.kill(node);
  world.start(node);
}

}  // namespace

TEST_CASE("a letter that is held, and opened later, gives its credit back once", "[scenario]") {
  Two world(806);
  auto& able = world.able();
  bool is_deaf = false;  // hears nothing new of the registry
  std::size_t hellos = 0;
  std::size_t delivered = 0;
  std::size_t given_back = 0;
  world.drop = [&](const Node& node, ByteView frame, bool to_node) {
    if (node.id != able.id) return false;
    const auto decoded = wire::decode_frame(frame);
    if (const auto* list = std::get_if<std::vector<wire::Delivery>>(&*decoded))
      delivered += list->size();
    if (const auto* credit = std::get_if<wire::Credit>(&*decoded)) given_back += credit->letters;
    if (std::holds_alternative<wire::Hello>(*decoded)) ++hellos;
    return is_deaf && to_node && std::holds_alternative<wire::Entries>(*decoded);
  };
  restart_with_credit(world, able, 4);
  world.run();
  is_deaf = true;
  auto& bradford = world.join("jcp-bradford", NodeRole::adviser, "Bradford office (invented)");
  world.run();
  const auto of = refer(world, bradford, add_client(world, bradford), able);
  world.run();
  REQUIRE(able.engine->status(world.now(able)).inbox_held > 0);
  CHECK(given_back == delivered);
  is_deaf = false;
  // The next entry shows that some are missing, which it asks for.
  world.join("jcp-york", NodeRole::adviser, "York office (invented)");
  world.run(std::chrono::minutes(2), 20000);
  CHECK(able.engine->status(world.now(able)).inbox_held == 0);
  CHECK(state_of(able, of) == "received");
  CHECK(hellos == 1);
  CHECK(given_back == delivered);
}

TEST_CASE("a broker that sends beyond the credit is hung up on, and what is beyond is not kept",
          "[scenario]") {
  Two world(807);
  auto& able = world.able();
  world.take_away(able);
  std::vector<ReferralId> referrals;
  for (int i = 0; i < 5; ++i)
    referrals.push_back(refer(world, world.leeds(), add_client(world, world.leeds()), able));
  world.run();
  // As if it had been given more: the broker is told so in the node's place.
  world.drop = [&](const Node& node, ByteView frame, bool to_node) {
    if (to_node || node.id != able.id || !is<wire::Hello>(frame)) return false;
    const auto key = able.engine->curve().public_key();
    const auto more = wire::encode(wire::Frame(wire::Credit{100, 1U << 20U}));
    world.broker->frame(ConnectionId{able.connection}, key, frame, world.clock);
    world.broker->frame(ConnectionId{able.connection}, key, more, world.clock);
    return true;
  };
  restart_with_credit(world, able, 2);
  able.may_connect = true;
  world.step();

  std::size_t delivered = 0;
  for (; !able.to_node.empty(); able.to_node.pop_front()) {
    delivered += count_of<wire::Delivery>(able.to_node.front());
    able.engine->frame(able.to_node.front(), world.now(able));
  }
  REQUIRE(delivered >= 5);
  auto turn = able.engine->turn(world.now(able));
  CHECK(turn.hang_up);
  CHECK(turn.redial);
  // Were it not hung up, it would have two letters to open, and take nothing more.
  std::size_t taken = 0;
  for (int i = 0; i < 3; ++i) {
    for (const auto& frame : turn.frames)
      taken += count_of<wire::Taken>(frame);
    turn = able.engine->turn(world.now(able));
  }
  CHECK(taken == 2);

  world.disconnect(able);
  world.drop = nullptr;
  world.run();
  for (const auto& of : referrals)
    CHECK(state_of(able, of) == "received");
  CHECK(world.broker->counts().waiting_letters == 0);
}

TEST_CASE("enough frames that cannot be read cost the link, and what waits comes on the next",
          "[scenario]") {
  Two world(808);
  auto& able = world.able();
  const auto of = refer(world, world.leeds(), add_client(world, world.leeds()), able);
  std::size_t hellos = 0;
  std::size_t spoilt = 0;
  world.drop = [&](const Node& node, ByteView frame, bool to_node) {
    if (node.id != able.id) return false;
    if (!to_node && is<wire::Hello>(frame)) ++hellos;
    if (!to_node || spoilt > 0 || !is<std::vector<wire::Delivery>>(frame)) return false;
    // In the place of what it delivers, on the first connection.
    for (; spoilt < 10; ++spoilt)
      world.able().to_node.push_back(Bytes(24, 0xff));
    return true;
  };
  world.run(std::chrono::minutes(2), 20000);
  CHECK(hellos == 1);
  CHECK(able.engine->status(world.now(able)).frames_unreadable == 10);
  CHECK(state_of(able, of) == "received");
}

TEST_CASE("a letter that is held stays so, and its time runs, while its node is offline",
          "[scenario]") {
  Two world(809);
  auto& able = world.able();
  world.drop = [&](const Node& node, ByteView frame, bool to_node) {
    return node.id == able.id && to_node && is<wire::Entries>(frame);
  };
  auto& bradford = world.join("jcp-bradford", NodeRole::adviser, "Bradford office (invented)");
  world.run();
  const auto of = refer(world, bradford, add_client(world, bradford), able);
  world.run();
  REQUIRE(able.engine->status(world.now(able)).inbox_held == 1);
  world.take_away(able);
  for (int minutes = 0; minutes < 20; ++minutes) {
    world.pass(std::chrono::minutes(1));
    world.run();
  }
  CHECK(able.engine->status(world.now(able)).inbox_held == 1);
  world.drop = nullptr;
  able.may_connect = true;
  world.run(std::chrono::minutes(2), 20000);
  CHECK(able.engine->status(world.now(able)).inbox_held == 0);
  CHECK(state_of(able, of) == "received");
}
