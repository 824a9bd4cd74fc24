#include "broker/shell/engine.h"

#include <catch2/catch.hpp>
#include <set>

#include "broker/shell/testing/broker.h"
#include "store/failure.h"

using namespace liaison;
using namespace liaison::broker;
using namespace liaison::broker::testing;

namespace {

std::string waiting(Broker& broker) {
  return broker.engine->admin(R"({"command":"mailboxes","items_max":1000})", broker.now);
}

}  // namespace

TEST_CASE("a letter goes from one node to the other whole, and is gone when taken", "[broker]") {
  Two two("engine-whole");
  auto& broker = two.broker;
  const auto letter = two.leeds.letter(two.able, 1, broker.now.wall);
  broker.send(1, two.leeds, std::vector{letter});
  CHECK(broker.said.empty());  // nothing is said before the turn's commit
  broker.turn();
  const auto accepted = broker.heard_items<wire::Accepted>(1);
  REQUIRE(accepted.size() == 1);
  CHECK(accepted[0] == wire::Accepted{letter.id, 0, broker.now.wall});
  const auto delivered = broker.heard_items<wire::Delivery>(2);
  REQUIRE(delivered.size() == 1);
  CHECK(std::get<wire::Letter>(delivered[0].item) == letter);
  broker.send(2, two.able, std::vector<wire::Taken>{{delivered[0].sequence, letter.id}});
  broker.turn();
  CHECK(broker.engine->counts().waiting_letters == 0);
  CHECK(broker.engine->counts().log_entries == 2);
}

TEST_CASE("a broker that was killed has all it accepted, and answers repeats alike", "[broker]") {
  Two two("engine-killed");
  auto& broker = two.broker;
  std::vector<wire::Letter> letters;
  for (std::uint64_t number = 1; number <= 50; ++number)
    letters.push_back(two.leeds.letter(two.able, number, broker.now.wall));
  broker.send(1, two.leeds, letters);
  broker.turn();
  const auto first = broker.heard_items<wire::Accepted>(1);
  const auto delivered = broker.heard_items<wire::Delivery>(2);
  std::vector<wire::Taken> taken;
  for (std::size_t at = 0; at < delivered.size(); at += 3)
    taken.push_back({delivered[at].sequence, std::get<wire::Letter>(delivered[at].item).id});
  broker.send(2, two.able, taken);
  broker.send(2, two.able,
              std::vector<wire::SetAside>{
                  {delivered[1].sequence, letters[1].id, wire::RefusalReason::unopenable}});
  broker.turn();
  const auto before = waiting(broker);
  const auto log = broker.engine->counts().log_entries;

  broker.kill();
  broker.start();
  CHECK(waiting(broker) == before);
  CHECK(broker.engine->counts().log_entries == log);
  broker.connect(1, two.leeds);
  broker.send(1, two.leeds, letters);
  broker.turn();
  CHECK(broker.heard_items<wire::Accepted>(1) == first);
  broker.connect(3, two.able);
  CHECK(broker.heard_items<wire::Delivery>(3).size() == 50 - 17 - 1);
  const auto reports = broker.heard_items<wire::Delivery>(1);
  REQUIRE(reports.size() == 1);
  CHECK(std::get<wire::Report>(reports[0].item).recipient == two.able.id);
}

TEST_CASE("whatever moment power fails at, what was said is kept and the dialogue can go on",
          "[broker]") {
  // Runs one dialogue again and again, with the disk failing one operation later each time.
  std::uint64_t completed = 0;
  for (std::uint64_t operation = 1; completed == 0; ++operation) {
    REQUIRE(operation < 400);
    Two two(("engine-crash-" + std::to_string(operation)).c_str());
    auto& broker = two.broker;
    std::vector<wire::Letter> letters;
    for (std::uint64_t number = 1; number <= 6; ++number)
      letters.push_back(two.leeds.letter(two.able, number, broker.now.wall));
    std::set<LetterId> accepted;
    std::set<LetterId> taken;
    const auto hear = [&] {
      for (const auto& each : broker.heard_items<wire::Accepted>(1))
        accepted.insert(each.letter);
    };
    const auto run = [&] {
      broker.send(1, two.leeds, std::vector(letters.begin(), letters.begin() + 3));
      broker.turn();
      hear();
      broker.send(1, two.leeds, std::vector(letters.begin() + 3, letters.end()));
      std::vector<wire::Taken> take;
      for (const auto& each : broker.heard_items<wire::Delivery>(2)) {
        take.push_back({each.sequence, std::get<wire::Letter>(each.item).id});
        taken.insert(take.back().letter);
      }
      broker.send(2, two.able, take);
      broker.turn();
      hear();
    };
    broker.disk.crash_at(operation);
    try {
      run();
    } catch (const store::Failure&) {
    }
    completed = broker.disk.has_crashed() ? 0 : 1;
    broker.disk.crash();
    broker.engine.reset();
    broker.said.clear();
    broker.start();

    broker.connect(1, two.leeds);
    broker.connect(3, two.able);
    std::set<LetterId> seen = taken;
    for (const auto& each : broker.heard_items<wire::Delivery>(3))
      seen.insert(std::get<wire::Letter>(each.item).id);
    for (const auto& each : accepted)
      REQUIRE(seen.count(each) == 1);
    broker.send(1, two.leeds, letters);
    broker.turn();
    CHECK(broker.heard_items<wire::Accepted>(1).size() == 6);
    for (const auto& each : broker.heard_items<wire::Delivery>(3))
      seen.insert(std::get<wire::Letter>(each.item).id);
    CHECK(seen.size() == 6);
  }
}

TEST_CASE("hostile frames cost their sender the link and nobody else anything", "[broker]") {
  Two two("engine-hostile");
  auto& broker = two.broker;
  const auto good =
      wire::encode(wire::Frame{std::vector{two.leeds.letter(two.able, 1, broker.now.wall)}});
  std::uint64_t seed = 12345;
  const auto next = [&seed] {
    seed = seed * 6364136223846793005U + 1442695040888963407U;
    return seed >> 33;
  };
  for (int round = 0; round < 500; ++round) {
    auto bytes = good;
    for (int change = 0; change < 3; ++change)
      bytes[next() % bytes.size()] = static_cast<std::uint8_t>(next());
    if (round % 5 == 0) bytes.resize(next() % bytes.size());
    broker.engine->frame(ConnectionId{1}, two.leeds.curve.public_key(), bytes, broker.now);
  }
  for (const auto& frame :
       {wire::Frame{wire::Welcome{}}, wire::Frame{wire::Entries{}}, wire::Frame{wire::Renewed{}}})
    for (int times = 0; times < 4; ++times)
      broker.send(1, two.leeds, frame);
  broker.turn();
  CHECK(broker.engine->counts().strikes >= 10);
  CHECK(broker.dropped.front() == 1);
  broker.send(2, two.able, std::vector{two.able.letter(two.leeds, 900, broker.now.wall)});
  broker.turn();
  CHECK(broker.heard_items<wire::Accepted>(2).size() == 1);
}

TEST_CASE("a listing reaches who follows the registry, and only if its publisher signed it",
          "[broker]") {
  Two two("engine-listing");
  auto& broker = two.broker;
  broker.send(1, two.leeds, wire::Since{0});
  broker.turn();
  const auto all = broker.heard<wire::Entries>(1);
  REQUIRE(all.size() == 1);
  CHECK(all[0].entries.size() == all[0].size);
  CHECK(all[0].entries[0].kind == wire::EntryKind::authority);
  CHECK(all[0].entries[1].kind == wire::EntryKind::revocation_list);
  broker.send(2, two.able, wire::Since{0});
  broker.turn();
  CHECK(broker.heard<wire::Entries>(2) == all);
  auto listing = two.able.listing(1, broker.now.wall);
  broker.send(2, two.able, listing);
  broker.turn();
  const auto published = broker.heard_items<wire::Published>(2);
  REQUIRE(published.size() == 1);
  CHECK(std::get<std::uint64_t>(published[0].result) == all[0].size);
  const auto pushed = broker.heard<wire::Entries>(1);
  REQUIRE(pushed.size() == 1);
  CHECK(pushed[0].first == all[0].size);
  CHECK(pushed[0].entries.at(0).body == std::get<std::vector<wire::Publication>>(listing)[0].body);
  CHECK(broker.heard<wire::Entries>(2) == pushed);

  auto forged = two.leeds.listing(2, broker.now.wall);
  auto& body = std::get<std::vector<wire::Publication>>(forged)[0].body;
  auto signed_listing = *wire::decode_signed_listing(body);
  signed_listing.certificate = two.able.certificate->fingerprint();
  body = wire::encode(signed_listing);
  broker.send(1, two.leeds, forged);
  broker.turn();
  CHECK(std::holds_alternative<std::string>(broker.heard_items<wire::Published>(1).at(0).result));
}

TEST_CASE("keys of before a joining again sign no listing that is new", "[broker]") {
  Two two("engine-listing-voided");
  auto& broker = two.broker;
  const auto publish = [&](const wire::Frame& listing) {
    broker.send(1, two.leeds, listing);
    broker.turn();
    return broker.heard_items<wire::Published>(1).at(0).result;
  };
  const auto before = two.able.listing(1, broker.now.wall);
  const auto stands_at = publish(before);
  REQUIRE(std::holds_alternative<std::uint64_t>(stands_at));
  Peer again("able-futures", NodeRole::provider);
  const auto invitation = broker.invite(again, InviteOrder::Kind::rejoin);
  const auto joined =
      broker.engine->join(again.join_request(invitation), again.curve.public_key(), broker.now);
  REQUIRE(std::holds_alternative<wire::Joined>(joined));
  again.joined(std::get<wire::Joined>(joined));
  CHECK(std::holds_alternative<std::string>(publish(two.able.listing(1000, broker.now.wall))));
  CHECK(publish(before) == stands_at);
  CHECK(std::holds_alternative<std::uint64_t>(publish(again.listing(2, broker.now.wall))));
}

TEST_CASE("when the disk is full nothing is said, and the store opens again", "[broker]") {
  Two two("engine-full");
  auto& broker = two.broker;
  broker.disk.set_capacity(broker.disk.bytes_used() + 4096);
  broker.send(1, two.leeds, std::vector{two.leeds.letter(two.able, 1, broker.now.wall, 300'000)});
  CHECK_THROWS_AS(broker.turn(), store::Failure);
  CHECK(broker.said.empty());
  broker.disk.set_capacity(std::nullopt);
  broker.kill();
  broker.start();
  broker.connect(1, two.leeds);
  broker.send(1, two.leeds, std::vector{two.leeds.letter(two.able, 1, broker.now.wall, 300'000)});
  broker.turn();
  CHECK(broker.heard_items<wire::Accepted>(1).size() == 1);
}
