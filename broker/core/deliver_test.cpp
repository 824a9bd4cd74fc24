#include <catch2/catch.hpp>

#include "broker/core/testing/exchange.h"

using namespace liaison;
using namespace liaison::broker;
using namespace liaison::broker::testing;
using Why = wire::RefusalReason;

namespace {

Exchange with_letters(std::uint64_t count) {
  Exchange exchange;
  exchange.admit("leeds");
  exchange.admit("able", NodeRole::provider);
  (void)exchange.connect("leeds", 1);
  std::vector<CheckedLetter> letters;
  for (std::uint64_t number = 1; number <= count; ++number)
    letters.push_back(exchange.letter("leeds", "able", number));
  (void)exchange.submit(1, std::move(letters));
  (void)exchange.settle();
  return exchange;
}

std::vector<Sequence> given(const Decision& decision, ConnectionId to) {
  std::vector<Sequence> out;
  for (const auto& items : sends<SendItems>(decision))
    if (items.to == to)
      for (const auto& item : items.items)
        out.push_back(item.sequence);
  return out;
}

constexpr ConnectionId able{2};

}  // namespace

TEST_CASE("what waits is delivered in order within the credit of letters", "[broker]") {
  auto exchange = with_letters(5);
  auto hello = exchange.hello("able");
  hello.credit_letters = 2;
  (void)exchange.step(HelloCame{able, Exchange::curve_of("able"), hello});
  CHECK(given(exchange.settle(), able) == std::vector<Sequence>{1, 2});
  CHECK(given(exchange.settle(), able).empty());
  (void)exchange.step(CreditCame{able, {2, 0}});
  CHECK(given(exchange.settle(), able) == std::vector<Sequence>{3, 4});
}

TEST_CASE("and within the credit of octets", "[broker]") {
  auto exchange = with_letters(5);
  auto hello = exchange.hello("able");
  hello.credit_bytes = 250;
  (void)exchange.step(HelloCame{able, Exchange::curve_of("able"), hello});
  CHECK(given(exchange.settle(), able) == std::vector<Sequence>{1, 2});
  (void)exchange.step(CreditCame{able, {0, 50}});
  CHECK(given(exchange.settle(), able) == std::vector<Sequence>{3});
}

TEST_CASE("what was not taken is delivered again after a new hello", "[broker]") {
  auto exchange = with_letters(3);
  (void)exchange.connect("able", 2);
  CHECK(given(exchange.settle(), able) == std::vector<Sequence>{1, 2, 3});
  (void)exchange.step(TakenCame{able, {{2, filled<LetterId>(2)}}});
  (void)exchange.step(ConnectionClosed{able});
  (void)exchange.connect("able", 3);
  CHECK(given(exchange.settle(), ConnectionId{3}) == std::vector<Sequence>{1, 3});
}

TEST_CASE("a node without credit keeps nothing from the others", "[broker]") {
  auto exchange = with_letters(3);
  exchange.admit("york");
  auto silent = exchange.hello("able");
  silent.credit_letters = 0;
  (void)exchange.step(HelloCame{able, Exchange::curve_of("able"), silent});
  (void)exchange.connect("york", 3);
  (void)exchange.submit(
      1, {exchange.letter("leeds", "able", 10), exchange.letter("leeds", "york", 11)});
  const auto decision = exchange.settle();
  CHECK(given(decision, able).empty());
  CHECK(given(decision, ConnectionId{3}).size() == 1);
}

TEST_CASE("a taken letter goes, and the log says so, once", "[broker]") {
  auto exchange = with_letters(1);
  (void)exchange.connect("able", 2);
  (void)exchange.settle();
  const TakenCame taken{able, {{1, filled<LetterId>(1)}}};
  const auto decision = exchange.step(taken);
  REQUIRE(decision.writes.size() == 2);
  CHECK(decision.writes[0] == Write{DropItem{1}});
  CHECK(writes<AppendLog>(decision)[0].entry.kind == wire::LogKind::taken);
  CHECK(exchange.step(taken) == Decision{});
  CHECK(exchange.core.sent_by(exchange.number_of("leeds")) == Usage{});
}

TEST_CASE("taken under another letter's id takes nothing", "[broker]") {
  auto exchange = with_letters(2);
  (void)exchange.connect("able", 2);
  CHECK(exchange.step(TakenCame{able, {{1, filled<LetterId>(2)}}}) == Decision{});
}

TEST_CASE("a letter set aside is reported to its sender through its own mailbox", "[broker]") {
  auto exchange = with_letters(1);
  (void)exchange.connect("able", 2);
  (void)exchange.settle();
  const auto decision =
      exchange.step(SetAsideCame{able, {{1, filled<LetterId>(1), Why::no_such_key}}});
  const auto reports = writes<KeepReport>(decision);
  REQUIRE(reports.size() == 1);
  CHECK(reports[0].recipient == exchange.number_of("leeds"));
  CHECK(reports[0].report == wire::Report{filled<LetterId>(1), node_id("able"), Why::no_such_key,
                                          wire::Meaning::reseal, exchange.now.wall});
  CHECK(writes<AppendLog>(decision)[0].entry.reason == Why::no_such_key);
  CHECK(given(exchange.settle(), ConnectionId{1}) == std::vector{reports[0].sequence});
}

TEST_CASE("a letter that nobody fetched expires, with a report", "[broker]") {
  auto exchange = with_letters(2);
  exchange.pass(std::chrono::hours(24 * 7) - Duration(1));
  CHECK(exchange.settle().writes.size() <= 1);  // the time is kept
  exchange.pass(Duration(1));
  const auto decision = exchange.settle();
  CHECK(writes<DropItem>(decision).size() == 2);
  REQUIRE(writes<KeepReport>(decision).size() == 2);
  CHECK(writes<KeepReport>(decision)[0].report.reason == Why::expired);
  CHECK(exchange.core.mailbox(exchange.number_of("able")).items().empty());
}

TEST_CASE("nothing expires within a day of a jump of the clock", "[broker]") {
  auto exchange = with_letters(1);
  exchange.jump(std::chrono::hours(24 * 60));
  CHECK(writes<DropItem>(exchange.settle()).empty());
  (void)exchange.connect("leeds", 3);
  CHECK(reasons(exchange.submit(3, {[&] {
                                  auto late = exchange.letter("leeds", "able", 9);
                                  late.letter.expires -= std::chrono::hours(24 * 60);
                                  return late;
                                }()})) == std::vector{Why::busy});
  exchange.pass(std::chrono::hours(24));
  CHECK(writes<DropItem>(exchange.settle()).size() == 1);
}

TEST_CASE("a day's rest after a jump of the clock goes on in the next process", "[broker]") {
  auto exchange = with_letters(1);
  exchange.jump(std::chrono::hours(24 * 60));
  (void)exchange.settle();
  exchange.pass(std::chrono::hours(1));
  (void)exchange.settle();
  CHECK(exchange.core.state().rest == std::chrono::hours(23));
  CHECK(exchange.core.state().clock_set == std::chrono::hours(23));

  auto next = with_letters(1);
  next.core.load_state(exchange.core.state());
  next.now.wall = exchange.now.wall;
  CHECK(writes<KeepState>(next.core.loaded(10, 5, next.now)).at(0).rest == std::chrono::hours(23));
  CHECK(writes<DropItem>(next.settle()).empty());
  CHECK(next.core.clock_was_set());  // and nothing is renewed under a date that may be wrong
  next.pass(std::chrono::hours(23));
  CHECK(writes<DropItem>(next.settle()).size() == 1);
  CHECK_FALSE(next.core.clock_was_set());
}

TEST_CASE("who was told another time by the welcome is told anew when the clock is set",
          "[broker]") {
  auto exchange = with_letters(1);
  exchange.jump(std::chrono::minutes(59));
  CHECK(sends<DropConnection>(exchange.settle()).empty());
  exchange.jump(-std::chrono::hours(24 * 40));
  const auto decision = exchange.settle();
  CHECK(sends<DropConnection>(decision) == std::vector{DropConnection{ConnectionId{1}}});
  REQUIRE(frames<wire::Goodbye>(decision).size() == 1);
  CHECK(frames<wire::Goodbye>(decision)[0].reason == wire::GoodbyeReason::stopping);
  const auto welcomes = frames<wire::Welcome>(exchange.connect("leeds", 2));
  REQUIRE(welcomes.size() == 1);
  CHECK(welcomes[0].clock == exchange.now.wall);
}

TEST_CASE("a revocation drops the link and returns the mail that waits", "[broker]") {
  auto exchange = with_letters(2);
  (void)exchange.connect("able", 2);
  (void)exchange.settle();
  const std::string why(500, 'x');
  const auto decision = exchange.step(EntryMade{exchange.revocation(2, {"able"}), why});
  CHECK(sends<DropConnection>(decision) == std::vector{DropConnection{able}});
  REQUIRE(frames<wire::Goodbye>(decision).size() == 1);
  CHECK(frames<wire::Goodbye>(decision)[0].reason == wire::GoodbyeReason::revoked);
  CHECK(frames<wire::Goodbye>(decision)[0].text ==
        "this node was shut out of the exchange: " + why.substr(0, 160));
  CHECK(sends<AdmittedChanged>(decision).empty());
  CHECK(sends<AdmittedChanged>(exchange.settle()).size() == 1);
  CHECK(sends<AdmittedChanged>(exchange.settle()).empty());
  CHECK(writes<DropItem>(decision).size() == 2);
  REQUIRE(writes<KeepReport>(decision).size() == 2);
  CHECK(writes<KeepReport>(decision)[0].report.reason == Why::recipient_revoked);
  CHECK(writes<AppendLog>(decision)[0].entry.kind == wire::LogKind::returned);

  const auto back = exchange.connect("able", 4);
  CHECK(frames<wire::Goodbye>(back)[0].reason == wire::GoodbyeReason::revoked);
  CHECK(exchange.step(TakenCame{able, {{1, filled<LetterId>(1)}}}) == Decision{});
}

TEST_CASE("a frame of letters stays within the frame's limit", "[broker]") {
  Exchange exchange;
  exchange.admit("leeds");
  exchange.admit("able");
  (void)exchange.connect("leeds", 1);
  auto hello = exchange.hello("able");
  hello.credit_bytes = 32 << 20;
  (void)exchange.step(HelloCame{able, Exchange::curve_of("able"), hello});
  for (std::uint64_t number = 1; number <= 4; ++number)
    (void)exchange.submit(1, {exchange.letter("leeds", "able", number, 400 * 1024)});
  const auto items = sends<SendItems>(exchange.settle());
  REQUIRE(items.size() == 2);
  CHECK(items[0].items.size() == 2);
}
