#include <catch2/catch.hpp>

#include "broker/core/testing/exchange.h"

using namespace liaison;
using namespace liaison::broker;
using namespace liaison::broker::testing;

namespace {

Exchange one_node(Limits limits = {}) {
  Exchange exchange(limits);
  exchange.admit("leeds");
  return exchange;
}

}  // namespace

TEST_CASE("a hello is welcomed, with a new incarnation durable first", "[broker]") {
  auto exchange = one_node();
  const auto decision = exchange.connect("leeds", 1);
  CHECK(decision.writes == std::vector<Write>{KeepNode{NodeNumber{0}, node_id("leeds"), 1}});
  const auto welcome = frames<wire::Welcome>(decision);
  REQUIRE(welcome.size() == 1);
  CHECK(welcome[0].incarnation == 1);
  CHECK(welcome[0].registry_size == 2);
  CHECK(welcome[0].clock == exchange.now.wall);
  CHECK(welcome[0].certificate ==
        exchange.core.registry().node(NodeNumber{0}).current().facts.certificate);
}

TEST_CASE("an incarnation is confirmed while it is the newest", "[broker]") {
  auto exchange = one_node();
  (void)exchange.connect("leeds", 1);
  auto hello = exchange.hello("leeds");
  hello.incarnation = 1;
  CHECK(
      exchange.step(HelloCame{ConnectionId{1}, Exchange::curve_of("leeds"), hello}).writes.empty());
  const auto fresh = exchange.connect("leeds", 1);
  CHECK(frames<wire::Welcome>(fresh)[0].incarnation == 2);
  // One that is older than the newest belongs to a copy, or to an old disk: it gets a new one.
  const auto old = exchange.step(HelloCame{ConnectionId{1}, Exchange::curve_of("leeds"), hello});
  CHECK(frames<wire::Welcome>(old)[0].incarnation == 3);
}

TEST_CASE("no incarnation is given twice when node and broker are both restored", "[broker]") {
  auto exchange = one_node();
  exchange.admit("york");
  (void)exchange.connect("leeds", 1);
  // Its backup knows the node's first incarnation only; those of after it others have seen.
  constexpr std::uint64_t epoch = 1'800'000'000;
  exchange.core.load_state({epoch, true, 0, exchange.now.wall});
  (void)exchange.core.loaded(0, 0, exchange.now);
  const auto restored = frames<wire::Welcome>(exchange.connect("leeds", 2));
  REQUIRE(restored.size() == 1);
  CHECK(restored[0].incarnation == epoch + 1);
  CHECK(frames<wire::Welcome>(exchange.connect("leeds", 3)).at(0).incarnation == epoch + 2);
  CHECK(frames<wire::Welcome>(exchange.connect("york", 4)).at(0).incarnation == 1);
  // Of one that joined since the backup nothing is known here; that it knows an epoch tells.
  exchange.admit("hull");
  auto hello = exchange.hello("hull");
  hello.epoch = 1;
  const auto known = exchange.step(HelloCame{ConnectionId{5}, Exchange::curve_of("hull"), hello});
  CHECK(frames<wire::Welcome>(known).at(0).incarnation == epoch + 1);
}

TEST_CASE("the newest hello of a node wins", "[broker]") {
  auto exchange = one_node();
  (void)exchange.connect("leeds", 1);
  const auto decision = exchange.connect("leeds", 2);
  CHECK(goodbyes(decision) == std::vector{wire::GoodbyeReason::replaced});
  CHECK(sends<DropConnection>(decision) == std::vector{DropConnection{ConnectionId{1}}});
  CHECK(exchange.core.session(ConnectionId{1}) == nullptr);
  CHECK(exchange.core.session(ConnectionId{2}) != nullptr);
}

TEST_CASE("a hello that cannot be welcomed gets the reason", "[broker]") {
  auto exchange = one_node();
  exchange.admit("york");
  auto hello = exchange.hello("leeds");
  const ConnectionId to{1};
  SECTION("another node's name") {
    hello.node = node_id("york");
    CHECK(goodbyes(exchange.step(HelloCame{to, Exchange::curve_of("leeds"), hello})) ==
          std::vector{wire::GoodbyeReason::wrong_node});
  }
  SECTION("no version in common") {
    hello.version_min = 2;
    hello.version_max = 3;
    CHECK(goodbyes(exchange.step(HelloCame{to, Exchange::curve_of("leeds"), hello})) ==
          std::vector{wire::GoodbyeReason::version});
  }
  SECTION("too many strikes") {
    (void)exchange.connect("leeds", 1);
    for (int strike = 0; strike < 9; ++strike)
      CHECK(exchange.step(UnreadableCame{to, Exchange::curve_of("leeds"), "unreadable"}) ==
            Decision{{}, {}, {{Denial::What::frame, NodeNumber{0}, "unreadable"}}});
    const auto last = exchange.step(UnreadableCame{to, Exchange::curve_of("leeds"), "unreadable"});
    CHECK(goodbyes(last) == std::vector{wire::GoodbyeReason::strikes});
    CHECK(sends<DropConnection>(last).size() == 1);
    for (int late = 0; late < 50; ++late)
      (void)exchange.step(UnreadableCame{to, Exchange::curve_of("leeds"), "unreadable"});
    CHECK(goodbyes(exchange.connect("leeds", 2)) == std::vector{wire::GoodbyeReason::strikes});
    exchange.pass(std::chrono::minutes(1));
    CHECK(goodbyes(exchange.connect("leeds", 3)).empty());
  }
  SECTION("another frame comes first") {
    CHECK(exchange.step(EarlyFrameCame{to}) == Decision{{}, {DropConnection{to}}, {}});
  }
  SECTION("a frame comes first that cannot be read") {
    CHECK(exchange.step(UnreadableCame{to, Exchange::curve_of("leeds"), "unreadable"}) ==
          Decision{{}, {DropConnection{to}}, {{Denial::What::frame, NodeNumber{0}, "unreadable"}}});
  }
  SECTION("an unknown key is hung up on, without a word that it would keep") {
    const auto decision = exchange.step(HelloCame{to, filled<CurveKey>(1), hello});
    CHECK(decision.sends == std::vector<Send>{DropConnection{to}});
  }
}

TEST_CASE("who asks without end is told to come back later, and others are not", "[broker]") {
  Limits limits;
  limits.hellos_per_minute_max = 3;
  limits.sinces_per_minute_max = 2;
  auto exchange = one_node(limits);
  exchange.admit("york");
  (void)exchange.connect("york", 9);
  const auto told_later = [](const Decision& decision) {
    return goodbyes(decision) == std::vector{wire::GoodbyeReason::strikes} &&
           sends<DropConnection>(decision).size() == 1 && decision.denials.size() == 1 &&
           decision.denials[0].reason == "too_many" && frames<wire::Welcome>(decision).empty() &&
           sends<SendEntries>(decision).empty();
  };
  const auto ask = [&](std::uint64_t connection) {
    auto decision = exchange.step(SinceCame{ConnectionId{connection}, 0});
    for (auto& send : exchange.settle().sends)
      decision.sends.push_back(std::move(send));
    return decision;
  };
  CHECK(frames<wire::Welcome>(exchange.connect("leeds", 1)).size() == 1);
  SECTION("hellos, on one connection and on others") {
    CHECK(frames<wire::Welcome>(exchange.connect("leeds", 1)).size() == 1);
    CHECK(frames<wire::Welcome>(exchange.connect("leeds", 2)).size() == 1);
    exchange.pass(std::chrono::seconds(59));
    CHECK(told_later(exchange.connect("leeds", 2)));
    CHECK(exchange.core.session(ConnectionId{2}) == nullptr);
    CHECK(told_later(exchange.connect("leeds", 3)));
  }
  SECTION("for the registry, on one connection and on others") {
    CHECK(sends<SendEntries>(ask(1)).size() == 1);
    (void)exchange.connect("leeds", 1);
    CHECK(sends<SendEntries>(ask(1)).size() == 1);
    exchange.pass(std::chrono::seconds(59));
    CHECK(told_later(ask(1)));
    CHECK(exchange.core.session(ConnectionId{1}) == nullptr);
  }
  CHECK(sends<SendEntries>(ask(9)).size() == 1);
  CHECK(frames<wire::Welcome>(exchange.connect("york", 9)).size() == 1);
  exchange.pass(std::chrono::seconds(1));
  CHECK(frames<wire::Welcome>(exchange.connect("leeds", 4)).size() == 1);
  CHECK(sends<SendEntries>(ask(4)).size() == 1);
}

TEST_CASE("a node whose certificate has ended may only renew", "[broker]") {
  auto exchange = one_node();
  exchange.admit("york");
  (void)exchange.connect("leeds", 1);
  exchange.pass(std::chrono::hours(24 * 91));
  const auto refused = exchange.submit(1, {exchange.letter("leeds", "york", 1)});
  CHECK(goodbyes(refused) == std::vector{wire::GoodbyeReason::renew_only});
  CHECK(refused.writes.size() <= 1);
  CHECK(goodbyes(exchange.connect("leeds", 2)) ==
        std::vector{wire::GoodbyeReason::replaced, wire::GoodbyeReason::renew_only});

  auto next = exchange.signing("leeds", NodeRole::adviser, wire::IssueReason::renewed,
                               exchange.next_number());
  const auto renewed = exchange.step(RenewalGranted{ConnectionId{2}, next});
  REQUIRE(frames<wire::Renewed>(renewed).size() == 1);
  CHECK(std::get<Bytes>(frames<wire::Renewed>(renewed)[0].result) ==
        std::get<SigningFacts>(next.facts).certificate);
  CHECK(writes<AppendRegistry>(renewed).size() == 1);
  CHECK(frames<wire::Welcome>(exchange.connect("leeds", 2)).size() == 1);
}

TEST_CASE("a node that joined again cuts off who has the old keys", "[broker]") {
  auto exchange = one_node();
  (void)exchange.connect("leeds", 1);
  auto next = exchange.signing("leeds", NodeRole::adviser, wire::IssueReason::rejoined,
                               exchange.next_number());
  std::get<SigningFacts>(next.facts).curve = filled<CurveKey>(42);
  const auto decision = exchange.step(EntryMade{next});
  CHECK(goodbyes(decision) == std::vector{wire::GoodbyeReason::revoked});
  CHECK(exchange.core.registry().admitted(exchange.now.wall, std::chrono::hours(24)) ==
        std::vector{filled<CurveKey>(42)});
  CHECK(goodbyes(exchange.connect("leeds", 2)) == std::vector{wire::GoodbyeReason::revoked});
}

TEST_CASE("a node in whose name a certificate of its own CURVE key came stays, to contest it",
          "[broker]") {
  auto exchange = one_node();
  (void)exchange.connect("leeds", 1);
  const auto decision = exchange.step(EntryMade{exchange.signing(
      "leeds", NodeRole::adviser, wire::IssueReason::rejoined, exchange.next_number())});
  CHECK(goodbyes(decision).empty());
}

TEST_CASE("a replaced CURVE key may connect for a day", "[broker]") {
  auto exchange = one_node();
  auto next = exchange.signing("leeds", NodeRole::adviser, wire::IssueReason::renewed,
                               exchange.next_number());
  std::get<SigningFacts>(next.facts).curve = filled<CurveKey>(42);
  (void)exchange.step(EntryMade{next});
  CHECK(frames<wire::Welcome>(exchange.connect("leeds", 1)).size() == 1);
  exchange.pass(std::chrono::hours(24));
  CHECK(frames<wire::Welcome>(exchange.connect("leeds", 2)).empty());
}

TEST_CASE("a CURVE key that was replaced while the clock was ahead has no longer time for that",
          "[broker]") {
  auto exchange = one_node();
  Duration ahead = std::chrono::hours(24 * 40);
  SECTION("by far") {}
  SECTION("by what a clock may be") {
    ahead = std::chrono::minutes(50);
  }
  exchange.jump(ahead);
  auto next = exchange.signing("leeds", NodeRole::adviser, wire::IssueReason::renewed,
                               exchange.next_number());
  std::get<SigningFacts>(next.facts).curve = filled<CurveKey>(42);
  (void)exchange.step(EntryMade{next});
  exchange.jump(-ahead);
  (void)exchange.settle();
  const bool admitted = ahead < std::chrono::hours(1);
  CHECK(frames<wire::Welcome>(exchange.connect("leeds", 1)).empty() != admitted);
}

TEST_CASE("when the broker stops, everyone is told", "[broker]") {
  auto exchange = one_node();
  exchange.admit("york");
  (void)exchange.connect("leeds", 1);
  (void)exchange.connect("york", 2);
  CHECK(goodbyes(exchange.step(Stopping{})) ==
        std::vector{wire::GoodbyeReason::stopping, wire::GoodbyeReason::stopping});
  CHECK(exchange.core.sessions() == 0);
}
