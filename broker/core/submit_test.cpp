#include <catch2/catch.hpp>

#include "broker/core/testing/exchange.h"

using namespace liaison;
using namespace liaison::broker;
using namespace liaison::broker::testing;
using Why = wire::RefusalReason;

namespace {

constexpr ConnectionId leeds{1};

Exchange two_nodes(Limits limits = {}) {
  Exchange exchange(limits);
  exchange.admit("leeds");
  exchange.admit("able", NodeRole::provider);
  (void)exchange.connect("leeds", 1);
  (void)exchange.settle();
  return exchange;
}

}  // namespace

TEST_CASE("an accepted letter is kept and logged in the decision that answers it", "[broker]") {
  auto exchange = two_nodes();
  const auto letter = exchange.letter("leeds", "able", 1);
  const auto decision = exchange.submit(1, {letter});

  wire::LogEntry entry;
  entry.kind = wire::LogKind::accepted;
  entry.at = exchange.now.wall;
  entry.letter = letter.letter.id;
  entry.sender = letter.letter.sender;
  entry.recipient = letter.letter.recipient;
  entry.size_bytes = 100;
  entry.digest = letter.digest;
  entry.commitment = letter.letter.commitment;
  Decision wanted;
  wanted.writes.push_back(AppendLog{0, entry, letter.letter.expires});
  wanted.writes.push_back(KeepLetter{1, exchange.number_of("leeds"), exchange.number_of("able"),
                                     exchange.now.wall, letter});
  wanted.sends.push_back(
      SendFrame{leeds, std::vector<wire::Accepted>{{letter.letter.id, 0, exchange.now.wall}}});
  CHECK(decision == wanted);
}

TEST_CASE("a repeated submission gets the first answer", "[broker]") {
  auto exchange = two_nodes();
  const auto letter = exchange.letter("leeds", "able", 1);
  const auto first = exchange.submit(1, {letter});
  exchange.pass(std::chrono::minutes(5));
  (void)exchange.settle();
  const auto again = exchange.submit(1, {letter});
  CHECK(again.writes.empty());
  CHECK(again.sends == first.sends);
}

TEST_CASE("other bytes under an accepted id are refused and logged", "[broker]") {
  auto exchange = two_nodes();
  (void)exchange.submit(1, {exchange.letter("leeds", "able", 1)});
  auto other = exchange.letter("leeds", "able", 1);
  other.digest = filled<Digest>(77);
  const auto decision = exchange.submit(1, {other});
  CHECK(reasons(decision) == std::vector{Why::id_reused});
  REQUIRE(writes<AppendLog>(decision).size() == 1);
  CHECK(writes<AppendLog>(decision)[0].entry.kind == wire::LogKind::refused);
  CHECK(writes<AppendLog>(decision)[0].entry.digest == other.digest);
  CHECK(writes<KeepLetter>(decision).empty());
}

TEST_CASE("who learnt a letter's id cannot occupy it", "[broker]") {
  auto exchange = two_nodes();
  (void)exchange.connect("able", 2);
  (void)exchange.submit(2, {exchange.letter("able", "leeds", 1)});
  const auto decision = exchange.submit(1, {exchange.letter("leeds", "able", 1)});
  CHECK(frames<std::vector<wire::Accepted>>(decision).size() == 1);
}

TEST_CASE("a letter is refused for what is wrong with it", "[broker]") {
  auto exchange = two_nodes();
  auto letter = exchange.letter("leeds", "able", 1);
  Why wanted{};
  SECTION("another sender") {
    letter.letter.sender = node_id("able");
    wanted = Why::wrong_sender;
  }
  SECTION("nothing in it") {
    letter.letter.sealed.clear();
    wanted = Why::malformed;
  }
  SECTION("too large") {
    letter.letter.sealed.resize(512 * 1024 + 1);
    wanted = Why::too_large;
  }
  SECTION("nobody of that name") {
    letter.letter.recipient = node_id("nobody");
    wanted = Why::unknown_recipient;
  }
  SECTION("the recipient was shut out") {
    (void)exchange.step(EntryMade{exchange.revocation(2, {"able"})});
    wanted = Why::recipient_revoked;
  }
  SECTION("the policy forbids it") {
    (void)exchange.step(
        PolicySet{{{{{}, {NodeRole::provider, {}}, Verdict::deny}}, Verdict::allow}});
    wanted = Why::not_permitted;
  }
  SECTION("its time has passed") {
    letter.letter.expires = exchange.now.wall;
    wanted = Why::expired;
  }
  SECTION("it asks to wait for too long") {
    letter.letter.expires = exchange.now.wall + std::chrono::hours(24 * 30 + 2);
    wanted = Why::expiry_too_far;
  }
  SECTION("the sealing certificate is not known") {
    letter.letter.sealing_key = filled<Fingerprint>(99);
    wanted = Why::key_unknown;
  }
  SECTION("the sealing certificate was replaced over a day ago") {
    (void)exchange.step(EntryMade{exchange.sealing("able", exchange.next_number())});
    exchange.pass(std::chrono::hours(25));
    (void)exchange.settle();
    letter.letter.expires += std::chrono::hours(25);
    wanted = Why::key_replaced;
  }
  SECTION("the sealing certificate has ended") {
    exchange.pass(std::chrono::hours(24 * 61));
    letter.letter.expires = exchange.now.wall + std::chrono::hours(1);
    wanted = Why::key_replaced;
  }
  SECTION("the recipient joined again with other keys") {
    (void)exchange.step(EntryMade{exchange.signing(
        "able", NodeRole::provider, wire::IssueReason::rejoined, exchange.next_number())});
    wanted = Why::key_replaced;
  }
  const auto decision = exchange.submit(1, {letter});
  REQUIRE(reasons(decision) == std::vector{wanted});
  CHECK(writes<KeepLetter>(decision).empty());
  const auto refused = frames<std::vector<wire::Refused>>(decision)[0][0];
  CHECK(refused.letter == letter.letter.id);
  CHECK(refused.meaning == wire::meaning_of(wanted));
  CHECK(refused.text == wire::sentence_for(wanted));
  CHECK((refused.retry_after > Duration{}) == (refused.meaning == wire::Meaning::retry));
}

TEST_CASE("a sealing certificate is taken for a day after it was replaced", "[broker]") {
  auto exchange = two_nodes();
  const auto letter = exchange.letter("leeds", "able", 1);
  (void)exchange.step(EntryMade{exchange.sealing("able", exchange.next_number())});
  exchange.pass(std::chrono::hours(23));
  CHECK(reasons(exchange.submit(1, {letter})).empty());
}

TEST_CASE(
    "a sealing certificate that was replaced while the clock was ahead has its day and no more",
    "[broker]") {
  auto exchange = two_nodes();
  const auto first = exchange.letter("leeds", "able", 1);
  const auto second = exchange.letter("leeds", "able", 2);
  exchange.jump(std::chrono::hours(24 * 40));
  (void)exchange.step(EntryMade{exchange.sealing("able", exchange.next_number())});
  exchange.jump(-std::chrono::hours(24 * 40));
  (void)exchange.settle();
  (void)exchange.connect("leeds", 3);
  CHECK(reasons(exchange.submit(3, {first})).empty());
  exchange.pass(std::chrono::hours(25));
  (void)exchange.settle();
  CHECK(reasons(exchange.submit(3, {second})) == std::vector{wire::RefusalReason::key_replaced});
}

TEST_CASE("quotas bound what one sender and one mailbox may have waiting", "[broker]") {
  Limits limits;
  SECTION("letters of a sender") {
    limits.quota.sender_letters_max = 2;
  }
  SECTION("octets of a sender") {
    limits.quota.sender_bytes_max = 250;
  }
  SECTION("letters of a mailbox, of which one sender may fill half") {
    limits.quota.mailbox_letters_max = 4;
  }
  SECTION("octets of a mailbox, likewise") {
    limits.quota.mailbox_bytes_max = 500;
  }
  auto exchange = two_nodes(limits);
  (void)exchange.connect("able", 2);
  const auto decision =
      exchange.submit(1, {exchange.letter("leeds", "able", 1), exchange.letter("leeds", "able", 2),
                          exchange.letter("leeds", "able", 3)});
  REQUIRE(reasons(decision).size() == 1);
  CHECK(wire::meaning_of(reasons(decision)[0]) == wire::Meaning::retry);
  (void)exchange.step(TakenCame{ConnectionId{2}, {{1, filled<LetterId>(1)}}});
  CHECK(reasons(exchange.submit(1, {exchange.letter("leeds", "able", 3)})).empty());
}

TEST_CASE("a full mailbox does not keep letters from another", "[broker]") {
  auto exchange = two_nodes();
  exchange.admit("york");
  (void)exchange.step(QuotaSet{node_id("able"), Quota{1, 1 << 20, 10, 1 << 20}});
  const auto decision =
      exchange.submit(1, {exchange.letter("leeds", "able", 1), exchange.letter("leeds", "able", 2),
                          exchange.letter("leeds", "york", 3)});
  CHECK(reasons(decision) == std::vector{Why::mailbox_full});
  CHECK(writes<KeepLetter>(decision).size() == 2);
}

TEST_CASE("more than ten refusals a minute become one entry", "[broker]") {
  auto exchange = two_nodes();
  std::vector<CheckedLetter> letters;
  for (std::uint64_t number = 1; number <= 25; ++number)
    letters.push_back(exchange.letter("leeds", "nobody", number));
  CHECK(writes<AppendLog>(exchange.submit(1, letters)).size() == 10);
  CHECK(writes<AppendLog>(exchange.settle()).empty());
  REQUIRE(exchange.core.next_deadline().has_value());
  CHECK(*exchange.core.next_deadline() == exchange.now.wall + std::chrono::minutes(1));
  exchange.pass(std::chrono::minutes(1));
  const auto summary = writes<AppendLog>(exchange.settle());
  REQUIRE(summary.size() == 1);
  CHECK(summary[0].entry.kind == wire::LogKind::refused_many);
  CHECK(summary[0].entry.count == 15);
  CHECK(summary[0].entry.sender == node_id("leeds"));
}

TEST_CASE("letters before a hello are passed over", "[broker]") {
  auto exchange = two_nodes();
  CHECK(exchange.submit(9, {exchange.letter("leeds", "able", 1)}) == Decision{});
}

TEST_CASE("letters of one node in a day are bounded", "[broker]") {
  Limits limits;
  limits.letters_per_day_max = 2;
  auto exchange = two_nodes(limits);
  const auto submit = [&](std::uint64_t number) {
    return reasons(exchange.submit(1, {exchange.letter("leeds", "able", number)}));
  };
  CHECK(submit(1).empty());
  CHECK(submit(2).empty());
  CHECK(submit(3) == std::vector{Why::sender_quota});
  CHECK(submit(2).empty());  // a repeat
  exchange.pass(std::chrono::hours(24));
  CHECK(submit(3).empty());
}

TEST_CASE("a letter taken while the clock may be wrong waits no longer than any other",
          "[broker]") {
  auto exchange = two_nodes();
  exchange.jump(std::chrono::hours(24 * 60));
  (void)exchange.settle();
  (void)exchange.connect("leeds", 3);
  auto letter = exchange.letter("leeds", "able", 1);
  letter.letter.expires = exchange.now.wall + std::chrono::hours(24 * 365 * 100);
  const auto bound = exchange.now.wall + Limits{}.expiry_max + Limits{}.expiry_slack;
  const auto decision = exchange.submit(3, {letter});
  REQUIRE(reasons(decision).empty());
  REQUIRE(writes<KeepLetter>(decision).size() == 1);
  CHECK(writes<KeepLetter>(decision)[0].letter.letter.expires == bound);
  CHECK(writes<AppendLog>(decision).at(0).expires == bound);
  exchange.pass(std::chrono::hours(24 * 31));
  CHECK(writes<DropItem>(exchange.settle()).size() == 1);
  for (std::size_t shard = 0; shard < AcceptedIds::shards; ++shard) {
    exchange.pass(std::chrono::minutes(15));
    (void)exchange.settle();
  }
  CHECK(exchange.core.accepted_ids().size() == 0);
}

TEST_CASE("a letter taken while the clock is set back keeps its time", "[broker]") {
  auto exchange = two_nodes();
  const auto letter = exchange.letter("leeds", "able", 1);
  exchange.jump(std::chrono::hours(-24 * 40));
  (void)exchange.settle();
  SECTION("by the process that saw it") {}
  SECTION("by the next") {
    auto next = two_nodes();
    next.core.load_state(exchange.core.state());
    next.now.wall = exchange.now.wall;
    (void)next.core.loaded(10, 5, next.now);
    exchange = std::move(next);
  }
  (void)exchange.connect("leeds", 3);
  const auto decision = exchange.submit(3, {letter});
  REQUIRE(writes<KeepLetter>(decision).size() == 1);
  CHECK(writes<KeepLetter>(decision)[0].letter.letter.expires == letter.letter.expires);
}

TEST_CASE("a clock that was ahead, and is set right, gives no letter more time than any other",
          "[broker]") {
  auto exchange = two_nodes();
  const auto letter = exchange.letter("leeds", "able", 1);
  auto ahead = letter;
  const auto decades = std::chrono::hours(24 * 365 * 70);
  ahead.letter.expires += decades;
  for (const auto by : {decades, -decades}) {
    exchange.jump(by);
    (void)exchange.settle();
  }
  (void)exchange.connect("leeds", 3);
  const auto decision = exchange.submit(3, {ahead});
  REQUIRE(writes<KeepLetter>(decision).size() == 1);
  CHECK(writes<KeepLetter>(decision)[0].letter.letter.expires <=
        exchange.now.wall + Limits{}.expiry_max + Limits{}.expiry_slack);
}

TEST_CASE("unanswered letters of one turn are bounded", "[broker]") {
  Limits limits;
  limits.letters_waiting_max = 2;
  auto exchange = two_nodes(limits);
  const auto decision =
      exchange.submit(1, {exchange.letter("leeds", "able", 1), exchange.letter("leeds", "able", 2),
                          exchange.letter("leeds", "able", 3)});
  CHECK(reasons(decision) == std::vector{Why::busy});
  (void)exchange.settle();
  CHECK(reasons(exchange.submit(1, {exchange.letter("leeds", "able", 3)})).empty());
}
