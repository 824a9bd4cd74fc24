#include "node/core/log_watch.h"

#include <catch2/catch.hpp>

#include "wire/limits.h"

using namespace liaison;
using namespace liaison::node;
using wire::LogName;

namespace {

Now at(std::int64_t ms) {
  return {from_ms(1'790'000'000'000 + ms), Duration(1'000'000 + ms)};
}

LetterId letter(std::uint64_t number) {
  LetterId out;
  for (std::size_t i = 0; i < 8; ++i)
    out.octets[i] = static_cast<std::uint8_t>(number >> (8 * i));
  out.octets.back() = 1;
  return out;
}

LogWatch::Other other(const char* from) {
  return {NodeId::parse(from).value(), Digest{}, "note"};
}

LogWatch connected() {
  LogWatch watch;
  watch.begin(7);
  watch.connected(at(0));
  return watch;
}

}  // namespace

TEST_CASE("a node asks how the logs stand when it is connected, and now and then", "[node]") {
  LogWatch watch;
  watch.begin(7);
  CHECK_FALSE(watch.ask(0, 0, at(0)));
  CHECK_FALSE(watch.next_steady());
  watch.connected(at(0));
  CHECK(watch.ask(5, 3, at(0)) == wire::Prove{7, 5, {}, {}, {}});
  CHECK_FALSE(watch.ask(5, 3, at(9'999)));
  watch.answered(LogWatch::Showed::nothing, at(100));
  CHECK(watch.next_steady() == at(60'100).steady);
  CHECK_FALSE(watch.ask(5, 3, at(60'099)));
  CHECK(watch.ask(6, 3, at(60'100)) == wire::Prove{7, 6, {}, {}, {}});
}

TEST_CASE("what was not answered is asked again", "[node]") {
  auto watch = connected();
  REQUIRE(watch.ask(0, 0, at(0)));
  CHECK(watch.next_steady() == at(10'000).steady);
  CHECK(watch.ask(0, 0, at(10'000)));
  watch.disconnected(at(60'000));
  CHECK_FALSE(watch.ask(0, 0, at(90'000)));
  watch.connected(at(90'000));
  CHECK(watch.ask(0, 0, at(90'000)));
}

TEST_CASE("a letter's entry is asked for a second after it was accepted, until it is shown",
          "[node]") {
  auto watch = connected();
  REQUIRE(watch.ask(0, 0, at(0)));
  watch.answered(LogWatch::Showed::nothing, at(10));
  watch.await(41, letter(1), at(5'000));
  watch.await(40, letter(2), at(5'500));
  CHECK(watch.next_steady() == at(6'000).steady);
  CHECK(watch.ask(3, 0, at(6'000)) == wire::Prove{7, 3, {40, 41}, {}, {}});
  watch.shown(40);
  CHECK(watch.letter_at(40) == nullptr);
  REQUIRE(watch.letter_at(41) != nullptr);
  CHECK(*watch.letter_at(41) == letter(1));
  // What is left may be in the same checkpoint.
  watch.answered(LogWatch::Showed::something, at(6'010));
  CHECK(watch.ask(41, 0, at(6'010)) == wire::Prove{7, 41, {41}, {}, {}});
  watch.answered(LogWatch::Showed::nothing, at(6'020));
  CHECK(watch.next_steady() == at(7'020).steady);
  // Ever longer pauses, until there is something new.
  std::int64_t now = 7'020;
  for (const std::int64_t pause : {2'000, 4'000, 8'000, 16'000, 32'000, 60'000, 60'000}) {
    REQUIRE(watch.ask(41, 0, at(now)));
    watch.answered(LogWatch::Showed::nothing, at(now));
    CHECK(watch.next_steady() == at(now + pause).steady);
    now += pause;
  }
  watch.await(50, letter(3), at(now - 30'000));
  CHECK(watch.next_steady() == at(now - 29'000).steady);
}

TEST_CASE("of many letters each has its turn", "[node]") {
  auto watch = connected();
  const std::uint64_t count = wire::leaves_per_prove_max + 10;
  for (std::uint64_t leaf = 0; leaf < count; ++leaf)
    watch.await(leaf, letter(leaf), at(0));
  auto first = watch.ask(0, 0, at(0)).value();
  CHECK(first.leaves.size() == wire::leaves_per_prove_max);
  CHECK(first.leaves.front() == 0);
  watch.answered(LogWatch::Showed::nothing, at(0));
  const auto second = watch.ask(0, 0, at(1'000)).value();
  CHECK(second.leaves.size() == wire::leaves_per_prove_max);
  CHECK(std::is_sorted(second.leaves.begin(), second.leaves.end()));
  CHECK(second.leaves.back() == count - 1);
  CHECK(second.leaves.front() == 0);
  CHECK(second.leaves[wire::leaves_per_prove_max - 10] == wire::leaves_per_prove_max);
}

TEST_CASE("of leaves that do not fit fewer are asked for, until one is found or none is",
          "[node]") {
  auto watch = connected();
  for (const std::uint64_t leaf : {1, 2, 3, 4})
    watch.await(leaf, letter(leaf), at(0));
  std::int64_t ms = 0;
  const auto ask = [&] { return watch.ask(0, 0, at(ms += 10'000)).value().leaves; };
  const auto fails = [&](const std::vector<std::uint64_t>& leaves) {
    watch.did_not_fit(leaves);
    watch.answered(LogWatch::Showed::nothing, at(ms));
  };
  auto asked = ask();
  CHECK(asked.size() == 4);
  fails(asked);
  asked = ask();
  CHECK(asked.size() == 2);
  fails(asked);
  asked = ask();
  REQUIRE(asked.size() == 1);
  fails(asked);
  const auto suspect = asked.front();
  CHECK(ask().empty());
  // The log's growth holds without it.
  CHECK(watch.followed() == suspect);
  CHECK_FALSE(watch.followed());
  watch.shown(suspect);
  watch.answered(LogWatch::Showed::nothing, at(ms));
  CHECK(ask().size() == 2);
}

TEST_CASE("what is not shown within a minute of connections in all is known", "[node]") {
  auto watch = connected();
  watch.await(1, letter(1), at(30'000));
  CHECK(watch.unshown(at(89'999)) == 0);
  CHECK(watch.unshown(at(90'000)) == 1);
  // An exchange that ends each connection before the minute is over does not put it off.
  watch.disconnected(at(60'000));
  CHECK(watch.unshown(at(90'000)) == 0);
  watch.connected(at(100'000));
  CHECK(watch.unshown(at(129'999)) == 0);
  CHECK(watch.unshown(at(130'000)) == 1);
  watch.begin(8);
  CHECK(watch.awaited() == 0);
  CHECK(watch.unshown(at(160'000)) == 0);
}

TEST_CASE("what waits for the registry's log makes a node ask until the log has it", "[node]") {
  auto watch = connected();
  REQUIRE(watch.ask(0, 0, at(0)));
  watch.answered(LogWatch::Showed::nothing, at(10));
  watch.await_registry(7, at(2'000));
  watch.await_registry(5, at(2'500));
  CHECK(watch.next_steady() == at(3'000).steady);
  REQUIRE(watch.ask(0, 4, at(3'000)));
  watch.registry_shown(6);
  watch.answered(LogWatch::Showed::nothing, at(3'010));
  CHECK(watch.next_steady() == at(4'010).steady);
  CHECK_FALSE(watch.is_registry_late(at(61'999)));
  CHECK(watch.is_registry_late(at(62'000)));
  watch.registry_shown(7);
  CHECK_FALSE(watch.is_registry_late(at(62'000)));
  REQUIRE(watch.ask(0, 7, at(62'000)));
  watch.answered(LogWatch::Showed::nothing, at(62'010));
  CHECK(watch.next_steady() == at(122'010).steady);
}

TEST_CASE("what others were shown is asked for once it is no longer than what is known", "[node]") {
  auto watch = connected();
  CHECK(watch.compare(LogName::message, 20, other("office"), at(0)));
  CHECK(watch.compare(LogName::message, 30, other("office"), at(0)));
  CHECK_FALSE(watch.compare(LogName::message, 30, other("charity"), at(0)));
  CHECK(watch.compare(LogName::registry, 20, other("charity"), at(0)));
  CHECK(watch.ask(25, 10, at(0)) == wire::Prove{7, 25, {}, {20}, {}});
  REQUIRE(watch.other(LogName::message, 20) != nullptr);
  watch.compared(LogName::message, 20);
  CHECK(watch.other(LogName::message, 20) == nullptr);
  watch.answered(LogWatch::Showed::something, at(10));
  CHECK(watch.ask(30, 20, at(10)) == wire::Prove{7, 30, {}, {30}, {20}});
  CHECK(watch.unseen(LogName::message, at(59'999)).empty());
  REQUIRE(watch.unseen(LogName::message, at(60'000)).size() == 1);
  CHECK(watch.unseen(LogName::registry, at(60'000)).front().from.text() == "charity");
  for (std::uint64_t size = 100; size < 100 + 2 * LogWatch::others_max; ++size)
    (void)watch.compare(LogName::message, size, other("office"), at(0));
  CHECK(watch.ask(1'000, 20, at(20'000))->older_message.size() == wire::older_per_prove_max);
  CHECK(watch.other(LogName::message, 100 + LogWatch::others_max) == nullptr);
}

TEST_CASE("a node cosigns at most once a minute, and asks when the minute is over", "[node]") {
  auto watch = connected();
  REQUIRE(watch.ask(0, 0, at(0)));
  watch.answered(LogWatch::Showed::nothing, at(100));
  CHECK(watch.may_cosign(at(200)));
  watch.cosigned(at(200));
  REQUIRE(watch.ask(0, 0, at(60'100)));
  watch.answered(LogWatch::Showed::nothing, at(60'150));
  CHECK(watch.next_steady() == at(120'150).steady);
  CHECK_FALSE(watch.may_cosign(at(60'199)));
  CHECK(watch.next_steady() == at(60'200).steady);
  REQUIRE(watch.ask(0, 0, at(60'200)));
  watch.answered(LogWatch::Showed::nothing, at(60'300));
  CHECK(watch.may_cosign(at(60'300)));
}
