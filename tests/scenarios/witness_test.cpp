#include <catch2/catch.hpp>

#include "audit/cosignature.h"
#include "broker/shell/cosignatures.h"
#include "crypto/profile.h"
#include "node/shell/keys.h"
#include "tests/scenarios/world.h"

using namespace liaison;
using namespace liaison::scenarios;
using wire::LogName;

namespace {

audit::NoteKey witness_key(const Node& node) {
  const auto authority = crypto::Certificate::parse(node.engine->installation().authority).value();
  return {wire::witness_name_of(node.id, authority.fingerprint()), audit::KeyKind::cosignature,
          node.keys->ed25519(node::witness_key)->public_key()};
}

/// The sizes that a node has cosigned, of those that the broker keeps; each must hold.
std::vector<std::uint64_t> cosigned_by(World& world, const Node& node, LogName name) {
  std::vector<std::uint64_t> out;
  const auto key = witness_key(node);
  for (const auto& [size, text] : world.broker->cosignatures().kept(name)) {
    const auto note = audit::parse_note(text).value();
    const auto said = audit::cosignatures(note, std::span(&key, 1));
    REQUIRE(said);
    CHECK(audit::parse_checkpoint(note.text)->size == size);
    if (!said->empty()) out.push_back(size);
  }
  return out;
}

bool can_cosign(World& world, const Node& node) {
  return node.engine->status(world.now(node)).logs.can_cosign;
}

/// Every cosigned frame that a node says from now on.
std::shared_ptr<std::vector<std::pair<Duration, wire::Cosigned>>> hear(World& world,
                                                                       const NodeId& from) {
  auto out = std::make_shared<std::vector<std::pair<Duration, wire::Cosigned>>>();
  world.drop = [out, from, &world](const Node& node, ByteView frame, bool to_node) {
    if (to_node || node.id != from) return false;
    auto decoded = wire::decode_frame(frame);
    if (auto* cosigned = decoded ? std::get_if<wire::Cosigned>(&*decoded) : nullptr)
      out->emplace_back(world.clock.steady, *cosigned);
    return false;
  };
  return out;
}

}  // namespace

TEST_CASE("nodes cosign both logs as they grow, once a minute", "[scenario]") {
  Two world(110);
  const auto heard = hear(world, world.leeds().id);
  for (int letters = 0; letters < 6; ++letters) {
    refer(world, world.leeds(), add_client(world, world.leeds()), world.able());
    world.run(std::chrono::seconds(15), 20000);
  }
  world.run(std::chrono::minutes(6), 40000);
  REQUIRE(heard->size() > 1);
  for (std::size_t at = 1; at < heard->size(); ++at)
    CHECK((*heard)[at].first >= (*heard)[at - 1].first + std::chrono::minutes(1));
  for (auto* node : {&world.leeds(), &world.able()})
    for (const auto name : {LogName::registry, LogName::message}) {
      CHECK(can_cosign(world, *node));
      const auto sizes = cosigned_by(world, *node, name);
      REQUIRE_FALSE(sizes.empty());
      CHECK(sizes.back() == world.broker->logs().of(name).newest()->checkpoint.size);
    }
  CHECK(world.broker->counts().strikes == 0);
}

TEST_CASE("nodes go on cosigning after each side's restart, and after the exchange was restored",
          "[scenario]") {
  Two world(111);
  refer(world, world.leeds(), add_client(world, world.leeds()), world.able());
  world.run(std::chrono::minutes(2), 20000);
  const auto before = cosigned_by(world, world.leeds(), LogName::message);
  REQUIRE_FALSE(before.empty());
  const auto backup = world.broker_disk->image();
  world.kill_broker();
  world.kill(world.leeds());
  world.start_broker();
  world.start(world.leeds());
  CHECK(cosigned_by(world, world.leeds(), LogName::message) == before);
  refer(world, world.leeds(), add_client(world, world.leeds()), world.able());
  world.run(std::chrono::minutes(7), 40000);
  CHECK(cosigned_by(world, world.leeds(), LogName::message).back() > before.back());
  world.restore_broker(backup);
  CHECK(cosigned_by(world, world.leeds(), LogName::message).empty());
  refer(world, world.leeds(), add_client(world, world.leeds()), world.able());
  world.run(std::chrono::minutes(15), 60000);
  CHECK_FALSE(cosigned_by(world, world.leeds(), LogName::message).empty());
  CHECK(world.broker->counts().strikes == 0);
}

TEST_CASE("who was restored, and may have cosigned what it does not know of, cosigns no more",
          "[scenario]") {
  Two world(112);
  refer(world, world.leeds(), add_client(world, world.leeds()), world.able());
  world.run(std::chrono::minutes(1), 20000);
  const auto image = world.able().disk->image();
  refer(world, world.leeds(), add_client(world, world.leeds()), world.able());
  world.run(std::chrono::minutes(7), 40000);
  const auto before = cosigned_by(world, world.able(), LogName::message);
  REQUIRE_FALSE(before.empty());
  world.restore_node(world.able(), image);
  CHECK_FALSE(can_cosign(world, world.able()));
  const auto heard = hear(world, world.able().id);
  refer(world, world.leeds(), add_client(world, world.leeds()), world.able());
  world.run(std::chrono::minutes(12), 60000);
  CHECK(heard->empty());
  CHECK(cosigned_by(world, world.leeds(), LogName::message).back() > before.back());
  SECTION("also after it was started again") {
    world.kill(world.able());
    world.start(world.able());
    CHECK_FALSE(can_cosign(world, world.able()));
  }
  SECTION("until it joins anew, with keys of its own") {
    world.drop = nullptr;
    world.lose(world.able());
    CHECK(can_cosign(world, world.able()));
    world.run(std::chrono::minutes(7), 60000);
    CHECK_FALSE(cosigned_by(world, world.able(), LogName::message).empty());
  }
}

TEST_CASE("a node whose store was lost, and whose keys were not, cosigns no more", "[scenario]") {
  Two world(113);
  world.run(std::chrono::minutes(1), 20000);
  CHECK(can_cosign(world, world.able()));
  auto keys = *world.able().keys;
  world.lose(world.able(), keys);
  CHECK_FALSE(can_cosign(world, world.able()));
  const auto heard = hear(world, world.able().id);
  world.run(std::chrono::minutes(7), 60000);
  CHECK(heard->empty());
}
