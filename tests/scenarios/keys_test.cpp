#include <catch2/catch.hpp>

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
  casework::Accept accept;
  accept.referral = of;
  REQUIRE(act(world, world.able(), id, caseworker(world.able()), accept));
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
    node->may_connect = false;
    world.disconnect(*node);
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
