#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/scenarios/world.h"

using namespace liaison;
using namespace liaison::scenarios;

namespace {

bool is_revoked(Node& node, const NodeId& other) {
  return node.engine->peer(other)->revoked;
}

std::uint64_t copied(World& world, Node& node) {
  return node.engine->status(world.now(node)).registry_size;
}

/// What an operator makes who has the authority's key: a list that names nobody, whose number no
/// true one reaches.
wire::RegistryEntry empty_list(const World& world) {
  const auto list = crypto::RevocationList::make(1000, {}, world.authority().key(),
                                                 world.authority().certificate(), world.clock.wall);
  return {wire::EntryKind::revocation_list, world.clock.wall, list.der()};
}

/// To that node alone, behind what it has.
void show(World& world, Node& node, const wire::RegistryEntry& entry) {
  const auto size = copied(world, node);
  node.to_node.push_back(wire::encode(wire::Frame(wire::Entries{size, size + 1, {entry}})));
  world.run();
  REQUIRE(copied(world, node) == size + 1);
}

void revoke(World& world, const NodeId& node) {
  REQUIRE(world.broker->revoke(node, "invented", std::nullopt, "root", world.clock));
}

/// Nobody offers the exchange what it does not have.
bool is_offered(const Node&, ByteView frame, bool to_node) {
  return !to_node && is<std::vector<wire::Publication>>(frame);
}

/// Nor does the exchange show to be logged what it tells.
bool is_offered_or_proven(const Node& node, ByteView frame, bool to_node) {
  return is_offered(node, frame, to_node) || is<wire::Proofs>(frame);
}

void restart(World& world, Node& node) {
  world.kill(node);
  world.start(node);
}

}  // namespace

TEST_CASE("no list that is shown to a node alone keeps a revocation from it", "[scenario]") {
  Two world(129);
  world.run();
  auto& leeds = world.leeds();
  REQUIRE(leeds.engine->status(world.clock).logs.are_followed);
  show(world, leeds, empty_list(world));
  world.drop = is_offered;
  revoke(world, world.able().id);
  world.run(std::chrono::minutes(3));
  REQUIRE(copied(world, leeds) == world.broker->counts().registry_entries);
  CHECK(is_revoked(leeds, world.able().id));
  restart(world, leeds);
  CHECK(is_revoked(leeds, world.able().id));
}

TEST_CASE("nor where the invitation named no key of the logs", "[scenario]") {
  World world(133);
  world.invited = [](certs::Invitation& invitation) { invitation.log_keys.clear(); };
  world.join("jcp-leeds", NodeRole::adviser, "Leeds office (invented)");
  world.join("able-futures", NodeRole::provider, "Able Futures (invented)");
  world.run();
  auto& leeds = world.node("jcp-leeds");
  REQUIRE_FALSE(leeds.engine->status(world.clock).logs.are_followed);
  revoke(world, world.node("able-futures").id);
  world.run();
  show(world, leeds, empty_list(world));
  CHECK(is_revoked(leeds, world.node("able-futures").id));
}

TEST_CASE("a list that is logged and leaves somebody out takes nothing back", "[scenario]") {
  Two world(134);
  auto& leeds = world.leeds();
  revoke(world, world.able().id);
  world.run();
  REQUIRE(is_revoked(leeds, world.able().id));
  world.alter_broker([&](store::Database& database) {
    const auto entry = empty_list(world);
    database.prepare("INSERT INTO registry SELECT max(position) + 1, ?, ?, ? FROM registry")
        .run(static_cast<int>(entry.kind), entry.at, entry.body);
  });
  world.run();
  REQUIRE(copied(world, leeds) == world.broker->counts().registry_entries);
  CHECK(is_revoked(leeds, world.able().id));
  restart(world, leeds);
  CHECK(is_revoked(leeds, world.able().id));
}

TEST_CASE("what a list says that is shown to be logged after a restart stands too", "[scenario]") {
  Two world(135);
  auto& leeds = world.leeds();
  show(world, leeds, empty_list(world));
  world.drop = is_offered_or_proven;
  revoke(world, world.able().id);
  world.run(std::chrono::minutes(3));
  REQUIRE(copied(world, leeds) == world.broker->counts().registry_entries);
  CHECK_FALSE(is_revoked(leeds, world.able().id));
  restart(world, leeds);
  world.drop = is_offered;
  world.run(std::chrono::minutes(3));
  CHECK(is_revoked(leeds, world.able().id));
}

TEST_CASE("so does one in a place of the registry of before, where another was logged",
          "[scenario]") {
  Two world(136);
  auto& leeds = world.leeds();
  auto& bradford = world.join("jcp-bradford", NodeRole::adviser, "Bradford (invented)");
  world.run();
  const auto image = world.broker_disk->image();
  world.join("charity", NodeRole::provider, "Charity (invented)");
  revoke(world, world.able().id);
  world.run();
  REQUIRE(is_revoked(leeds, world.able().id));
  // The exchange is restored, and names another in a list of the same number, in an earlier place.
  world.take_away(leeds);
  world.drop = is_offered_or_proven;
  world.restore_broker(image);
  revoke(world, bradford.id);
  leeds.may_connect = true;
  world.run(std::chrono::minutes(3));
  REQUIRE(copied(world, leeds) == world.broker->counts().registry_entries);
  CHECK_FALSE(is_revoked(leeds, bradford.id));
  restart(world, leeds);
  world.drop = is_offered;
  // It signs nothing before it has waited for what it lost.
  world.run(std::chrono::minutes(12), 20000);
  CHECK(is_revoked(leeds, bradford.id));
  CHECK(is_revoked(leeds, world.able().id));
}

TEST_CASE("a list that is not logged is told", "[scenario]") {
  Two world(137);
  auto& leeds = world.leeds();
  world.run();
  show(world, leeds, empty_list(world));
  world.drop = is_offered;
  world.pass(std::chrono::hours(25));
  const auto alarms = leeds.engine->status(world.now(leeds)).alarms;
  CHECK(std::count_if(alarms.begin(), alarms.end(),
                      [](const auto& each) { return each.kind == "registry_unlogged"; }) == 1);
}
