#include "node/core/inbox.h"

#include <catch2/catch.hpp>

using namespace liaison;
using namespace liaison::node;

namespace {

Arrived letter(std::uint8_t number) {
  Arrived out;
  out.sequence = number;
  out.letter.id.octets[0] = number;
  out.letter.sealed = Bytes(100);
  return out;
}
LetterId id(std::uint8_t number) {
  return letter(number).letter.id;
}
Arrived of(std::uint8_t number, std::uint8_t sender) {
  auto out = letter(number);
  out.letter.sender = *NodeId::parse("node-" + std::to_string(sender));
  return out;
}
Now at(std::int64_t seconds) {
  return {from_ms(seconds * 1000), std::chrono::seconds(seconds)};
}

}  // namespace

TEST_CASE("a letter is opened only when its attempt is durable", "[node]") {
  Inbox inbox(100, 10'000);
  inbox.arrived(letter(1));
  CHECK(inbox.has(id(1)));
  CHECK(inbox.to_open(10).empty());
  inbox.attempts_durable();
  auto open = inbox.to_open(10);
  REQUIRE(open.size() == 1);
  CHECK(open[0].letter.id == id(1));
  CHECK_FALSE(inbox.has(id(1)));
}

TEST_CASE("a held letter lets the others pass and is opened again when what it waits for comes",
          "[node]") {
  Inbox inbox(100, 10'000);
  REQUIRE(inbox.hold(letter(1), Need::registry, at(0)));
  REQUIRE(inbox.hold(letter(2), Need::time, at(0)));
  inbox.arrived(letter(3));
  inbox.attempts_durable();
  CHECK(inbox.to_open(10).size() == 1);
  CHECK(inbox.came(Need::registry) == std::vector{id(1)});
  CHECK(inbox.held() == 1);
  CHECK(inbox.to_open(10).empty());
  inbox.attempts_durable();
  CHECK(inbox.to_open(10).at(0).letter.id == id(1));
  CHECK(inbox.held_since(id(1)) == Duration{});
}

TEST_CASE("held letters are opened again in the order in which they came", "[node]") {
  Inbox inbox(100, 10'000);
  auto first = letter(9);
  first.sequence = 1;
  auto second = letter(3);
  second.sequence = 2;
  REQUIRE(inbox.hold(second, Need::registry, at(0)));
  REQUIRE(inbox.hold(first, Need::registry, at(0)));
  CHECK(inbox.came(Need::registry) == std::vector{id(9), id(3)});
  inbox.attempts_durable();
  CHECK(inbox.to_open(1).at(0).letter.id == id(9));
}

TEST_CASE("letters are opened by their sequence, though some of them were held", "[node]") {
  Inbox inbox(100, 10'000);
  REQUIRE(inbox.hold(letter(5), Need::registry, at(0)));
  inbox.arrived(letter(9));
  CHECK(inbox.came(Need::registry) == std::vector{id(5)});
  inbox.attempts_durable();
  const auto open = inbox.to_open(10);
  REQUIRE(open.size() == 2);
  CHECK(open[0].letter.id == id(5));
  CHECK(open[1].letter.id == id(9));
}

TEST_CASE("what its sender sent before a letter is known to wait, wherever it does", "[node]") {
  Inbox inbox(100, 10'000);
  const auto later = of(9, 1);
  CHECK_FALSE(inbox.has_earlier(later));
  SECTION("new") {
    inbox.arrived(of(1, 1));
  }
  SECTION("to be opened") {
    inbox.arrived(of(1, 1));
    inbox.attempts_durable();
  }
  SECTION("held") {
    REQUIRE(inbox.hold(of(1, 1), Need::time, at(0)));
  }
  SECTION("forgotten for want of room") {
    auto large = of(1, 1);
    large.letter.sealed.resize(10'000);
    REQUIRE_FALSE(inbox.hold(large, Need::time, at(0)));
    CHECK(inbox.has_earlier(of(1, 1)));  // of which it may have been any
    return;
  }
  SECTION("suspect") {
    inbox.suspect(of(1, 1));
    CHECK(inbox.suspects_one_of(later.letter.sender));
    CHECK_FALSE(inbox.suspects_one_of(of(1, 2).letter.sender));
    CHECK(inbox.next_suspect() == std::optional(id(1)));
    CHECK_FALSE(inbox.suspects_one_of(later.letter.sender));
  }
  CHECK(inbox.has_earlier(later));
  CHECK_FALSE(inbox.has_earlier(of(9, 2)));
  CHECK_FALSE(inbox.has_earlier(of(1, 1)));
}

TEST_CASE("what was sent before a letter that was held is not known until both came again",
          "[node]") {
  Inbox inbox(100, 10'000);
  REQUIRE(inbox.hold(of(9, 1), Need::registry, at(0)));
  inbox.suspect(of(1, 1));  // goes with the connection
  (void)inbox.disconnected();
  const auto again = inbox.came(Need::registry);
  REQUIRE(again == std::vector{id(9)});
  inbox.attempts_durable();
  auto open = inbox.to_open(10);
  REQUIRE(open.size() == 1);
  CHECK(inbox.has_earlier(open[0]));
  REQUIRE(inbox.hold(open[0], Need::registry, at(0)));
  // The broker gives all again, in order.
  inbox.renumber(letter(9));
  (void)inbox.came(Need::registry);
  inbox.attempts_durable();
  open = inbox.to_open(10);
  REQUIRE(open.size() == 1);
  CHECK_FALSE(inbox.has_earlier(open[0]));
}

TEST_CASE("a letter delivered again while it is held is taken by its newer number", "[node]") {
  Inbox inbox(100, 10'000);
  REQUIRE(inbox.hold(letter(1), Need::registry, at(0)));
  auto again = letter(1);
  again.sequence = 77;
  again.leaf = 5;
  again.epoch = 2;
  again.accepted_at = from_ms(7);
  inbox.renumber(again);
  (void)inbox.came(Need::registry);
  inbox.attempts_durable();
  const auto opened = inbox.to_open(10).at(0);
  CHECK(opened.sequence == 77);
  // And where the newer log has it.
  CHECK(opened.leaf == 5U);
  CHECK(opened.epoch == 2);
  CHECK(opened.accepted_at == from_ms(7));
  // Not of other octets under its id.
  REQUIRE(inbox.hold(opened, Need::registry, at(0)));
  again.letter.sealed.push_back(1);
  again.leaf = 6;
  inbox.renumber(again);
  (void)inbox.came(Need::registry);
  inbox.attempts_durable();
  CHECK(inbox.to_open(10).at(0).leaf == 5U);
}

TEST_CASE("a held letter is tried again now and then though nothing comes", "[node]") {
  Inbox inbox(100, 10'000);
  REQUIRE(inbox.hold(letter(1), Need::time, at(0)));
  CHECK(inbox.due(at(60)).empty());
  CHECK(inbox.next_steady() == std::optional<Duration>(Inbox::retry_held));
  CHECK(inbox.due(at(300)) == std::vector{id(1)});
}

TEST_CASE("letters held are bounded; those beyond stay with the broker and are asked for later",
          "[node]") {
  Inbox inbox(8, 10'000);
  for (std::uint8_t number = 1; number <= 8; ++number)
    REQUIRE(inbox.hold(of(number, number), Need::time, at(0)));
  CHECK_FALSE(inbox.hold(of(9, 9), Need::time, at(0)));
  CHECK_FALSE(inbox.take_reconnect_wish(at(0)));  // there is no room for it yet
  (void)inbox.due(at(300));
  CHECK_FALSE(inbox.take_reconnect_wish(at(300)));  // perhaps they are held again
  inbox.attempts_durable();
  CHECK(inbox.to_open(10).size() == 8);
  CHECK(inbox.take_reconnect_wish(at(300)));
  CHECK_FALSE(inbox.take_reconnect_wish(at(300)));
}

TEST_CASE("one sender's letters leave others' their places to be held", "[node]") {
  SECTION("by their number") {
    Inbox inbox(16, 100'000);
    CHECK(inbox.hold(of(1, 1), Need::time, at(0)));
    CHECK(inbox.hold(of(2, 1), Need::time, at(0)));
    CHECK_FALSE(inbox.hold(of(3, 1), Need::time, at(0)));
    CHECK(inbox.hold(of(4, 2), Need::registry, at(0)));
  }
  SECTION("by their octets") {
    Inbox inbox(100, 2'000);
    CHECK(inbox.hold(of(1, 1), Need::time, at(0)));
    CHECK(inbox.hold(of(2, 1), Need::time, at(0)));
    CHECK_FALSE(inbox.hold(of(3, 1), Need::time, at(0)));
    CHECK(inbox.hold(of(4, 2), Need::registry, at(0)));
  }
}

TEST_CASE("what was forgotten of one sender is asked for though another's places stay full",
          "[node]") {
  Inbox inbox(8, 10'000);
  REQUIRE(inbox.hold(of(1, 1), Need::time, at(0)));
  REQUIRE_FALSE(inbox.hold(of(2, 1), Need::time, at(0)));
  CHECK_FALSE(inbox.take_reconnect_wish(at(0)));
  REQUIRE(inbox.hold(of(3, 2), Need::time, at(1)));
  REQUIRE_FALSE(inbox.hold(of(4, 2), Need::time, at(1)));
  CHECK(inbox.due(at(301)).size() == 2);
  inbox.attempts_durable();
  auto open = inbox.to_open(10);
  REQUIRE(open.size() == 2);
  REQUIRE(inbox.hold(open[0], Need::time, at(301)));
  CHECK(inbox.take_reconnect_wish(at(301)));
}

TEST_CASE("what was forgotten is asked for when entries came, once an hour, though nothing is free",
          "[node]") {
  Inbox inbox(8, 10'000);
  const auto forget_one = [&](Now now) {
    REQUIRE_FALSE(inbox.hold(of(2, 1), Need::registry, now));
  };
  REQUIRE(inbox.hold(of(1, 1), Need::time, at(0)));
  (void)inbox.came(Need::registry);
  forget_one(at(0));
  CHECK_FALSE(inbox.take_reconnect_wish(at(0)));  // nothing came since
  (void)inbox.came(Need::registry);
  CHECK(inbox.take_reconnect_wish(at(0)));
  (void)inbox.disconnected();
  forget_one(at(60));
  CHECK_FALSE(inbox.take_reconnect_wish(at(3600)));
  (void)inbox.came(Need::registry);
  CHECK_FALSE(inbox.take_reconnect_wish(at(3599)));
  CHECK(inbox.take_reconnect_wish(at(3600)));
}

TEST_CASE("with the connection goes what was not opened, not what is held", "[node]") {
  Inbox inbox(100, 10'000);
  REQUIRE(inbox.hold(letter(1), Need::registry, at(0)));
  inbox.arrived(letter(2));
  inbox.suspect(letter(3));
  CHECK(inbox.disconnected() == std::vector{id(2)});
  CHECK(inbox.has(id(1)));
  CHECK_FALSE(inbox.has(id(2)));
  CHECK_FALSE(inbox.has(id(3)));
  inbox.attempts_durable();
  CHECK(inbox.to_open(10).empty());
}

TEST_CASE("letters that were being opened when the process ended are opened one at a time",
          "[node]") {
  Inbox inbox(100, 10'000);
  inbox.suspect(letter(1));
  inbox.suspect(letter(2));
  inbox.arrived(letter(3));
  CHECK(inbox.next_suspect() == std::optional(id(1)));
  CHECK_FALSE(inbox.next_suspect());
  inbox.attempts_durable();
  CHECK_FALSE(inbox.next_suspect());
  CHECK(inbox.to_open(10).size() == 2);
  CHECK(inbox.next_suspect() == std::optional(id(2)));
  inbox.attempts_durable();
  CHECK(inbox.to_open(10).at(0).letter.id == id(2));
  CHECK_FALSE(inbox.next_suspect());
}
