#include <catch2/catch.hpp>

#include "node/shell/keys.h"
#include "tests/scenarios/world.h"
#include "wire/frame.h"

using namespace liaison;
using namespace liaison::scenarios;

TEST_CASE("a restored provider decides nothing until the office has told it what it had done",
          "[scenario]") {
  Two world(23);
  auto id = add_client(world, world.leeds());
  auto of = refer(world, world.leeds(), id, world.able());
  world.run();
  auto image = world.able().disk->image();
  accept(world, world.able(), id, of);
  world.run();
  REQUIRE(state_of(world.leeds(), of) == "accepted");

  world.able().may_connect = false;
  world.restore_node(world.able(), image);
  CHECK(state_of(world.able(), of) == "received");
  CHECK(world.able().engine->status(world.now(world.able())).catching_up);
  casework::Decline decline;
  decline.referral = of;
  decline.reason = wire::events::DeclineReason::no_capacity;
  auto early = act(world, world.able(), id, caseworker(world.able()), decline);
  REQUIRE_FALSE(early);
  CHECK(early.error().reason == Reason::unavailable);

  world.able().may_connect = true;
  world.run(std::chrono::seconds(60));
  CHECK_FALSE(world.able().engine->status(world.now(world.able())).catching_up);
  CHECK(world.able().engine->status(world.now(world.able())).incarnation > 1);
  CHECK(state_of(world.able(), of) == "accepted");
  casework::Start start;
  start.referral = of;
  REQUIRE(act(world, world.able(), id, caseworker(world.able()), start));
  world.run();
  CHECK(state_of(world.leeds(), of) == "started");
  CHECK(referral(world.leeds(), of)->strand.equivocations.empty());
}

TEST_CASE("a restored provider is told what lay unopened at the office when it asked",
          "[scenario]") {
  Two world(38);
  auto id = add_client(world, world.leeds());
  auto of = refer(world, world.leeds(), id, world.able());
  world.run();
  const auto image = world.able().disk->image();
  accept(world, world.able(), id, of);
  // The office ends when it has the letter and has not opened it: it will open it with care.
  bool came = false;
  world.drop = [&](const Node& node, ByteView frame, bool to_node) {
    came =
        came || (to_node && node.id == world.leeds().id && is<std::vector<wire::Delivery>>(frame));
    return false;
  };
  for (int step = 0; step < 200 && !came; ++step)
    world.step();
  world.drop = nullptr;
  REQUIRE(state_of(world.leeds(), of) == "received");
  world.leeds().may_connect = false;
  world.kill(world.leeds());
  world.restore_node(world.able(), image);
  world.run();
  world.leeds().may_connect = true;
  world.start(world.leeds());
  world.run(std::chrono::seconds(60));
  CHECK_FALSE(world.able().engine->status(world.now(world.able())).catching_up);
  CHECK(state_of(world.able(), of) == "accepted");
  casework::Start start;
  start.referral = of;
  REQUIRE(act(world, world.able(), id, caseworker(world.able()), start));
  world.run();
  CHECK(state_of(world.leeds(), of) == "started");
  CHECK(referral(world.leeds(), of)->strand.equivocations.empty());
}

TEST_CASE("what is asked after a second restore is not answered by what the first had asked",
          "[scenario]") {
  Two world(52);
  const auto id = add_client(world, world.leeds());
  refer(world, world.leeds(), id, world.able());
  world.run();
  const auto first = world.able().disk->image();
  world.take_away(world.leeds());
  world.restore_node(world.able(), first);
  world.run();
  const auto second = world.able().disk->image();
  world.take_away(world.able());
  world.leeds().may_connect = true;
  world.run();
  world.take_away(world.leeds());
  // With its sealing keys, so that it can open the answer that lies there.
  world.restore_node(world.able(), second, *world.able().keys);
  world.able().may_connect = true;
  world.run();
  CHECK(world.able().engine->status(world.now(world.able())).catching_up);
  world.leeds().may_connect = true;
  world.run(std::chrono::seconds(60));
  CHECK_FALSE(world.able().engine->status(world.now(world.able())).catching_up);
}

TEST_CASE("a node that is away is asked for what is missing once, not every hour", "[scenario]") {
  Two world(53);
  const auto id = add_client(world, world.leeds());
  const auto of = refer(world, world.leeds(), id, world.able());
  world.run();
  const auto image = world.leeds().disk->image();
  accept(world, world.able(), id, of);
  world.run();
  world.take_away(world.leeds());
  casework::Start start;
  start.referral = of;
  REQUIRE(act(world, world.able(), id, caseworker(world.able()), start));
  world.run();
  world.take_away(world.able());
  // With its sealing keys, so that it has what came last, and lacks what came before.
  world.restore_node(world.leeds(), image, *world.leeds().keys);
  world.leeds().may_connect = true;
  for (int hour = 0; hour < 12; ++hour) {
    world.run(std::chrono::seconds(60));
    world.pass(std::chrono::hours(1));
  }
  // What it lacks of the strand, and everything.
  CHECK(world.leeds().engine->status(world.now(world.leeds())).outbox_unreceipted == 2);
  world.able().may_connect = true;
  world.run(std::chrono::seconds(60));
  CHECK(state_of(world.leeds(), of) == "started");
}

TEST_CASE("a restored office gets back the cases it had, with their attachments", "[scenario]") {
  Two world(25);
  auto image = world.leeds().disk->image();
  auto id = add_client(world, world.leeds());
  Bytes octets(500 * 1024, 7);
  auto about = node::describe_attachment("letter.pdf", wire::AttachmentKind::pdf, octets);
  auto of = refer(world, world.leeds(), id, world.able(), {{about, octets}});
  world.run();
  REQUIRE(state_of(world.leeds(), of) == "received");
  world.restore_node(world.leeds(), image);
  CHECK(world.leeds().engine->cases().empty());
  world.run(std::chrono::minutes(3), 20000);
  CHECK(state_of(world.leeds(), of) == "received");
  auto got = world.leeds().engine->attachment(id, about.digest);
  REQUIRE(got);
  CHECK(*got == octets);
}

TEST_CASE("what a restored node is given back of its own goes to those whom it had not reached",
          "[scenario]") {
  Two world(30);
  // Nobody can seal to it yet: what is for it waits with its authors.
  auto& acorn = world.join("acorn-surgery", NodeRole::provider, "Acorn Surgery (invented)");
  world.take_away(acorn);
  auto id = add_client(world, world.leeds());
  refer(world, world.leeds(), id, world.able());
  refer(world, world.leeds(), id, acorn);
  world.run();
  auto proposals = [&](Node& at) {
    auto view = at.engine->case_view(id);
    return view ? (*view)->manager_proposals.size() : 0;
  };
  auto manager = [&](Node& at) {
    auto view = at.engine->case_view(id);
    return view ? (*view)->manager.holder.user : "";
  };

  auto image = world.able().disk->image();
  REQUIRE(act(world, world.able(), id, caseworker(world.able()),
              casework::ProposeManager{{acorn.id, "rowan", "Rowan Firth"}, "is nearer"}));
  world.run();
  REQUIRE(proposals(world.leeds()) == 1);
  world.restore_node(world.able(), image);
  CHECK(proposals(world.able()) == 0);
  world.run(std::chrono::seconds(60));
  CHECK(proposals(world.able()) == 1);

  image = world.leeds().disk->image();
  REQUIRE(act(world, world.leeds(), id, adviser(world.leeds()),
              casework::ProposeManager{{world.leeds().id, "morgan", "Morgan Vale"}, "covers"}));
  world.run();
  REQUIRE(manager(world.able()) == "morgan");
  world.restore_node(world.leeds(), image);
  CHECK(manager(world.leeds()) != "morgan");
  world.run(std::chrono::seconds(60));
  CHECK(manager(world.leeds()) == "morgan");

  acorn.may_connect = true;
  world.run(std::chrono::seconds(60));
  CHECK(proposals(acorn) == 1);
  CHECK(manager(acorn) == "morgan");
}

TEST_CASE("what is sealed to a lost key is sealed anew, though the exchange is told so twice",
          "[scenario]") {
  Two world(31);
  world.take_away(world.able());
  auto id = add_client(world, world.leeds());
  auto of = refer(world, world.leeds(), id, world.able());
  world.run();
  REQUIRE(delivery_of(world.leeds(), id, of) == "accepted");
  world.restore_node(world.able(), world.able().disk->image());
  world.able().may_connect = true;
  int lost = 0;
  world.drop = [&](const Node& node, ByteView frame, bool to_node) {
    const bool says_so = is<std::vector<wire::SetAside>>(frame);
    if (to_node || node.id != world.able().id || !says_so) return false;
    ++lost;
    return true;
  };
  world.run();
  REQUIRE(lost > 0);
  world.drop = nullptr;
  world.disconnect(world.able());  // the exchange delivers again what it was not told of
  world.run(std::chrono::seconds(60));
  CHECK(world.leeds().engine->undelivered().empty());
  CHECK(state_of(world.able(), of) == "received");
}

TEST_CASE("a case that was disposed of does not come back", "[scenario]") {
  Two world(26);
  auto id = add_client(world, world.leeds());
  auto of = refer(world, world.leeds(), id, world.able());
  world.run();
  REQUIRE(world.able().engine->dispose(id, world.now(world.able())));
  REQUIRE(act(world, world.leeds(), id, adviser(world.leeds()),
              casework::Withdraw{of, wire::events::WithdrawnBy::adviser, "moved"}));
  world.run();
  CHECK(world.able().engine->cases().empty());
  auto undelivered = world.leeds().engine->undelivered();
  REQUIRE(undelivered.size() == 1);
  CHECK(undelivered.front().step.refused == wire::RefusalReason::unopenable);
}
