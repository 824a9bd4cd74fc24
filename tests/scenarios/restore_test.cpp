#include <catch2/catch.hpp>

#include "node/shell/keys.h"
#include "tests/scenarios/world.h"
#include "wire/frame.h"

using namespace liaison;
using namespace liaison::scenarios;

namespace {

struct Two : World {
  explicit Two(std::uint64_t seed = 1) : World(seed) {
    join("jcp-leeds", NodeRole::adviser, "Leeds office (invented)");
    join("able-futures", NodeRole::provider, "Able Futures (invented)");
    run();
  }
  Node& leeds() { return node("jcp-leeds"); }
  Node& able() { return node("able-futures"); }
};

struct Forgotten {
  CaseId id;
  ReferralId referral;
};

/// The office refers while the provider is away, and the broker is restored from a moment before.
Forgotten refer_and_forget(Two& world) {
  const auto image = world.broker_disk->image();
  world.able().may_connect = false;
  world.disconnect(world.able());
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

TEST_CASE("a receipt that a restored broker lost comes again, though it knows the letter as taken",
          "[scenario]") {
  Two world(39);
  world.leeds().may_connect = false;
  world.disconnect(world.leeds());
  auto id = add_client(world, world.leeds());
  auto of = refer(world, world.leeds(), id, world.able());
  // The provider's receipt is kept from the broker until that is backed up.
  world.drop = [&](const Node& node, ByteView frame, bool to_node) {
    auto decoded = wire::decode_frame(frame);
    return !to_node && node.id == world.able().id && decoded &&
           std::holds_alternative<std::vector<wire::Letter>>(*decoded);
  };
  world.leeds().may_connect = true;
  world.run();
  REQUIRE(state_of(world.able(), of) == "received");
  REQUIRE(world.broker->counts().waiting_letters == 0);
  world.leeds().may_connect = false;
  world.disconnect(world.leeds());
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
    auto decoded = wire::decode_frame(frame);
    return !to_node && node.id == world.leeds().id && decoded &&
           std::holds_alternative<std::vector<wire::Letter>>(*decoded);
  };
  auto of = refer(world, world.leeds(), id, world.able());
  world.run();
  world.drop = nullptr;
  world.leeds().may_connect = false;
  world.disconnect(world.leeds());
  days(19);
  // Nobody is there while the restored broker asks what it lacks.
  world.able().may_connect = false;
  world.disconnect(world.able());
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

TEST_CASE("a restored provider decides nothing until the office has told it what it had done",
          "[scenario]") {
  Two world(23);
  auto id = add_client(world, world.leeds());
  auto of = refer(world, world.leeds(), id, world.able());
  world.run();
  auto image = world.able().disk->image();
  casework::Accept accept;
  accept.referral = of;
  REQUIRE(act(world, world.able(), id, caseworker(world.able()), accept));
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
  casework::Accept accept;
  accept.referral = of;
  REQUIRE(act(world, world.able(), id, caseworker(world.able()), accept));
  // The office ends when it has the letter and has not opened it: it will open it with care.
  bool came = false;
  world.drop = [&](const Node& node, ByteView frame, bool to_node) {
    auto decoded = wire::decode_frame(frame);
    came = came || (to_node && node.id == world.leeds().id && decoded &&
                    std::holds_alternative<std::vector<wire::Delivery>>(*decoded));
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

TEST_CASE("a restored provider waits for an office that is away for longer than a letter lasts",
          "[scenario]") {
  Two world(42);
  auto id = add_client(world, world.leeds());
  auto of = refer(world, world.leeds(), id, world.able());
  world.run();
  const auto image = world.able().disk->image();
  casework::Accept accept;
  accept.referral = of;
  REQUIRE(act(world, world.able(), id, caseworker(world.able()), accept));
  world.run();
  world.leeds().may_connect = false;
  world.disconnect(world.leeds());
  world.restore_node(world.able(), image);
  for (int day = 0; day < 33; ++day) {
    world.pass(std::chrono::hours(24));
    world.run(std::chrono::minutes(3), 20000);
  }
  REQUIRE(world.able().engine->status(world.now(world.able())).catching_up);
  world.leeds().may_connect = true;
  world.run(std::chrono::minutes(3), 20000);
  CHECK_FALSE(world.able().engine->status(world.now(world.able())).catching_up);
  CHECK(state_of(world.able(), of) == "accepted");
}

TEST_CASE("a restored broker that forgot a recipient is told of it before letters are given up",
          "[scenario]") {
  Two world(43);
  const auto image = world.broker_disk->image();
  auto& charity = world.join("charity", NodeRole::provider, "Charity (invented)");
  world.run();
  charity.may_connect = false;
  world.disconnect(charity);
  auto id = add_client(world, world.leeds());
  auto of = refer(world, world.leeds(), id, charity);
  world.run();
  REQUIRE(delivery_of(world.leeds(), id, of) == "accepted");
  for (auto* node : {&world.able(), &world.leeds()}) {
    node->may_connect = false;
    world.disconnect(*node);
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

TEST_CASE("a person can override the wait for a node that will not answer", "[scenario]") {
  Two world(24);
  auto id = add_client(world, world.leeds());
  auto of = refer(world, world.leeds(), id, world.able());
  world.run();
  auto image = world.leeds().disk->image();
  world.able().may_connect = false;
  world.disconnect(world.able());
  world.restore_node(world.leeds(), image);
  world.run();
  auto note =
      act(world, world.leeds(), id, adviser(world.leeds()), casework::WriteNote{"Rang them."});
  REQUIRE_FALSE(note);
  REQUIRE(world.leeds().engine->override_catch_up(id, world.now(world.leeds())));
  CHECK(act(world, world.leeds(), id, adviser(world.leeds()), casework::WriteNote{"Rang them."}));
  (void)of;
}

TEST_CASE("a restored node goes on without an office that it shares no case with", "[scenario]") {
  Two world(29);
  auto& far = world.join("jcp-bradford", NodeRole::adviser, "Bradford office (invented)");
  world.run();
  auto id = add_client(world, world.leeds());
  auto of = refer(world, world.leeds(), id, world.able());
  world.run();
  auto image = world.able().disk->image();
  far.may_connect = false;
  world.disconnect(far);
  world.restore_node(world.able(), image);
  world.run(std::chrono::seconds(60));
  // The case's lead office has answered: the provider decides, though Bradford has not.
  casework::Accept accept;
  accept.referral = of;
  REQUIRE(act(world, world.able(), id, caseworker(world.able()), accept));
  world.run();
  CHECK(state_of(world.leeds(), of) == "accepted");
  CHECK(world.able().engine->status(world.now(world.able())).catching_up);
  // And after a day nobody waits for it any more.
  world.pass(std::chrono::hours(25));
  world.run(std::chrono::minutes(3), 20000);
  CHECK_FALSE(world.able().engine->status(world.now(world.able())).catching_up);
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
  acorn.may_connect = false;
  world.disconnect(acorn);
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
  world.able().may_connect = false;
  world.disconnect(world.able());
  auto id = add_client(world, world.leeds());
  auto of = refer(world, world.leeds(), id, world.able());
  world.run();
  REQUIRE(delivery_of(world.leeds(), id, of) == "accepted");
  world.restore_node(world.able(), world.able().disk->image());
  world.able().may_connect = true;
  int lost = 0;
  world.drop = [&](const Node& node, ByteView frame, bool to_node) {
    auto decoded = wire::decode_frame(frame);
    const bool says_so = decoded && std::holds_alternative<std::vector<wire::SetAside>>(*decoded);
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
