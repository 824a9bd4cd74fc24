#include <algorithm>
#include <catch2/catch.hpp>

#include "node/shell/log_store.h"
#include "tests/scenarios/world.h"

using namespace liaison;
using namespace liaison::scenarios;

namespace {

node::LogsView logs_of(World& world, Node& node) {
  return node.engine->status(world.now(node)).logs;
}

bool warns(World& world, Node& node, const std::string& kind) {
  const auto alarms = node.engine->status(world.now(node)).alarms;
  return std::any_of(alarms.begin(), alarms.end(),
                     [&](const auto& alarm) { return alarm.kind == kind; });
}

}  // namespace

TEST_CASE("letters whose place in the log was never told are counted", "[scenario]") {
  Two world(130);
  refer(world, world.leeds(), add_client(world, world.leeds()), world.able());
  world.run(std::chrono::seconds(5));
  CHECK(logs_of(world, world.leeds()).letters_not_placed == 0);
  CHECK(logs_of(world, world.able()).letters_not_placed == 0);
  const auto proved = logs_of(world, world.able()).letters_proved;

  // The provider is not told where the office's letters stand, the office not that they were
  // accepted.
  world.rewrite = [&](const Node& node, Bytes& frame) {
    if (node.id != world.able().id) return;
    auto decoded = wire::decode_frame(frame);
    if (!decoded) return;
    auto* deliveries = std::get_if<std::vector<wire::Delivery>>(&*decoded);
    if (deliveries == nullptr) return;
    for (auto& each : *deliveries)
      each.leaf.reset();
    frame = wire::encode(*deliveries);
  };
  world.drop = [&](const Node& node, ByteView frame, bool to_node) {
    return to_node && node.id == world.leeds().id && is<std::vector<wire::Accepted>>(frame);
  };
  const auto id = add_client(world, world.leeds());
  const auto of = refer(world, world.leeds(), id, world.able());
  world.run(std::chrono::seconds(5));
  REQUIRE(delivery_of(world.leeds(), id, of) == "stored");
  const auto at_leeds = logs_of(world, world.leeds()).letters_not_placed;
  const auto at_able = logs_of(world, world.able()).letters_not_placed;
  CHECK(at_leeds > 0);
  CHECK(at_able >= at_leeds);                                   // the office's receipts, too
  CHECK(logs_of(world, world.able()).letters_proved > proved);  // its receipts, which it sent

  world.kill(world.able());
  world.start(world.able());
  CHECK(logs_of(world, world.able()).letters_not_placed == at_able);
}

TEST_CASE("what others were shown of the logs is not forgotten by a restart", "[scenario]") {
  Two world(131);
  refer(world, world.leeds(), add_client(world, world.leeds()), world.able());
  world.run(std::chrono::minutes(1));
  // The provider is answered as before, for ever.
  Bytes last;
  world.rewrite = [&](const Node& node, Bytes& frame) {
    if (node.id != world.able().id || !is<wire::Proofs>(frame)) return;
    if (last.empty()) last = frame;
    frame = last;
  };
  world.run(std::chrono::minutes(1));
  for (int letters = 0; letters < 3; ++letters) {
    refer(world, world.leeds(), add_client(world, world.leeds()), world.able());
    world.run(std::chrono::seconds(8));
  }
  const auto kept = [&] {
    node::Sql sql(world.able().engine->database());
    return node::LogStore(sql).others(world.broker->counts().epoch);
  };
  const auto waiting = kept();
  REQUIRE_FALSE(waiting.empty());
  CHECK(waiting.front().from == world.leeds().id);
  CHECK_FALSE(warns(world, world.able(), "log_frozen"));
  world.kill(world.able());
  world.take_away(world.leeds());
  world.start(world.able());
  world.run(std::chrono::minutes(3));
  CHECK(warns(world, world.able(), "log_frozen"));
  // Shown again, they are compared, and kept no longer.
  world.rewrite = nullptr;
  world.run(std::chrono::minutes(6));
  CHECK_FALSE(warns(world, world.able(), "log_frozen"));
  CHECK(kept().empty());
}
