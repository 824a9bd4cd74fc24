#include <catch2/catch.hpp>

#include "broker/shell/logs.h"
#include "crypto/digest.h"
#include "node/shell/followed_logs.h"
#include "tests/scenarios/world.h"
#include "wire/registry.h"

using namespace liaison;
using namespace liaison::scenarios;
using wire::LogName;

namespace {

std::set<std::string> log_alarms(World& world, Node& node) {
  std::set<std::string> out;
  for (const auto& alarm : node.engine->status(world.now(node)).alarms)
    if (alarm.kind.rfind("log_", 0) == 0 || alarm.kind.rfind("registry_", 0) == 0)
      out.insert(alarm.kind);
  return out;
}

/// A letter goes from the office to the provider, and is proved to both by the key of now; of
/// which nobody has anything to say.
void letters_are_proved(World& world, Node& from, Node& to) {
  refer(world, from, add_client(world, from), to);
  world.run(std::chrono::seconds(20));
  const auto key = world.broker->logs().of(LogName::message).key();
  for (auto* node : {&from, &to}) {
    const auto logs = node->engine->status(world.now(*node)).logs;
    INFO(node->id.text());
    CHECK(logs.letters_awaited == 0);
    CHECK(logs.registry_size == world.broker->counts().registry_entries);
    node::Sql sql(node->engine->database());
    const auto head = node::LogStore(sql).head(LogName::message);
    REQUIRE(head);
    CHECK(audit::open_checkpoint(head->note, std::span(&key, 1)));
  }
}

void nobody_alarms(World& world, const std::vector<Node*>& nodes) {
  for (auto* node : nodes) {
    INFO(node->id.text());
    CHECK(log_alarms(world, *node).empty());
  }
}

/// From now on the node is told another change than the registry has.
void rewrite_change(World& world, const NodeId& to, std::function<void(wire::LogKey&)> how) {
  world.rewrite = [to, how = std::move(how)](const Node& node, Bytes& frame) {
    if (node.id != to) return;
    auto decoded = wire::decode_frame(frame);
    auto* entries = decoded ? std::get_if<wire::Entries>(&*decoded) : nullptr;
    if (entries == nullptr) return;
    for (auto& entry : entries->entries) {
      if (entry.kind != wire::EntryKind::log_key) continue;
      auto change = wire::decode_log_key(entry.body).value();
      how(change);
      entry.body = wire::encode(change);
      frame = wire::encode(*entries);
    }
  };
}

}  // namespace

TEST_CASE("nodes that are there follow a change of the logs' key by themselves", "[scenario]") {
  Two world(190);
  letters_are_proved(world, world.leeds(), world.able());
  world.change_log_key();
  letters_are_proved(world, world.leeds(), world.able());
  world.kill(world.leeds());
  world.kill_broker();
  world.start_broker();
  world.start(world.leeds());
  letters_are_proved(world, world.leeds(), world.able());
  world.change_log_key();
  letters_are_proved(world, world.leeds(), world.able());
  world.run(std::chrono::minutes(3));
  nobody_alarms(world, {&world.leeds(), &world.able()});
}

TEST_CASE("a node that was away for two changes of the logs' key finds its way", "[scenario]") {
  Two world(191);
  auto& charity = world.join("charity", NodeRole::provider, "Charity (invented)");
  letters_are_proved(world, world.leeds(), world.able());
  const auto image = world.able().disk->image();
  world.take_away(world.able());
  for (int changes = 0; changes < 2; ++changes) {
    world.change_log_key();
    letters_are_proved(world, world.leeds(), charity);
  }
  // Its mail waits, and says what its sender was shown since.
  refer(world, world.leeds(), add_client(world, world.leeds()), world.able());
  world.run();
  world.able().may_connect = true;
  letters_are_proved(world, world.leeds(), world.able());
  // And so does one that is restored from before.
  world.restore_node(world.able(), image);
  world.run(std::chrono::minutes(1));
  letters_are_proved(world, world.leeds(), world.able());
  world.run(std::chrono::minutes(3));
  nobody_alarms(world, {&world.leeds(), &world.able(), &charity});
}

TEST_CASE("a node joins after changes of the logs' key, whichever of them its invitation names",
          "[scenario]") {
  Two world(192);
  std::vector<crypto::WitnessKey> keys{world.broker_config.log_key->public_key()};
  for (int changes = 0; changes < 2; ++changes) {
    world.change_log_key();
    keys.push_back(world.broker_config.log_key->public_key());
  }
  for (std::size_t which = 0; which < keys.size(); ++which) {
    world.invited = [&](certs::Invitation& invitation) { invitation.log_keys = {keys[which]}; };
    auto& node = world.join("provider-" + std::to_string(which), NodeRole::provider, "(invented)");
    world.run();
    letters_are_proved(world, world.leeds(), node);
    world.run(std::chrono::minutes(2));
    nobody_alarms(world, {&world.leeds(), &node});
  }
  // One that names a key of nobody's is not satisfied with what it is told.
  world.invited = [&](certs::Invitation& invitation) {
    invitation.log_keys = {crypto::Ed25519Key::generate().public_key()};
  };
  auto& other = world.join("misled", NodeRole::provider, "(invented)");
  world.run(std::chrono::minutes(2));
  CHECK(log_alarms(world, other) == std::set<std::string>{"log_unsigned", "registry_unlogged"});
}

TEST_CASE("a change of the logs' key that the former key has not signed is refused", "[scenario]") {
  Two world(193);
  letters_are_proved(world, world.leeds(), world.able());
  const auto thief = crypto::Ed25519Key::generate();
  rewrite_change(world, world.able().id, [&](wire::LogKey& change) {
    change.key = {thief.public_key().octets};
    const auto authority = crypto::sha256(world.able().engine->installation().authority);
    change.signature = thief.sign(wire::signed_bytes_of(change, Fingerprint{authority.octets}));
  });
  world.change_log_key();
  for (int steps = 0; steps < 1000; ++steps) {
    world.step();
    world.pass(std::chrono::milliseconds(100));
  }
  CHECK(log_alarms(world, world.able()).count("log_key_refused") == 1);
  CHECK(log_alarms(world, world.leeds()).empty());  // which has not asked since
  node::Sql sql(world.able().engine->database());
  for (const auto& each : node::LogStore(sql).keys())
    CHECK(each.key != thief.public_key());
}

TEST_CASE("a change of the logs' key that one node is not told shows by what others write",
          "[scenario]") {
  Two world(194);
  letters_are_proved(world, world.leeds(), world.able());
  // Its copy of the registry stands still, and its view of the logs.
  Bytes last;
  world.drop = [&](const Node& node, ByteView frame, bool to_node) {
    return to_node && node.id == world.able().id && is<wire::Entries>(frame);
  };
  world.rewrite = [&](const Node& node, Bytes& frame) {
    if (node.id != world.able().id || !is<wire::Proofs>(frame)) return;
    if (last.empty()) last = frame;
    frame = last;
  };
  world.change_log_key();
  for (int letters = 0; letters < 2; ++letters) {
    refer(world, world.leeds(), add_client(world, world.leeds()), world.able());
    world.run(std::chrono::minutes(2));
  }
  CHECK(log_alarms(world, world.able()).count("log_key_unknown") == 1);
  // Once it is told, it knows better.
  world.drop = nullptr;
  world.rewrite = nullptr;
  world.disconnect(world.able());
  world.run(std::chrono::minutes(3));
  CHECK(log_alarms(world, world.able()).empty());
}

TEST_CASE(
    "an exchange that signs by a key it does not name is withholding its registry, though it "
    "reconnects each minute",
    "[scenario]") {
  Two world(195);
  letters_are_proved(world, world.leeds(), world.able());
  world.drop = [&](const Node& node, ByteView frame, bool to_node) {
    return to_node && node.id == world.able().id && is<wire::Entries>(frame);
  };
  world.take_away(world.able());
  world.change_log_key();
  refer(world, world.leeds(), add_client(world, world.leeds()), world.able());
  world.run();
  world.able().may_connect = true;
  for (int minutes = 0; minutes < 5; ++minutes) {
    world.run(std::chrono::seconds(50));
    world.disconnect(world.able());
  }
  world.run();
  CHECK(log_alarms(world, world.able()).count("registry_withheld") == 1);
}

TEST_CASE(
    "an exchange restored from before a change of its logs' key strands no node, and that is "
    "said until it is changed again",
    "[scenario]") {
  Two world(195);
  letters_are_proved(world, world.leeds(), world.able());
  const auto backup = world.broker_disk->image();
  const auto first = world.broker_config.log_key;
  world.change_log_key();
  auto& charity = world.join("charity", NodeRole::provider, "Charity (invented)");
  world.run();
  CHECK(charity.engine->installation().log_keys != world.leeds().engine->installation().log_keys);
  letters_are_proved(world, world.leeds(), charity);
  world.broker_config.log_key = first;
  world.restore_broker(backup);
  world.run(std::chrono::minutes(15), 40000);
  for (auto* node : {&world.able(), &charity}) {
    letters_are_proved(world, world.leeds(), *node);
    CHECK(log_alarms(world, *node) == std::set<std::string>{"log_key_former"});
  }
  world.change_log_key();
  for (auto* node : {&world.able(), &charity})
    letters_are_proved(world, world.leeds(), *node);
  world.run(std::chrono::minutes(3));
  nobody_alarms(world, {&world.leeds(), &world.able(), &charity});
}
