#include <catch2/catch.hpp>

#include "tests/scenarios/world.h"

using namespace liaison;
using namespace liaison::scenarios;

namespace {

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
  auto& bradford = world.join("jcp-bradford", NodeRole::adviser, "Bradford office (invented)");
  bool is_deaf = true;  // hears nothing of the registry
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
  const auto of = refer(world, bradford, add_client(world, bradford), able);
  world.run();
  REQUIRE(able.engine->status(world.now(able)).inbox_held > 0);
  CHECK(given_back == delivered);
  is_deaf = false;
  world.run(std::chrono::minutes(2), 20000);
  CHECK(able.engine->status(world.now(able)).inbox_held == 0);
  CHECK(state_of(able, of) == "received");
  CHECK(hellos == 1);
  CHECK(given_back == delivered);
}
