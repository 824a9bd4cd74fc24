#include <catch2/catch.hpp>

#include "broker/core/testing/exchange.h"

using namespace liaison;
using namespace liaison::broker;
using namespace liaison::broker::testing;

namespace {

CheckedEntry listing(std::string_view publisher, std::uint32_t version, std::uint64_t number,
                     std::size_t bytes = 50) {
  return {wire::EntryKind::listing, Bytes(bytes, 7), filled<Digest>(number),
          ListingFacts{node_id(publisher), "benches", version, false}};
}

std::variant<std::uint64_t, std::string> answer(const Decision& decision) {
  const auto lists = frames<std::vector<wire::Published>>(decision);
  REQUIRE(lists.size() == 1);
  REQUIRE(lists[0].size() == 1);
  return lists[0][0].result;
}

/// What is told to who asks from there on.
std::vector<SendEntries> told(Exchange& exchange, std::uint64_t connection, std::uint64_t index) {
  CHECK(exchange.step(SinceCame{ConnectionId{connection}, index}).sends.empty());
  return sends<SendEntries>(exchange.settle());
}

}  // namespace

TEST_CASE("a publication stands once, however often it is made", "[broker]") {
  Exchange exchange;
  exchange.admit("able", NodeRole::provider);
  (void)exchange.connect("able", 1);
  const PublicationCame publication{ConnectionId{1}, listing("able", 1, 100)};
  const auto first = exchange.step(publication);
  CHECK(std::get<std::uint64_t>(answer(first)) == 2);
  CHECK(writes<AppendRegistry>(first).size() == 1);
  const auto again = exchange.step(publication);
  CHECK(std::get<std::uint64_t>(answer(again)) == 2);
  CHECK(again.writes.empty());
}

TEST_CASE("a node has its share of what is published, and no more", "[broker]") {
  Limits limits;
  limits.publications_per_minute_max = 4;
  limits.listings_per_day_max = 3;
  Exchange exchange(limits);
  exchange.admit("able", NodeRole::provider);
  exchange.admit("leeds");
  exchange.pass(std::chrono::hours(24));
  (void)exchange.connect("able", 1);
  (void)exchange.connect("leeds", 2);
  const auto publish = [&](std::uint64_t connection, std::uint32_t version) {
    return answer(exchange.step(
        PublicationCame{ConnectionId{connection}, listing("able", version, 100 + version)}));
  };
  const auto is_taken = [](const std::variant<std::uint64_t, std::string>& answered) {
    return std::holds_alternative<std::uint64_t>(answered);
  };
  const auto may = [&](std::uint64_t connection) {
    return exchange.core.may_publish(ConnectionId{connection}, exchange.now);
  };
  for (std::uint32_t version = 1; version <= 3; ++version)
    CHECK(is_taken(publish(1, version)));
  SECTION("of a day, whoever tells of it") {
    CHECK_FALSE(is_taken(publish(1, 4)));
    CHECK_FALSE(is_taken(publish(2, 5)));
    exchange.pass(std::chrono::hours(24));
    CHECK(is_taken(publish(1, 6)));
  }
  SECTION("of a minute, refused ones and repeats among them") {
    CHECK(may(1));
    (void)publish(1, 2);
    CHECK_FALSE(may(1));
    CHECK(may(2));
    for (int refused = 0; refused < 4; ++refused)
      (void)exchange.step(PublicationAnswered{
          ConnectionId{2}, {filled<Digest>(7), "its signature does not hold"}, "untrusted"});
    CHECK_FALSE(may(2));
    exchange.pass(std::chrono::minutes(1));
    CHECK(may(1));
    CHECK(may(2));
  }
  CHECK_FALSE(may(3));
}

TEST_CASE("a node's listings of one day are bounded in octets too", "[broker]") {
  Limits limits;
  limits.listing_bytes_per_day_max = 500;
  Exchange exchange(limits);
  exchange.admit("able", NodeRole::provider);
  exchange.admit("york", NodeRole::provider);
  exchange.pass(std::chrono::hours(24));
  (void)exchange.connect("able", 1);
  const auto publish = [&](std::string_view publisher, std::uint32_t version, std::size_t bytes) {
    return answer(exchange.step(
        PublicationCame{ConnectionId{1}, listing(publisher, version, 100 + version, bytes)}));
  };
  const auto is_taken = [&](std::string_view publisher, std::uint32_t version, std::size_t bytes) {
    return std::holds_alternative<std::uint64_t>(publish(publisher, version, bytes));
  };
  CHECK(is_taken("able", 1, 400));
  CHECK(std::get<std::string>(publish("able", 2, 101)) ==
        "this node's listings of one day are longer in all than the exchange takes: shorten them, "
        "or try again tomorrow");
  CHECK(is_taken("york", 3, 400));
  CHECK(is_taken("able", 4, 100));
  CHECK_FALSE(is_taken("able", 5, 1));
  exchange.pass(std::chrono::hours(24));
  CHECK(is_taken("able", 6, 500));
}

TEST_CASE("one node may tell a restored broker the whole registry, but no rubbish", "[broker]") {
  Limits limits;
  limits.publications_per_minute_max = 4;
  limits.listings_per_day_max = 3;
  Exchange exchange(limits);
  exchange.core.load_state({7, true, 0, exchange.now.wall});
  exchange.admit("able", NodeRole::provider);
  exchange.admit("leeds");
  (void)exchange.core.loaded(10, 5, exchange.now);
  (void)exchange.connect("leeds", 1);
  for (std::uint32_t version = 1; version <= 20; ++version)
    CHECK(std::holds_alternative<std::uint64_t>(answer(
        exchange.step(PublicationCame{ConnectionId{1}, listing("able", version, 100 + version)}))));
  CHECK(exchange.core.may_publish(ConnectionId{1}, exchange.now));
  for (std::uint32_t again = 0; again < 4; ++again)
    (void)exchange.step(PublicationCame{ConnectionId{1}, listing("able", 1, 200 + again)});
  CHECK_FALSE(exchange.core.may_publish(ConnectionId{1}, exchange.now));
}

TEST_CASE("what continues something else is not revoked with what stands before it", "[broker]") {
  Exchange exchange;
  exchange.admit("leeds");
  const auto list = exchange.revocation(5, {"leeds"});
  // It joined again and renewed; of the joining a restored broker has not heard.
  auto renewed = exchange.signing("leeds", NodeRole::adviser, wire::IssueReason::renewed,
                                  exchange.next_number());
  std::get<SigningFacts>(renewed.facts).previous = filled<Fingerprint>(777);
  (void)exchange.step(EntryMade{renewed});
  (void)exchange.step(EntryMade{list});
  CHECK(frames<wire::Welcome>(exchange.connect("leeds", 1)).size() == 1);
}

TEST_CASE("a certificate that continues a revoked one is revoked too", "[broker]") {
  Exchange exchange;
  exchange.admit("leeds");
  const auto list = exchange.revocation(5, {"leeds"});
  (void)exchange.step(EntryMade{exchange.signing(
      "leeds", NodeRole::adviser, wire::IssueReason::renewed, exchange.next_number())});
  (void)exchange.connect("leeds", 1);
  CHECK(goodbyes(exchange.step(EntryMade{list})) == std::vector{wire::GoodbyeReason::revoked});
  CHECK(exchange.core.registry().admitted(exchange.now.wall, std::chrono::hours(24)).empty());
  // Who joins again with an administrator's invitation begins anew.
  (void)exchange.step(EntryMade{exchange.signing(
      "leeds", NodeRole::adviser, wire::IssueReason::rejoined, exchange.next_number())});
  CHECK(frames<wire::Welcome>(exchange.connect("leeds", 2)).size() == 1);
}

TEST_CASE("an older version, list or certificate never takes the place of a newer", "[broker]") {
  Exchange exchange;
  exchange.admit("able", NodeRole::provider);
  exchange.admit("leeds");
  (void)exchange.connect("leeds", 1);
  const auto old_sealing = exchange.sealing("able", exchange.next_number());
  exchange.pass(std::chrono::hours(1));
  (void)exchange.step(EntryMade{exchange.sealing("able", exchange.next_number())});
  (void)exchange.step(EntryMade{listing("able", 3, 100)});
  (void)exchange.step(EntryMade{exchange.revocation(5, {})});
  for (const auto& entry : {old_sealing, listing("able", 3, 101), listing("able", 2, 102),
                            exchange.revocation(4, {})}) {
    const auto decision = exchange.step(PublicationCame{ConnectionId{1}, entry});
    CHECK(std::holds_alternative<std::string>(answer(decision)));
    CHECK(decision.writes.empty());
  }
}

TEST_CASE("the registry is told from an index on, then as it grows", "[broker]") {
  Exchange exchange;
  exchange.admit("able", NodeRole::provider);
  exchange.admit("leeds");
  (void)exchange.connect("leeds", 1);
  (void)exchange.connect("able", 2);
  CHECK(told(exchange, 1, 0) == std::vector{SendEntries{ConnectionId{1}, 0, 4, 4}});
  (void)exchange.step(PublicationCame{ConnectionId{2}, listing("able", 1, 100)});
  (void)exchange.step(PublicationCame{ConnectionId{2}, listing("able", 2, 101)});
  // Node `able` has not asked; `leeds` gets both in one frame.
  CHECK(sends<SendEntries>(exchange.settle()) ==
        std::vector{SendEntries{ConnectionId{1}, 4, 2, 6}});
  CHECK(sends<SendEntries>(exchange.settle()).empty());
}

TEST_CASE("a long registry is told a frame at a time, as it is asked for", "[broker]") {
  Exchange exchange;
  exchange.admit("able", NodeRole::provider);
  for (std::uint32_t version = 1; version <= 10; ++version)
    (void)exchange.step(EntryMade{listing("able", version, 100 + version, 50'000)});
  (void)exchange.connect("able", 1);
  (void)exchange.settle();
  CHECK(told(exchange, 1, 2) == std::vector{SendEntries{ConnectionId{1}, 2, 4, 12}});
  (void)exchange.step(EntryMade{listing("able", 11, 111)});
  CHECK(sends<SendEntries>(exchange.settle()).empty());
  CHECK(told(exchange, 1, 6) == std::vector{SendEntries{ConnectionId{1}, 6, 4, 13}});
  CHECK(told(exchange, 1, 10) == std::vector{SendEntries{ConnectionId{1}, 10, 3, 13}});
  (void)exchange.step(EntryMade{listing("able", 12, 112)});
  CHECK(sends<SendEntries>(exchange.settle()).size() == 1);
}

TEST_CASE("of long listings all are told only that they are there, and who asks gets one frame",
          "[broker]") {
  Exchange exchange;
  exchange.admit("able", NodeRole::provider);
  exchange.admit("leeds");
  (void)exchange.connect("able", 1);
  (void)exchange.connect("leeds", 2);
  (void)told(exchange, 1, 0);
  (void)told(exchange, 2, 0);
  for (std::uint32_t version = 1; version <= 6; ++version)
    (void)exchange.step(EntryMade{listing("able", version, 100 + version, 131'000)});
  CHECK(
      sends<SendEntries>(exchange.settle()) ==
      std::vector{SendEntries{ConnectionId{1}, 4, 0, 10}, SendEntries{ConnectionId{2}, 4, 0, 10}});
  (void)exchange.step(EntryMade{listing("able", 7, 107, 230'000)});
  CHECK(sends<SendEntries>(exchange.settle()).empty());
  CHECK(told(exchange, 2, 4) == std::vector{SendEntries{ConnectionId{2}, 4, 1, 11}});
  CHECK(told(exchange, 2, 10) == std::vector{SendEntries{ConnectionId{2}, 10, 1, 11}});
  (void)exchange.step(EntryMade{listing("able", 8, 108)});
  CHECK(sends<SendEntries>(exchange.settle()) ==
        std::vector{SendEntries{ConnectionId{2}, 11, 1, 12}});
}

TEST_CASE("what is pushed unasked is little in all, however often it comes", "[broker]") {
  Exchange exchange;
  exchange.admit("able", NodeRole::provider);
  exchange.admit("leeds");
  (void)exchange.connect("leeds", 1);
  (void)told(exchange, 1, 0);
  std::uint32_t version = 0;
  const auto pushed = [&] {
    ++version;
    (void)exchange.step(EntryMade{listing("able", version, 100 + version, 10'000)});
    return sends<SendEntries>(exchange.settle());
  };
  CHECK(pushed() == std::vector{SendEntries{ConnectionId{1}, 4, 1, 5}});
  CHECK(pushed() == std::vector{SendEntries{ConnectionId{1}, 5, 0, 6}});
  CHECK(pushed().empty());
  CHECK(told(exchange, 1, 5) == std::vector{SendEntries{ConnectionId{1}, 5, 2, 7}});
  CHECK(pushed() == std::vector{SendEntries{ConnectionId{1}, 7, 1, 8}});
}

TEST_CASE("a question that a push has set off is not counted: others' listings cut off nobody",
          "[broker]") {
  Limits limits;
  limits.sinces_per_minute_max = 2;
  Exchange exchange(limits);
  exchange.admit("able", NodeRole::provider);
  exchange.admit("leeds");
  (void)exchange.connect("leeds", 1);
  (void)told(exchange, 1, 0);
  for (std::uint32_t version = 1; version <= 5; ++version) {
    (void)exchange.step(EntryMade{listing("able", version, 100 + version, 20'000)});
    CHECK(sends<SendEntries>(exchange.settle()).at(0).count == 0);
    CHECK(told(exchange, 1, 3 + version).at(0).count == 1);
  }
  CHECK(told(exchange, 1, 8).size() == 1);
  CHECK_FALSE(exchange.step(SinceCame{ConnectionId{1}, 8}).denials.empty());
}

TEST_CASE("who asks for the registry many times at once is told once, and few are told at once",
          "[broker]") {
  Exchange exchange;
  exchange.admit("able", NodeRole::provider);
  for (std::uint64_t connection = 1; connection <= 20; ++connection) {
    const auto node = "office-" + std::to_string(connection);
    exchange.admit(node);
    (void)exchange.connect(node, connection);
  }
  (void)exchange.settle();
  const auto size = exchange.core.registry().size();
  for (const std::uint64_t index : {0, 2, 1})
    for (std::uint64_t connection = 1; connection <= 20; ++connection)
      CHECK(exchange.step(SinceCame{ConnectionId{connection}, index}).sends.empty());
  std::vector<SendEntries> wanted;
  for (std::uint64_t connection = 1; connection <= 20; ++connection)
    wanted.push_back({ConnectionId{connection}, 1, static_cast<std::uint32_t>(size) - 1, size});
  // What is left has its turn at once.
  auto heard = sends<SendEntries>(exchange.settle());
  CHECK(heard.size() == 16);
  REQUIRE(exchange.core.next_deadline().has_value());
  CHECK(*exchange.core.next_deadline() <= exchange.now.wall);
  const auto rest = sends<SendEntries>(exchange.settle());
  heard.insert(heard.end(), rest.begin(), rest.end());
  CHECK(heard == wanted);
  CHECK(sends<SendEntries>(exchange.settle()).empty());
}

TEST_CASE("a restored broker refuses letters until every node has told what it knows", "[broker]") {
  Exchange before;
  before.admit("leeds");
  before.admit("able", NodeRole::provider);
  Exchange exchange;
  KeepState state{7, true, 0, exchange.now.wall};
  exchange.core.load_state(state);
  exchange.admit("leeds");
  exchange.admit("able", NodeRole::provider);
  (void)exchange.core.loaded(10, 5, exchange.now);
  const auto welcome = exchange.connect("leeds", 1);
  CHECK(frames<wire::Welcome>(welcome)[0].recovering);
  CHECK(frames<wire::Welcome>(welcome)[0].epoch == 7);
  (void)exchange.connect("able", 2);
  CHECK(reasons(exchange.submit(1, {exchange.letter("leeds", "able", 1)})) ==
        std::vector{wire::RefusalReason::recovering});
  (void)exchange.step(SinceCame{ConnectionId{1}, 0});
  (void)exchange.settle();
  CHECK(exchange.core.state().recovering);
  SECTION("all have told") {
    (void)exchange.step(SinceCame{ConnectionId{2}, 0});
  }
  SECTION("one stays away") {
    exchange.pass(Limits{}.recovery_window);
  }
  SECTION("the one that is missing was shut out") {
    (void)exchange.step(EntryMade{exchange.revocation(2, {"able"})});
  }
  const auto decision = exchange.settle();
  CHECK_FALSE(exchange.core.state().recovering);
  REQUIRE_FALSE(frames<wire::Welcome>(decision).empty());
  CHECK_FALSE(frames<wire::Welcome>(decision)[0].recovering);
  CHECK_FALSE(writes<KeepState>(decision).empty());
}

TEST_CASE("a node that saw a later epoch makes a restored broker go past it", "[broker]") {
  Exchange exchange;
  exchange.core.load_state({7, true, 0, exchange.now.wall});
  exchange.admit("leeds");
  (void)exchange.core.loaded(0, 0, exchange.now);
  auto hello = exchange.hello("leeds");
  hello.epoch = 12;
  const auto decision =
      exchange.step(HelloCame{ConnectionId{1}, Exchange::curve_of("leeds"), hello});
  CHECK(frames<wire::Welcome>(decision)[0].epoch == 13);
  CHECK_FALSE(writes<KeepState>(decision).empty());
}

TEST_CASE("nobody drives epochs further than a clock may have been behind", "[broker]") {
  Exchange exchange;
  exchange.core.load_state({7, true, 0, exchange.now.wall});
  exchange.admit("leeds");
  (void)exchange.core.loaded(0, 0, exchange.now);
  auto hello = exchange.hello("leeds");
  hello.epoch = 30ULL * 366 * 24 * 3600;
  const auto decision =
      exchange.step(HelloCame{ConnectionId{1}, Exchange::curve_of("leeds"), hello});
  CHECK(frames<wire::Welcome>(decision)[0].epoch == 7);
  // Nor two of them in turn.
  exchange.admit("york");
  exchange.admit("hull");
  auto first = exchange.hello("york");
  first.epoch = 15ULL * 366 * 24 * 3600;
  (void)exchange.step(HelloCame{ConnectionId{2}, Exchange::curve_of("york"), first});
  auto second = exchange.hello("hull");
  second.epoch = 30ULL * 366 * 24 * 3600;
  const auto last = exchange.step(HelloCame{ConnectionId{3}, Exchange::curve_of("hull"), second});
  CHECK(frames<wire::Welcome>(last)[0].epoch == first.epoch + 1);
}

TEST_CASE("a repeat is known after its memory was thinned, until its expiry", "[broker]") {
  AcceptedIds ids;
  const auto at = from_ms(1'800'000'000'000);
  for (std::uint64_t number = 0; number < 10'000; ++number)
    ids.add(NodeNumber{1}, filled<LetterId>(number * 977), filled<Digest>(number), number, at,
            at + std::chrono::hours(number % 2 == 0 ? 10 : 100));
  for (std::size_t shard = 0; shard < AcceptedIds::shards; ++shard)
    ids.prune_next(at + std::chrono::hours(50));
  CHECK(ids.size() == 5'000);
  CHECK(ids.lowest_leaf(99'999) == 1);
  for (std::uint64_t number = 0; number < 10'000; ++number) {
    const auto found =
        ids.find(NodeNumber{1}, filled<LetterId>(number * 977), filled<Digest>(number));
    REQUIRE(found.has_value() == (number % 2 == 1));
    if (found) CHECK(found->leaf == number);
  }
  CHECK(ids.find(NodeNumber{2}, filled<LetterId>(977), filled<Digest>(1)) == std::nullopt);
}
