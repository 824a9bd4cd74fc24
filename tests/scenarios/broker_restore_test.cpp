#include <catch2/catch.hpp>

#include "tests/scenarios/world.h"
#include "wire/frame.h"

using namespace liaison;
using namespace liaison::scenarios;

namespace {

struct Forgotten {
  CaseId id;
  ReferralId referral;
};

/// The office refers while the provider is away, and the broker is restored from a moment before.
Forgotten refer_and_forget(Two& world) {
  const auto image = world.broker_disk->image();
  world.take_away(world.able());
  const auto id = add_client(world, world.leeds());
  const auto of = refer(world, world.leeds(), id, world.able());
  world.run();
  CHECK(delivery_of(world.leeds(), id, of) == "accepted");
  world.restore_broker(image);
  return {id, of};
}

}  // namespace

TEST_CASE("what a restored broker had forgotten arrives all the same", "[scenario]") {
  Two world(21);
  const auto [id, of] = refer_and_forget(world);
  world.able().may_connect = true;
  world.run(std::chrono::seconds(60));
  CHECK(state_of(world.able(), of) == "received");
  CHECK(delivery_of(world.leeds(), id, of) == "stored");
  CHECK(world.broker->counts().waiting_letters == 0);
}

TEST_CASE("a recovering broker is told all before the word that it was all, on each connection",
          "[scenario]") {
  Two world(61);
  world.take_away(world.able());  // so that the broker goes on waiting for what it lost
  const auto image = world.broker_disk->image();
  auto& charity = world.join("charity", NodeRole::provider, "Charity (invented)");
  world.run();
  world.take_away(charity);
  world.restore_broker(image);
  std::string said;
  bool is_cut = false;
  world.drop = [&](const Node& node, ByteView frame, bool to_node) {
    if (to_node || node.id != world.leeds().id) return false;
    if (is<std::vector<wire::Publication>>(frame)) said += "all ";
    if (is<wire::Since>(frame)) said += "that was all ";
    return !is_cut && !said.empty();
  };
  for (int step = 0; step < 1000 && said.empty(); ++step)
    world.step();
  REQUIRE(said.find("all ") == 0);
  said.clear();
  is_cut = true;
  world.disconnect(world.leeds());
  world.run(std::chrono::seconds(60));
  CHECK(said.find("all that was all") == 0);
}

TEST_CASE("a receipt that a restored broker lost comes again, though it knows the letter as taken",
          "[scenario]") {
  Two world(39);
  world.take_away(world.leeds());
  auto id = add_client(world, world.leeds());
  auto of = refer(world, world.leeds(), id, world.able());
  // The provider's receipt is kept from the broker until that is backed up.
  world.drop = [&](const Node& node, ByteView frame, bool to_node) {
    return !to_node && node.id == world.able().id && is<std::vector<wire::Letter>>(frame);
  };
  world.leeds().may_connect = true;
  world.run();
  REQUIRE(state_of(world.able(), of) == "received");
  REQUIRE(world.broker->counts().waiting_letters == 0);
  world.take_away(world.leeds());
  const auto image = world.broker_disk->image();
  world.drop = nullptr;
  world.run(std::chrono::seconds(60));
  REQUIRE(world.broker->counts().waiting_letters > 0);
  world.restore_broker(image);
  world.leeds().may_connect = true;
  world.run(std::chrono::seconds(60));
  CHECK(delivery_of(world.leeds(), id, of) == "stored");
}

TEST_CASE("what was sealed to a key that a restored broker lost for good is sealed anew",
          "[scenario]") {
  Two world(40);
  const auto image = world.broker_disk->image();
  const auto days = [&](int number) {
    world.pass(std::chrono::hours(24 * number));
    world.run(std::chrono::minutes(3), 20000);
  };
  days(22);
  days(14);
  // The office seals to the provider's second key, and is away before the letter is accepted. That
  // key has ended before the letter has.
  auto id = add_client(world, world.leeds());
  world.drop = [&](const Node& node, ByteView frame, bool to_node) {
    return !to_node && node.id == world.leeds().id && is<std::vector<wire::Letter>>(frame);
  };
  auto of = refer(world, world.leeds(), id, world.able());
  world.run();
  world.drop = nullptr;
  world.take_away(world.leeds());
  days(19);
  // Nobody is there while the restored broker asks what it lacks.
  world.take_away(world.able());
  world.restore_broker(image);
  world.pass(std::chrono::minutes(11));
  world.run();
  for (auto* node : {&world.able(), &world.leeds()})
    node->may_connect = true;
  world.run(std::chrono::minutes(3), 20000);
  CHECK(state_of(world.able(), of) == "received");
  CHECK(delivery_of(world.leeds(), id, of) == "stored");
}

TEST_CASE("it arrives too when its sender ends before the restored broker takes it again",
          "[scenario]") {
  Two world(27);
  const auto [id, of] = refer_and_forget(world);
  world.run(std::chrono::seconds(5));  // leeds hears of it; able, away, keeps the broker recovering
  world.kill(world.leeds());
  world.start(world.leeds());
  world.able().may_connect = true;
  world.run(std::chrono::seconds(60));
  CHECK(state_of(world.able(), of) == "received");
  CHECK(delivery_of(world.leeds(), id, of) == "stored");
}

TEST_CASE("a listing and a sealing key that a restored broker forgot come back from the nodes",
          "[scenario]") {
  Two world(22);
  auto image = world.broker_disk->image();
  const std::string service =
      R"json({"id":"cmp","name":"Condition management","status":"active","organization":{"id":"o","name":"Able Futures (invented)"}})json";
  REQUIRE(world.able().engine->publish_listing("cmp", service, false, world.now(world.able())));
  world.run();
  REQUIRE(world.leeds().engine->listing(world.able().id, "cmp"));
  world.restore_broker(image);
  world.run(std::chrono::seconds(60));
  CHECK(world.able().engine->own_listings().at(0).replicated);
  CHECK(world.leeds().engine->listing(world.able().id, "cmp"));
  auto& third = world.join("jcp-bradford", NodeRole::adviser, "Bradford office (invented)");
  world.run();
  CHECK(third.engine->listing(world.able().id, "cmp"));
}

TEST_CASE("a restored broker that forgot a recipient is told of it before letters are given up",
          "[scenario]") {
  Two world(43);
  const auto image = world.broker_disk->image();
  auto& charity = world.join("charity", NodeRole::provider, "Charity (invented)");
  world.run();
  world.take_away(charity);
  auto id = add_client(world, world.leeds());
  auto of = refer(world, world.leeds(), id, charity);
  world.run();
  REQUIRE(delivery_of(world.leeds(), id, of) == "accepted");
  for (auto* node : {&world.able(), &world.leeds()}) {
    world.take_away(*node);
  }
  world.restore_broker(image);
  world.pass(std::chrono::minutes(11));
  world.run();
  world.leeds().may_connect = true;
  world.run(std::chrono::minutes(3), 20000);
  CHECK(world.leeds().engine->undelivered().empty());
  charity.may_connect = true;
  world.run(std::chrono::minutes(3), 20000);
  CHECK(state_of(charity, of) == "received");
}

TEST_CASE("what a restored broker will not have now it is offered again", "[scenario]") {
  Two world(66);
  const auto image = world.broker_disk->image();
  auto& charity = world.join("charity", NodeRole::provider, "Charity (invented)");
  world.run();
  world.take_away(charity);
  world.take_away(world.able());
  const auto at_most = world.broker_config.limits.publications_per_minute_max;
  world.broker_config.limits.publications_per_minute_max = 0;
  world.restore_broker(image);
  int offered = 0;
  world.drop = [&](const Node& node, ByteView frame, bool to_node) {
    if (!to_node && node.id == world.leeds().id && is<std::vector<wire::Publication>>(frame))
      ++offered;
    return false;
  };
  world.run();
  const auto at_once = std::exchange(offered, 0);
  CHECK(at_once > 0);
  world.run(std::chrono::minutes(2), 20000);
  CHECK(offered == 0);
  world.pass(std::chrono::hours(1));
  world.run(std::chrono::minutes(2), 20000);
  CHECK(offered > 0);
  world.kill_broker();
  world.broker_config.limits.publications_per_minute_max = at_most;
  world.start_broker();
  world.run();
  // Who was forgotten is let in again once it has been told of.
  charity.may_connect = true;
  world.run();
  CHECK(charity.connection != 0);
}
