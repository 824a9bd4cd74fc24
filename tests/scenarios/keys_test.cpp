#include <catch2/catch.hpp>
#include <set>

#include "node/shell/keys.h"
#include "tests/scenarios/world.h"

using namespace liaison;
using namespace liaison::scenarios;

TEST_CASE("a node restored from before its signing key was renewed says that it must join again",
          "[scenario]") {
  Two world(28);
  auto& leeds = world.leeds();
  const auto alarms = [&] {
    std::vector<std::string> out;
    for (const auto& each : leeds.engine->status(world.now(leeds)).alarms)
      if (each.kind == "signing_key_lost" || each.kind == "renewal_refused")
        out.push_back(each.kind);
    return out;
  };
  CHECK_FALSE(leeds.keys->has(node::joining_key));  // kept under its own name alone
  const auto image = leeds.disk->image();
  const auto keys = World::keys_in_backup(leeds);
  const auto before = leeds.engine->installation().certificate;
  world.pass(std::chrono::hours(24 * 61));
  world.run(std::chrono::seconds(120));
  REQUIRE(leeds.engine->installation().certificate != before);
  CHECK(alarms().empty());
  world.restore_node(leeds, image, keys);
  world.run(std::chrono::seconds(120));
  CHECK(leeds.engine->installation().certificate == before);
  CHECK(alarms() == std::vector<std::string>{"signing_key_lost"});
}

TEST_CASE("a node that lost its disk and joined again gets back what the others have",
          "[scenario]") {
  Two world(27);
  auto id = add_client(world, world.leeds());
  auto of = refer(world, world.leeds(), id, world.able());
  world.run();
  accept(world, world.able(), id, of);
  world.run();
  world.lose(world.able());
  world.run();
  CHECK(world.able().engine->cases().empty());
  // Its new key is not the old one's word: a person at the office makes sure of it.
  auto peer = world.leeds().engine->peer(world.able().id);
  REQUIRE(peer->unproven_key);
  REQUIRE(world.leeds().engine->confirm_key(world.able().id, *peer->unproven_key,
                                            world.now(world.leeds())));
  world.run(std::chrono::minutes(3), 20000);
  CHECK_FALSE(world.able().engine->status(world.now(world.able())).catching_up);
  CHECK(state_of(world.able(), of) == "accepted");
  casework::Start start;
  start.referral = of;
  REQUIRE(act(world, world.able(), id, caseworker(world.able()), start));
  world.run();
  CHECK(state_of(world.leeds(), of) == "started");
}

TEST_CASE("without a person, a changed key is followed after a day", "[scenario]") {
  Two world(28);
  auto id = add_client(world, world.leeds());
  world.lose(world.able());
  auto of = refer(world, world.leeds(), id, world.able());
  world.run();
  CHECK(delivery_of(world.leeds(), id, of) == "queued");
  world.pass(std::chrono::hours(25));
  world.run(std::chrono::minutes(3), 20000);
  CHECK(state_of(world.leeds(), of) == "received");
}

TEST_CASE("a node that joined again follows its own key at once", "[scenario]") {
  Two world(38);
  auto& able = world.able();
  world.lose(able);
  world.run();
  REQUIRE(world.leeds().engine->peer(able.id)->unproven_key);
  CHECK_FALSE(able.engine->peer(able.id)->unproven_key);
  world.kill(able);
  world.start(able);
  CHECK_FALSE(able.engine->peer(able.id)->unproven_key);
}

TEST_CASE("what a provider offers changes only by a key that is followed", "[scenario]") {
  Two world(56);
  const auto publish = [&](const std::string& name) {
    const auto service = R"json({"id":"cmp","name":")json" + name +
                         R"json(","status":"active","organization":{"id":"o","name":"O"}})json";
    REQUIRE(world.able().engine->publish_listing("cmp", service, false, world.now(world.able())));
    world.run();
  };
  const auto shown = [&] {
    const auto listing = world.leeds().engine->listing(world.able().id, "cmp");
    return listing ? listing->open_referral : "";
  };
  publish("Before");
  REQUIRE(shown().find("Before") != std::string::npos);
  world.lose(world.able());
  world.run();
  publish("Later");
  publish("Later still");
  CHECK(shown().find("Before") != std::string::npos);
  world.kill(world.leeds());
  world.start(world.leeds());
  world.run();
  CHECK(shown().find("Before") != std::string::npos);
  world.pass(std::chrono::hours(25));
  world.run(std::chrono::minutes(3), 20000);
  CHECK(shown().find("Later still") != std::string::npos);
}

TEST_CASE("who was shut out as of before and joined again numbers listings after those of before",
          "[scenario]") {
  Two world(58);
  const auto before = world.clock.wall;
  world.pass(std::chrono::hours(1));
  world.run();
  const auto publish = [&] {
    auto version = world.able().engine->publish_listing(
        "cmp", R"json({"id":"cmp","name":"One","status":"active"})json", false,
        world.now(world.able()));
    REQUIRE(version);
    world.run();
    return *version;
  };
  CHECK(publish() == 1);
  REQUIRE(world.broker->revoke(world.able().id, "invented reason", before, "root", world.clock));
  world.run();
  world.able().may_connect = true;
  world.lose(world.able());
  world.run(std::chrono::seconds(60));
  CHECK(publish() == 2);
  CHECK(world.able().engine->own_listings().at(0).replicated);
}

TEST_CASE("a renewal that a recovering broker refused is asked for again on the same connection",
          "[scenario]") {
  Two world(67);
  auto& leeds = world.leeds();
  const auto image = world.broker_disk->image();
  const auto before = leeds.engine->installation().certificate;
  for (auto* node : {&leeds, &world.able()}) {
    world.take_away(*node);
  }
  world.pass(std::chrono::hours(24 * 61));
  world.restore_broker(image);
  leeds.may_connect = true;
  world.run();
  REQUIRE(leeds.engine->status(world.now(leeds)).link == node::LinkState::ready);
  REQUIRE(leeds.engine->installation().certificate == before);
  const auto connection = leeds.connection;
  SECTION("when the broker says that it has recovered") {}
  SECTION("after an hour") {
    world.drop = [&](const Node&, ByteView frame, bool to_node) {
      return to_node && is<wire::Welcome>(frame);
    };
  }
  world.pass(std::chrono::minutes(11));
  world.run(std::chrono::seconds(70), 20000);
  CHECK((leeds.engine->installation().certificate == before) == bool(world.drop));
  world.pass(std::chrono::hours(1));
  world.run(std::chrono::seconds(70), 20000);
  CHECK(leeds.engine->installation().certificate != before);
  CHECK(leeds.connection == connection);
}

TEST_CASE("a certificate is renewed over the link, and the new one is used", "[scenario]") {
  Two world(33);
  auto before = world.leeds().engine->installation().certificate;
  world.pass(std::chrono::hours(24 * 61));
  for (auto* node : {&world.leeds(), &world.able()})
    world.disconnect(*node);
  world.run(std::chrono::minutes(3), 20000);
  CHECK(world.leeds().engine->installation().certificate != before);
  auto id = add_client(world, world.leeds());
  auto of = refer(world, world.leeds(), id, world.able());
  world.run();
  CHECK(state_of(world.leeds(), of) == "received");
  world.kill(world.leeds());
  world.start(world.leeds());
  world.run();
  CHECK(world.leeds().engine->status(world.now(world.leeds())).link == node::LinkState::ready);
}

TEST_CASE("a node whose certificate ended while it was away renews it and goes on", "[scenario]") {
  Two world(34);
  world.take_away(world.able());
  world.pass(std::chrono::hours(24 * 100));
  world.run(std::chrono::minutes(3), 20000);
  world.able().may_connect = true;
  world.run(std::chrono::minutes(3), 20000);
  CHECK(world.able().engine->status(world.now(world.able())).link == node::LinkState::ready);
  auto id = add_client(world, world.leeds());
  auto of = refer(world, world.leeds(), id, world.able());
  world.run(std::chrono::minutes(3), 20000);
  CHECK(state_of(world.leeds(), of) == "received");
}

TEST_CASE("a restored broker renews no certificate until it is told who was shut out",
          "[scenario]") {
  Two world(44);
  auto& leeds = world.leeds();
  world.take_away(leeds);
  for (int days = 0; days < 92; ++days) {
    world.pass(std::chrono::hours(24));
    world.run();
  }
  const auto ended = leeds.engine->installation().certificate;
  const auto image = world.broker_disk->image();
  const bool shut_out = GENERATE(true, false);
  if (shut_out) {
    REQUIRE(world.broker->revoke(leeds.id, "invented reason", std::nullopt, "root", world.clock));
    world.run();
  }
  world.take_away(world.able());
  world.restore_broker(image);
  leeds.may_connect = true;
  world.run();
  CHECK(leeds.engine->installation().certificate == ended);
  CHECK(leeds.engine->status(world.now(leeds)).link == node::LinkState::renew_only);
  world.able().may_connect = true;
  world.pass(std::chrono::minutes(11));
  world.run(std::chrono::minutes(6), 20000);
  const auto link = leeds.engine->status(world.now(leeds)).link;
  CHECK((link == node::LinkState::ready) == !shut_out);
  CHECK((leeds.engine->installation().certificate == ended) == shut_out);
}

TEST_CASE("letters arrive though a certificate ended when all clocks were set", "[scenario]") {
  Two world(36);
  const auto before = world.leeds().engine->installation().certificate;
  for (int days = 0; days < 59; ++days) {
    world.pass(std::chrono::hours(24));
    world.run();
  }
  auto& charity = world.join("charity", NodeRole::provider, "Charity (invented)");
  world.run(std::chrono::minutes(3), 20000);
  world.clock.wall += std::chrono::hours(24 * 32);
  world.run(std::chrono::minutes(3), 20000);
  auto id = add_client(world, world.leeds());
  auto of = refer(world, world.leeds(), id, charity);
  world.run(std::chrono::minutes(3), 20000);
  // The office renews on the next day only, in case the clocks are set back, and until then has no
  // key to be written to.
  CHECK(world.leeds().engine->installation().certificate == before);
  CHECK(state_of(charity, of) == "received");
  world.pass(std::chrono::hours(25));
  world.run(std::chrono::minutes(3), 20000);
  CHECK(world.leeds().engine->installation().certificate != before);
  CHECK(state_of(world.leeds(), of) == "received");
}

TEST_CASE("a letter is not taken whose signer's certificate had ended when it was accepted",
          "[scenario]") {
  Two world(55);
  // The office's certificate is not renewed, as if it had been away, but it hears of the provider's
  // keys.
  world.drop = [&](const Node& node, ByteView frame, bool to_node) {
    return node.id == world.leeds().id && !to_node && is<wire::Renewal>(frame);
  };
  for (int days = 0; days < 89; ++days) {
    world.pass(std::chrono::hours(24));
    world.run(std::chrono::minutes(3), 20000);
  }
  const auto certificate =
      crypto::Certificate::parse(world.leeds().engine->installation().certificate).value();
  REQUIRE(world.clock.wall < certificate.not_after());
  std::vector<wire::Delivery> held;
  world.drop = [&](const Node& node, ByteView frame, bool to_node) {
    if (node.id == world.leeds().id) return !to_node && is<wire::Renewal>(frame);
    auto decoded = wire::decode_frame(frame);
    auto* deliveries = decoded ? std::get_if<std::vector<wire::Delivery>>(&*decoded) : nullptr;
    if (!to_node || deliveries == nullptr) return false;
    held.insert(held.end(), deliveries->begin(), deliveries->end());
    return true;
  };
  const auto id = add_client(world, world.leeds());
  const auto of = refer(world, world.leeds(), id, world.able());
  world.run();
  REQUIRE_FALSE(held.empty());
  // A broker that keeps it for days and says that it was accepted only then.
  world.disconnect(world.leeds());
  world.leeds().may_connect = false;
  for (int days = 0; days < 3; ++days) {
    world.pass(std::chrono::hours(24));
    world.run(std::chrono::minutes(3), 20000);
  }
  REQUIRE(world.clock.wall > certificate.not_after());
  const auto aside = world.able().engine->status(world.now(world.able())).set_aside;
  for (auto& each : held)
    each.accepted_at = world.clock.wall;
  world.able().to_node.push_back(wire::encode(wire::Frame(held)));
  world.drop = nullptr;
  world.run(std::chrono::minutes(3), 20000);
  CHECK(referral(world.able(), of) == nullptr);
  CHECK(world.able().engine->status(world.now(world.able())).set_aside > aside);
}

TEST_CASE("a sealing key retired while the clocks were behind is kept for 45 days that passed",
          "[scenario]") {
  Two world(60);
  auto& leeds = world.leeds();
  const auto days = [&](int count) {
    for (int day = 0; day < count; ++day) {
      world.pass(std::chrono::hours(24));
      world.run();
    }
  };
  const auto retired = [&] {
    auto count = leeds.engine->database().prepare("SELECT fingerprint FROM own_key WHERE state=2");
    std::set<Fingerprint> out;
    for (auto rows = count.query(); rows.next();)
      out.insert(rows.id<Fingerprint>(0));
    return out;
  };
  days(65);
  const auto before = retired();
  // What was made five days ago seems to be of next week: another takes its place.
  world.clock.wall -= std::chrono::hours(24 * 11);
  world.run(std::chrono::minutes(3), 20000);
  auto keys = retired();
  std::erase_if(keys, [&](const auto& key) { return before.count(key) != 0; });
  REQUIRE(keys.size() == 1);
  const bool off = GENERATE(true, false);
  if (off) world.kill(leeds);
  world.clock.wall += std::chrono::hours(24 * 11);
  if (off) {
    world.pass(std::chrono::hours(24 * 33));
    world.start(leeds);
  } else {
    days(33);
  }
  days(3);
  CHECK(retired().count(*keys.begin()) == 1);
  days(off ? 42 : 10);  // an absence counts for 20 hours
  CHECK(retired().count(*keys.begin()) == 0);
}
