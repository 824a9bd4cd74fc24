#include <catch2/catch.hpp>

#include "crypto/digest.h"
#include "node/shell/schema.h"
#include "store/failure.h"
#include "tests/scenarios/world.h"
#include "wire/frame.h"

using namespace liaison;
using namespace liaison::scenarios;

namespace {

/// Acts, and starts the node again whenever its disk ends it: as a person would who was not told
/// that it was done.
template <class Act>
void until_done(World& world, Node& node, Act act) {
  for (int attempt = 0; attempt < 5; ++attempt) {
    try {
      act();
      node.engine->turn(world.now(node));
      return;
    } catch (const store::Failure&) {
      world.power_off(node);
      world.start(node);
    }
  }
}

}  // namespace

TEST_CASE("power may fail at any write of either node, and nothing that was told is lost",
          "[scenario]") {
  for (int victim = 0; victim < 2; ++victim) {
    for (std::uint64_t operation = 1; operation < 160; operation += 3) {
      INFO("victim " << victim << ", operation " << operation);
      Two world(500 + operation * 2 + static_cast<std::uint64_t>(victim));
      auto id = add_client(world, world.leeds());
      world.leeds().engine->turn(world.now(world.leeds()));
      auto& node = victim == 0 ? world.leeds() : world.able();
      node.disk->crash_at(operation);
      ReferralId of;
      until_done(world, world.leeds(), [&] { of = refer(world, world.leeds(), id, world.able()); });
      for (int round = 0; round < 3; ++round) {
        try {
          world.run(std::chrono::seconds(40));
          break;
        } catch (const store::Failure&) {
          world.power_off(node);
          world.start(node);
        }
      }
      CHECK(state_of(world.able(), of) == "received");
      CHECK(state_of(world.leeds(), of) == "received");
      CHECK(delivery_of(world.leeds(), id, of) == "stored");
      CHECK(world.broker->counts().waiting_letters == 0);
      CHECK(world.able().engine->status(world.now(world.able())).set_aside == 0);
    }
  }
}

TEST_CASE("letters that a node could not keep for want of room are not set aside", "[scenario]") {
  Two world(41);
  const auto id = add_client(world, world.leeds());
  world.run();
  auto& able = world.able();
  world.take_away(able);
  const Bytes octets(200'000, std::uint8_t{'x'});
  const auto of =
      refer(world, world.leeds(), id, able,
            {{node::describe_attachment("letter.pdf", wire::AttachmentKind::pdf, octets), octets}});
  world.run();

  able.may_connect = true;
  for (int start = 0; start < 6; ++start) {
    able.disk->set_capacity(able.disk->bytes_used() + 40'000);
    CHECK_THROWS_AS(world.run(std::chrono::seconds(40)), store::Failure);
    able.engine.reset();
    world.disconnect(able);
    world.start(able, node::LastEnd::by_itself);
  }
  able.disk->set_capacity(std::nullopt);
  world.run(std::chrono::seconds(40));
  CHECK(able.engine->status(world.now(able)).set_aside == 0);
  CHECK(state_of(able, of) == "received");
  CHECK(delivery_of(world.leeds(), id, of) == "stored");
  CHECK(able.engine->attachment(id, crypto::sha256(octets)) == octets);
}

TEST_CASE("a case whose summary cannot be read is summed up anew when its node starts",
          "[scenario]") {
  Two world(44);
  const auto id = add_client(world, world.leeds());
  const auto of = refer(world, world.leeds(), id, world.able());
  world.run();
  world.kill(world.leeds());
  {
    store::Options options;
    options.path = "node.db";
    options.vfs = world.leeds().disk->vfs();
    store::Database database(options, node::schema());
    database.prepare("UPDATE case_record SET summary=NULL").run();
  }
  world.start(world.leeds());
  const auto& cases = world.leeds().engine->cases();
  REQUIRE(cases.count(id) == 1);
  CHECK(cases.at(id).lead_office == world.leeds().id);
  CHECK(cases.at(id).referrals.size() == 1);
  CHECK(world.leeds().engine->case_of(of) == id);
}

TEST_CASE("a letter that was being opened is blamed for a process that was killed, for no other",
          "[scenario]") {
  Two world(43);
  const auto id = add_client(world, world.leeds());
  world.run();
  auto& able = world.able();
  world.take_away(able);
  const auto of = refer(world, world.leeds(), id, able);
  world.run();
  const auto blamed = [&] {
    auto find = able.engine->database().prepare("SELECT max(ended), max(opening) FROM attempt");
    auto rows = find.query();
    REQUIRE(rows.next());
    return std::pair(rows.int64(0), rows.int64(1));
  };
  const auto ends_while_it_opens = [&](node::LastEnd end) {
    able.may_connect = true;
    for (int step = 0; step < 500 && blamed().second == 0; ++step)
      world.step();
    REQUIRE(blamed().second == 1);
    if (end == node::LastEnd::by_itself) able.engine.reset();
    world.kill(able);
    world.start(able, end);
    able.engine->turn(world.now(able));
    return blamed().first;
  };
  CHECK(ends_while_it_opens(node::LastEnd::by_itself) == 0);
  CHECK(ends_while_it_opens(node::LastEnd::killed) == 1);
  CHECK(ends_while_it_opens(node::LastEnd::by_itself) == 1);
  CHECK(ends_while_it_opens(node::LastEnd::killed) == 2);
  CHECK(ends_while_it_opens(node::LastEnd::by_itself) == 2);
  CHECK(ends_while_it_opens(node::LastEnd::killed) == 3);
  world.run(std::chrono::seconds(40));
  CHECK(able.engine->status(world.now(able)).set_aside > 0);
  CHECK(referral(able, of) == nullptr);
}

TEST_CASE("the dialogue ends well though any one of its frames is lost with its connection",
          "[scenario]") {
  std::uint64_t frames = 0;
  {
    Two world(700);
    auto before = world.frames;
    auto id = add_client(world, world.leeds());
    (void)refer(world, world.leeds(), id, world.able());
    world.run();
    frames = world.frames - before;
  }
  REQUIRE(frames > 8);
  for (std::uint64_t lost = 0; lost < frames; ++lost) {
    INFO("frame " << lost);
    Two world(700);
    std::uint64_t count = 0;
    Node* cut = nullptr;
    world.drop = [&](const Node& node, ByteView, bool) {
      if (count++ != lost) return false;
      cut = &world.node(node.id.text());
      return true;
    };
    auto id = add_client(world, world.leeds());
    auto of = refer(world, world.leeds(), id, world.able());
    for (int step = 0; step < 200; ++step) {
      world.step();
      if (cut != nullptr) world.disconnect(*std::exchange(cut, nullptr));
    }
    world.drop = nullptr;
    world.run(std::chrono::seconds(40));
    CHECK(state_of(world.leeds(), of) == "received");
    CHECK(delivery_of(world.leeds(), id, of) == "stored");
    CHECK(world.leeds().engine->status(world.now(world.leeds())).outbox_unreceipted == 0);
    CHECK(world.able().engine->status(world.now(world.able())).outbox_unreceipted == 0);
    CHECK(world.broker->counts().waiting_letters == 0);
  }
}

TEST_CASE(
    "letters whose signer's certificate is not here yet are held, others pass, and all is stored "
    "in the end",
    "[scenario]") {
  Two world(801);
  auto& bradford = world.join("jcp-bradford", NodeRole::adviser, "Bradford office (invented)");
  // The provider hears nothing of the registry.
  world.drop = [&](const Node& node, ByteView frame, bool to_node) {
    return to_node && node.id == world.able().id && is<wire::Entries>(frame);
  };
  world.run();
  auto from_bradford = add_client(world, bradford);
  auto later = refer(world, bradford, from_bradford, world.able());
  world.run();
  CHECK(world.able().engine->status(world.now(world.able())).inbox_held > 0);
  auto from_leeds = add_client(world, world.leeds());
  auto now = refer(world, world.leeds(), from_leeds, world.able());
  world.run();
  CHECK(state_of(world.leeds(), now) == "received");
  CHECK(state_of(world.able(), later) == "none");
  world.drop = nullptr;
  world.disconnect(world.able());
  world.run();
  CHECK(state_of(world.able(), later) == "received");
  CHECK(state_of(bradford, later) == "received");
  CHECK(world.able().engine->status(world.now(world.able())).inbox_held == 0);
  CHECK(world.broker->counts().waiting_letters == 0);
}

TEST_CASE(
    "a letter that ends the program each time it is opened is set aside unopened, and can be tried "
    "again",
    "[scenario]") {
  Two world(802);
  auto id = add_client(world, world.leeds());
  auto of = refer(world, world.leeds(), id, world.able());
  // The provider's process ends each time between counting its attempt and opening: after the turn
  // in which the letter came.
  bool came = false;
  world.drop = [&](const Node& node, ByteView frame, bool to_node) {
    came =
        came || (to_node && node.id == world.able().id && is<std::vector<wire::Delivery>>(frame));
    return false;
  };
  int ends = 0;
  for (int step = 0; step < 400; ++step) {
    world.step();
    if (!came) continue;
    came = false;
    if (++ends > 3) continue;
    world.kill(world.able());
    world.start(world.able());
  }
  world.run();
  auto aside = world.able().engine->aside();
  REQUIRE(aside.size() == 1);
  CHECK(aside[0].can_retry);
  CHECK(delivery_of(world.leeds(), id, of) == "refused");
  const auto proof = [&] { return world.able().engine->proof_of(aside[0].letter).has_value(); };
  CHECK_FALSE(proof());
  REQUIRE(world.able().engine->retry_aside(aside[0].letter, world.now(world.able())));
  world.run(std::chrono::seconds(5));
  CHECK(proof());
  world.run();
  CHECK(state_of(world.able(), of) == "received");
  CHECK(delivery_of(world.leeds(), id, of) == "stored");
  CHECK(world.able().engine->aside().empty());
}

TEST_CASE("a receipt that was set aside unopened comes again by itself", "[scenario]") {
  Two world(805);
  auto id = add_client(world, world.leeds());
  auto of = refer(world, world.leeds(), id, world.able());
  // The office's process ends each time between counting its attempt and opening.
  bool came = false;
  world.drop = [&](const Node& node, ByteView frame, bool to_node) {
    came =
        came || (to_node && node.id == world.leeds().id && is<std::vector<wire::Delivery>>(frame));
    return false;
  };
  for (int step = 0; step < 2000 && world.leeds().engine->aside().empty(); ++step) {
    world.step();
    if (!std::exchange(came, false)) continue;
    world.kill(world.leeds());
    world.start(world.leeds());
  }
  REQUIRE_FALSE(world.leeds().engine->aside().empty());
  REQUIRE(delivery_of(world.leeds(), id, of) == "accepted");
  world.drop = nullptr;
  world.run(std::chrono::minutes(3), 20000);
  CHECK(delivery_of(world.leeds(), id, of) == "stored");
  CHECK(world.leeds().engine->status(world.now(world.leeds())).outbox_unreceipted == 0);
}

TEST_CASE("steps of a strand that are missing are asked for and come", "[scenario]") {
  Two world(803);
  auto id = add_client(world, world.leeds());
  auto of = refer(world, world.leeds(), id, world.able());
  world.run();
  // The office loses a letter for good: it is restored from a moment before, and overrides the
  // wait.
  auto image = world.leeds().disk->image();
  REQUIRE(
      act(world, world.able(), id, caseworker(world.able()), casework::Ask{of, "Which mornings?"}));
  world.run();
  world.take_away(world.able());
  world.restore_node(world.leeds(), image);
  world.run();
  REQUIRE(world.leeds().engine->override_catch_up(id, world.now(world.leeds())));
  world.able().may_connect = true;
  accept(world, world.able(), id, of);
  world.run(std::chrono::minutes(2), 20000);
  CHECK(state_of(world.leeds(), of) == "accepted");
  CHECK(referral(world.leeds(), of)->questions.size() == 1);
}
