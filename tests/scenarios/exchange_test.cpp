#include <catch2/catch.hpp>

#include "tests/scenarios/world.h"

using namespace liaison;
using namespace liaison::scenarios;

TEST_CASE("nodes that joined know each other and have keys to be written to", "[scenario]") {
  Two world;
  for (auto* node : {&world.leeds(), &world.able()}) {
    auto status = node->engine->status(world.now(*node));
    CHECK(status.link == node::LinkState::ready);
    CHECK(status.registry_current);
    CHECK(status.incarnation == 1);
    CHECK(node->engine->peers().size() == 2);
    for (const auto& peer : node->engine->peers())
      CHECK(peer.reachable);
  }
}

TEST_CASE("the same document, sent to the same provider in a second case, is sent again",
          "[scenario]") {
  Two world;
  Bytes octets(500 * 1024, 7);
  const auto about = node::describe_attachment("letter.pdf", wire::AttachmentKind::pdf, octets);
  const auto send = [&] {
    const auto id = add_client(world, world.leeds());
    const auto of = refer(world, world.leeds(), id, world.able(), {{about, octets}});
    world.run();
    CHECK(state_of(world.able(), of) == "received");
    const auto got = world.able().engine->attachment(id, about.digest);
    REQUIRE(got);
    CHECK(*got == octets);
    return id;
  };
  const auto first = send();
  const auto second = send();
  // Each has its own, under its case's key: with the first case's goes nothing of the second's.
  REQUIRE(world.able().engine->dispose(first, world.now(world.able())));
  CHECK_FALSE(world.able().engine->attachment(first, about.digest));
  CHECK(world.able().engine->attachment(second, about.digest));
}

TEST_CASE("a referral goes there, is answered and the office sees each step", "[scenario]") {
  Two world;
  auto id = add_client(world, world.leeds());
  auto of = refer(world, world.leeds(), id, world.able());
  CHECK(delivery_of(world.leeds(), id, of) == "queued");
  world.run();
  CHECK(state_of(world.able(), of) == "received");
  CHECK(state_of(world.leeds(), of) == "received");
  CHECK(delivery_of(world.leeds(), id, of) == "stored");
  REQUIRE(world.able().engine->opened(id, of, world.now(world.able())));
  REQUIRE(world.able().engine->opened(id, of, world.now(world.able())));
  world.run();
  CHECK(delivery_of(world.leeds(), id, of) == "opened");

  auto ken = caseworker(world.able());
  REQUIRE(act(world, world.able(), id, ken, casework::Ask{of, "Which mornings?"}));
  world.run();
  REQUIRE(referral(world.leeds(), of)->questions.size() == 1);
  REQUIRE(act(world, world.leeds(), id, adviser(world.leeds()),
              casework::Answer{of, std::nullopt, "Tuesdays"}));
  world.run();
  CHECK(referral(world.leeds(), of)->questions.front().taken);
  casework::Accept accept;
  accept.referral = of;
  REQUIRE(act(world, world.able(), id, ken, accept));
  casework::Start start;
  start.referral = of;
  REQUIRE(act(world, world.able(), id, ken, start));
  world.run();
  CHECK(state_of(world.leeds(), of) == "started");
  for (auto* node : {&world.leeds(), &world.able()}) {
    auto status = node->engine->status(world.now(*node));
    CHECK(status.outbox_waiting == 0);
    CHECK(status.outbox_unreceipted == 0);
    CHECK(status.set_aside == 0);
    CHECK(status.inbox_held == 0);
  }
  CHECK(world.broker->counts().waiting_letters == 0);
}

TEST_CASE("an attachment arrives in parts and is whole", "[scenario]") {
  Two world;
  auto id = add_client(world, world.leeds());
  Bytes octets(900 * 1024);
  for (std::size_t i = 0; i < octets.size(); ++i)
    octets[i] = static_cast<std::uint8_t>(i * 7 + i / 251);
  auto about = node::describe_attachment("letter.pdf", wire::AttachmentKind::pdf, octets);
  auto of = refer(world, world.leeds(), id, world.able(), {{about, octets}});
  world.run();
  auto got = world.able().engine->attachment(id, about.digest);
  REQUIRE(got);
  CHECK(*got == octets);
  CHECK(state_of(world.leeds(), of) == "received");
}

TEST_CASE("what was queued arrives though everything is killed at every step", "[scenario]") {
  // The story's frames are counted first; then it runs again, each time with one end killed at one
  // of them.
  for (int victim = 0; victim < 3; ++victim) {
    for (int at = 0; at < 24; ++at) {
      INFO("victim " << victim << " at step " << at);
      Two world(static_cast<std::uint64_t>(100 + victim * 50 + at));
      auto id = add_client(world, world.leeds());
      auto of = refer(world, world.leeds(), id, world.able());
      world.leeds().engine->turn(world.now(world.leeds()));  // told "queued"
      for (int step = 0; step < at; ++step)
        world.step();
      if (victim == 0) {
        world.power_off(world.leeds());
        world.start(world.leeds());
      } else if (victim == 1) {
        world.power_off(world.able());
        world.start(world.able());
      } else {
        world.kill_broker();
        world.start_broker();
      }
      world.run(std::chrono::seconds(40));
      CHECK(state_of(world.able(), of) == "received");
      CHECK(state_of(world.leeds(), of) == "received");
      CHECK(delivery_of(world.leeds(), id, of) == "stored");
      CHECK(world.leeds().engine->status(world.now(world.leeds())).outbox_waiting == 0);
      CHECK(world.able().engine->status(world.now(world.able())).outbox_unreceipted == 0);
    }
  }
}

TEST_CASE("a recipient away for weeks gets its mail, and one away for longer is reported",
          "[scenario]") {
  Two world(35);
  auto id = add_client(world, world.leeds());
  world.take_away(world.able());
  auto of = refer(world, world.leeds(), id, world.able());
  world.run();
  CHECK(delivery_of(world.leeds(), id, of) == "accepted");
  for (int day = 0; day < 33; ++day) {
    world.pass(std::chrono::hours(24));
    world.run(std::chrono::minutes(3), 20000);
  }
  CHECK(delivery_of(world.leeds(), id, of) == "refused");
  REQUIRE_FALSE(world.leeds().engine->undelivered().empty());
  auto failed = world.leeds().engine->undelivered().front();
  CHECK(failed.step.refused == wire::RefusalReason::expired);
  world.able().may_connect = true;
  for (const auto& each : world.leeds().engine->undelivered())
    REQUIRE(world.leeds().engine->settle_undelivered(each.step.event, each.step.recipient,
                                                     node::Engine::SeenOrAgain::again,
                                                     world.now(world.leeds())));
  world.run(std::chrono::minutes(3), 20000);
  CHECK(state_of(world.leeds(), of) == "received");
  CHECK(delivery_of(world.leeds(), id, of) == "stored");
}
