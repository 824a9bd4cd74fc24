#include <algorithm>
#include <catch2/catch.hpp>

#include "node/core/catch_up.h"
#include "node/core/clock_guard.h"
#include "node/core/keyring.h"
#include "node/core/link.h"
#include "node/core/receipts.h"
#include "node/core/registry_replica.h"
#include "node/core/wanted.h"

using namespace liaison;
using namespace liaison::node;

namespace {

const NodeId leeds = *NodeId::parse("jcp-leeds");
const NodeId able = *NodeId::parse("able-futures");
const NodeId acorn = *NodeId::parse("acorn-surgery");

Now at(std::int64_t hours) {
  return {from_ms(1'700'000'000'000) + std::chrono::hours(hours), std::chrono::hours(1000 + hours)};
}
template <class Id>
Id id_of(std::uint8_t number) {
  Id out;
  out.octets[0] = number;
  return out;
}

wire::Welcome welcome(std::uint64_t epoch, std::uint64_t incarnation) {
  wire::Welcome out;
  out.epoch = epoch;
  out.incarnation = incarnation;
  return out;
}

}  // namespace

TEST_CASE("a welcome tells what changed since the node's last", "[node]") {
  Link link(100, 1000);
  HelloFacts facts{leeds, 3, 7, 20, "test"};
  CHECK_FALSE(link.welcomed(welcome(7, 3), facts).usable);  // nobody was greeted
  auto hello = link.connected(facts, at(0).wall);
  CHECK(hello.incarnation == 3);
  CHECK(hello.credit_letters == 100);
  CHECK(link.welcomed(welcome(7, 3), facts) == WelcomeDecision{true, false, false});
  CHECK(link.welcomed(welcome(8, 4), facts) == WelcomeDecision{true, true, true});
  facts.epoch = 0;  // never connected before: nothing can have been lost
  CHECK(link.welcomed(welcome(8, 3), facts) == WelcomeDecision{true, false, false});
}

TEST_CASE("who was replaced or shut out does not dial again", "[node]") {
  HelloFacts facts{leeds, 1, 1, 0, "test"};
  for (auto reason : {wire::GoodbyeReason::replaced, wire::GoodbyeReason::revoked}) {
    Link link(100, 1000);
    (void)link.connected(facts, at(0).wall);
    CHECK(link.said_goodbye({reason, ""}));
    link.disconnected();
    CHECK_FALSE(link.redials());
  }
  for (auto reason : {wire::GoodbyeReason::stopping, wire::GoodbyeReason::strikes,
                      wire::GoodbyeReason::version}) {
    Link link(100, 1000);
    (void)link.connected(facts, at(0).wall);
    CHECK(link.said_goodbye({reason, ""}));
    CHECK(link.redials());
  }
  Link link(100, 1000);
  (void)link.connected(facts, at(0).wall);
  CHECK_FALSE(link.said_goodbye({wire::GoodbyeReason::renew_only, ""}));
  CHECK(link.state() == LinkState::renew_only);
}

TEST_CASE("credit is given back in portions as letters are dealt with", "[node]") {
  Link link(16, 1'000'000);
  HelloFacts facts{leeds, 1, 1, 0, "test"};
  (void)link.connected(facts, at(0).wall);
  (void)link.welcomed(welcome(1, 1), facts);
  CHECK(link.delivered(10));
  link.dealt_with(10);
  CHECK(link.take_grant() == wire::Credit{});
  CHECK(link.delivered(10));
  link.dealt_with(10);
  CHECK(link.take_grant() == wire::Credit{2, 20});
  for (int i = 0; i < 16; ++i)
    CHECK(link.delivered(1));
  CHECK_FALSE(link.delivered(1));
}

TEST_CASE("a delivery beyond the credit, and all that comes after it, is not to be kept",
          "[node]") {
  Link link(2, 100);
  const HelloFacts facts{leeds, 1, 1, 0, "test"};
  (void)link.connected(facts, at(0).wall);
  (void)link.welcomed(welcome(1, 1), facts);
  CHECK(link.delivered(60));
  SECTION("octets") {
    CHECK_FALSE(link.delivered(41));
    CHECK_FALSE(link.delivered(1));
  }
  SECTION("letters") {
    CHECK(link.delivered(40));
    CHECK_FALSE(link.delivered(0));
  }
  // What is given back does not make it good.
  link.dealt_with(60);
  CHECK(link.take_grant() == wire::Credit{1, 60});
  CHECK_FALSE(link.delivered(1));
  (void)link.connected(facts, at(0).wall);
  CHECK(link.delivered(100));
}

TEST_CASE("the registry's copy is contiguous and of one epoch", "[node]") {
  RegistryReplica replica(1, 0);
  CHECK(replica.welcomed(1, 3) == RegistryReplica::Welcomed{false, wire::Since{0}, false});
  wire::Entries entries;
  entries.first = 0;
  entries.size = 3;
  entries.entries.resize(2);
  CHECK(replica.entries(entries) == EntriesDecision{0, 2, 0, wire::Since{2}, false});
  entries.first = 1;
  CHECK(replica.entries(entries) == EntriesDecision{1, 1, 2, std::nullopt, true});
  entries.first = 5;
  entries.size = 7;
  CHECK(replica.is_current());
  CHECK(replica.entries(entries) == EntriesDecision{0, 0, 0, wire::Since{3}, false});
  CHECK_FALSE(replica.is_current());  // what is missing may say who was shut out
  CHECK(replica.welcomed(2, 3) == RegistryReplica::Welcomed{true, wire::Since{0}, false});
  CHECK(replica.size() == 0);
}

TEST_CASE("a broker that has less than it said is taken for a restored one", "[node]") {
  RegistryReplica replica(1, 10);
  CHECK(replica.welcomed(1, 4) == RegistryReplica::Welcomed{true, wire::Since{0}, false});
}

TEST_CASE("a clock that jumps stops what cannot be undone for a day", "[node]") {
  ClockGuard guard;
  guard.observe(at(0));
  CHECK_FALSE(guard.is_guarded(at(0)));
  auto jumped = at(0);
  jumped.wall += std::chrono::hours(400);
  guard.observe(jumped);
  CHECK(guard.is_guarded(jumped));
  CHECK(guard.was_set(jumped));
  jumped.wall += std::chrono::hours(25);
  jumped.steady += std::chrono::hours(25);
  guard.observe(jumped);
  CHECK_FALSE(guard.is_guarded(jumped));

  ClockGuard behind;
  behind.observe_kept(at(5).wall, {}, at(0));
  CHECK(behind.is_guarded(at(0)));
  ClockGuard disagrees;
  disagrees.observe_broker(at(9).wall, at(0));
  CHECK(disagrees.is_guarded(at(0)));
  CHECK(disagrees.broker_time(at(1)) == std::optional<Instant>(at(10).wall));
}

TEST_CASE("an end of the program hides no jump of the clock and ends no calm", "[node]") {
  using std::chrono::hours;
  const auto kept = at(0).wall;
  const auto later = [](hours by) {
    auto now = at(0);
    now.wall += by;
    return now;
  };
  ClockGuard after_a_night;
  after_a_night.observe_kept(kept, {}, later(hours(15)));
  CHECK_FALSE(after_a_night.is_guarded(at(0)));
  ClockGuard set_forward;
  set_forward.observe_kept(kept, {}, later(hours(24 * 40)));
  CHECK(set_forward.is_guarded(at(0)));
  CHECK(set_forward.calm_left(at(0)) == ClockGuard::calm);
  CHECK_FALSE(set_forward.was_set(at(0)));

  ClockGuard calm;
  auto now = at(0);
  calm.observe_kept(kept, hours(3), now);
  CHECK(calm.is_guarded(now));
  now.steady += hours(1);
  CHECK(calm.calm_left(now) == hours(2));
  now.steady += hours(2);
  CHECK_FALSE(calm.is_guarded(now));
  CHECK(calm.calm_left(now) == Duration{});
}

TEST_CASE("receipts gather, go in few letters, and come back when one is lost", "[node]") {
  Receipts receipts(std::chrono::milliseconds(200));
  wire::Receipt one{id_of<LetterId>(1), wire::Stage::stored, at(0).wall};
  wire::Receipt two{id_of<LetterId>(2), wire::Stage::stored, at(0).wall};
  receipts.owe(leeds, one, at(0));
  receipts.owe(leeds, two, at(0));
  receipts.owe(leeds, two, at(0));
  CHECK(receipts.take(10, at(0)).empty());
  auto later = at(0);
  later.steady += std::chrono::milliseconds(200);
  auto batches = receipts.take(10, later);
  CHECK(batches == std::vector<Receipts::Batch>{{leeds, {one, two}}});
  CHECK_FALSE(receipts.next_steady());
  receipts.put_back(batches[0], later);
  CHECK(receipts.take(10, later).empty());
  CHECK(receipts.take(10, at(1)) == batches);
}

TEST_CASE("receipts that could not be opened there go again, ever later or with the next",
          "[node]") {
  Receipts receipts(std::chrono::milliseconds(200));
  const std::vector<wire::Receipt> lost{{id_of<LetterId>(1), wire::Stage::stored, at(0).wall}};
  const wire::Receipt next{id_of<LetterId>(2), wire::Stage::stored, at(0).wall};
  auto now = at(0);
  std::vector<std::chrono::minutes> pauses;
  for (int times = 0; times < 8; ++times) {
    receipts.came_back(leeds, lost, now);
    pauses.push_back(duration_cast<std::chrono::minutes>(*receipts.next_steady() - now.steady));
    CHECK(receipts.take(10, now).empty());
    now.steady = *receipts.next_steady();
    CHECK(receipts.take(10, now) == std::vector<Receipts::Batch>{{leeds, lost}});
  }
  using std::chrono::minutes;
  CHECK(pauses == std::vector{minutes(1), minutes(2), minutes(4), minutes(8), minutes(16),
                              minutes(32), minutes(60), minutes(60)});

  receipts.came_back(leeds, lost, now);
  receipts.owe(leeds, next, now);
  now.steady += std::chrono::milliseconds(200);
  CHECK(receipts.take(10, now) == std::vector<Receipts::Batch>{{leeds, {lost[0], next}}});
}

TEST_CASE("a question that was lost on its way is asked again, an answered one is not", "[node]") {
  CatchUp catch_up;
  catch_up.begin(at(100).wall);
  const std::vector<NodeId> both{leeds, able};
  CHECK(catch_up.ask(both) == both);
  CHECK(catch_up.ask(both).empty());
  catch_up.answered(able, Answer::given);
  catch_up.ask_again(leeds);
  catch_up.ask_again(able);
  CHECK(catch_up.ask(both) == std::vector{leeds});
  CHECK(catch_up.ask(both).empty());
  CHECK_FALSE(catch_up.finish());

  catch_up.set_back(at(50).wall);
  CHECK(catch_up.began() == at(50).wall);
  catch_up.set_back(at(70).wall);
  CHECK(catch_up.began() == at(50).wall);
}

TEST_CASE("sealing keys are made, replaced and destroyed by both clocks", "[node]") {
  const auto day = std::chrono::hours(24);
  KeyringFacts facts;
  facts.signing = id_of<Fingerprint>(1);
  facts.signing_not_before = at(0).wall;
  facts.signing_not_after = at(0).wall + 90 * day;
  CHECK(decide_keys(facts, at(1).wall) == KeyringDecision{true, false, {}});

  OwnSealingKey key;
  key.fingerprint = id_of<Fingerprint>(9);
  key.signing = facts.signing;
  key.state = KeyState::current;
  key.not_before = at(0).wall;
  key.not_after = at(0).wall + 30 * day;
  facts.sealing = {key};
  CHECK(decide_keys(facts, at(1).wall) == KeyringDecision{});
  CHECK(decide_keys(facts, at(0).wall + 21 * day).make_sealing);
  CHECK(decide_keys(facts, at(0).wall + 61 * day).renew_signing);
  facts.lost_key_is_last = true;
  CHECK(decide_keys(facts, at(1).wall).make_sealing);
  facts.lost_key_is_last = false;
  facts.clock_set = true;
  CHECK_FALSE(decide_keys(facts, at(0).wall + 61 * day).renew_signing);
  facts.clock_set = false;
  facts.signing = id_of<Fingerprint>(2);  // renewed: its sealing key goes with it
  CHECK(decide_keys(facts, at(1).wall).make_sealing);
  CHECK_FALSE(decide_keys(facts, facts.signing_not_after + day).make_sealing);

  facts.signing = key.signing;
  auto retired = key;
  retired.fingerprint = id_of<Fingerprint>(8);
  retired.state = KeyState::retired;
  retired.retired_at = at(0).wall;
  retired.retired_broker_at = at(0).wall;
  key.not_after = at(0).wall + 80 * day;
  facts.sealing = {key, retired};
  auto over = at(0).wall + 46 * day;
  facts.broker_time = over;
  CHECK(decide_keys(facts, over).destroy == std::vector{retired.fingerprint});
  auto but = [&](auto change) {
    auto other = facts;
    change(other);
    return decide_keys(other, over).destroy.empty();
  };
  CHECK(but([](KeyringFacts& f) { f.guarded = true; }));
  CHECK(but([](KeyringFacts& f) { f.broker_time.reset(); }));
  CHECK(but([&](KeyringFacts& f) { f.broker_time = over - 5 * day; }));
  CHECK(but([&](KeyringFacts& f) { f.needed = {retired.fingerprint}; }));
  CHECK(but([](KeyringFacts& f) { f.anything_waits = true; }));
  CHECK(decide_keys(facts, over - 5 * day).destroy.empty());
}

TEST_CASE("a sealing key made while the clock was ahead is replaced once", "[node]") {
  const auto day = std::chrono::hours(24);
  KeyringFacts facts;
  facts.signing = id_of<Fingerprint>(1);
  facts.signing_not_before = at(0).wall;
  facts.signing_not_after = at(0).wall + 90 * day;
  OwnSealingKey ahead;
  ahead.signing = facts.signing;
  ahead.state = KeyState::current;
  ahead.not_before = at(0).wall + 20 * day;
  ahead.not_after = at(0).wall + 50 * day;
  facts.sealing = {ahead};
  CHECK(decide_keys(facts, at(1).wall).make_sealing);
  auto next = ahead;
  next.state = KeyState::fresh;  // not in the registry yet
  next.not_before = at(0).wall;
  next.not_after = at(0).wall + 30 * day;
  facts.sealing = {ahead, next};
  CHECK_FALSE(decide_keys(facts, at(1).wall).make_sealing);
}

TEST_CASE("a node can be written to under a signing certificate that begins weeks from now",
          "[node]") {
  KeyringFacts facts;
  facts.signing_not_before = at(0).wall + std::chrono::hours(24 * 30);
  facts.signing_not_after = facts.signing_not_before + std::chrono::hours(24 * 90);
  CHECK(decide_keys(facts, at(1).wall).make_sealing);
  CHECK_FALSE(decide_keys(facts, at(1).wall).renew_signing);
  CHECK_FALSE(decide_keys(facts, facts.signing_not_after + std::chrono::hours(1)).make_sealing);
}

TEST_CASE("a restored node waits for a case's participants, and for strangers three days",
          "[node]") {
  CatchUp catch_up;
  const auto id = id_of<CaseId>(1);
  CHECK(catch_up.may_decide(id, {able}, {}, at(0).wall));
  catch_up.begin(at(0).wall);
  CHECK_FALSE(catch_up.may_decide(id, {}, {}, at(0).wall));  // nobody was asked yet
  CHECK(catch_up.ask({able, acorn}) == std::vector{able, acorn});
  CHECK(catch_up.ask({able, acorn}).empty());
  CHECK_FALSE(catch_up.may_decide(id, {able}, {}, at(0).wall));
  catch_up.answered(able, Answer::given);
  CHECK_FALSE(catch_up.may_decide(id, {able}, {}, at(1).wall));  // acorn may know of more
  CHECK(catch_up.may_decide(id, {able}, {}, at(73).wall));
  CHECK_FALSE(catch_up.may_decide(id, {able, acorn}, {}, at(73).wall));
  CHECK_FALSE(catch_up.finish());
  catch_up.override_case(id);
  CHECK(catch_up.may_decide(id, {able, acorn}, {}, at(1).wall));
  catch_up.answered(acorn, Answer::not_coming);
  CHECK(catch_up.finish());
  CHECK_FALSE(catch_up.is_active());
}

TEST_CASE("in a case that another office leads, its answer is enough", "[node]") {
  CatchUp catch_up;
  const auto id = id_of<CaseId>(1);
  catch_up.begin(at(0).wall);
  (void)catch_up.ask({leeds, able, acorn});
  CHECK_FALSE(catch_up.may_decide(id, {leeds}, leeds, at(0).wall));
  catch_up.answered(leeds, Answer::given);
  CHECK(catch_up.may_decide(id, {leeds}, leeds, at(0).wall));
  CHECK_FALSE(catch_up.may_decide(id, {leeds, able}, leeds, at(0).wall));
  // An office that refused to answer says nothing of who else there is.
  catch_up.answered(leeds, Answer::not_coming);
  CHECK_FALSE(catch_up.may_decide(id, {leeds}, leeds, at(0).wall));
}

TEST_CASE("who is part of no case is given up after three days, who is part of one never",
          "[node]") {
  CatchUp catch_up;
  catch_up.begin(at(0).wall);
  (void)catch_up.ask({leeds, able, acorn});
  catch_up.answered(leeds, Answer::given);
  CHECK(catch_up.strangers_given_up({able}, at(71).wall).empty());
  CHECK(catch_up.strangers_given_up({able}, at(72).wall) == std::vector{acorn});
}

TEST_CASE("who was given up is waited for again once it is known to be part of a case", "[node]") {
  CatchUp catch_up;
  const auto id = id_of<CaseId>(1);
  catch_up.begin(at(0).wall);
  (void)catch_up.ask({leeds, able, acorn});
  catch_up.answered(leeds, Answer::given);
  catch_up.answered(acorn, Answer::given_up);
  CHECK(catch_up.awaited() == std::vector{able});
  CHECK(catch_up.may_decide(id, {leeds}, {}, at(72).wall));
  CHECK_FALSE(catch_up.may_decide(id, {leeds, acorn}, {}, at(72).wall));
  CHECK(catch_up.await_again({leeds, able}).empty());
  CHECK(catch_up.await_again({leeds, acorn}) == std::vector{acorn});
  CHECK_FALSE(catch_up.has_given_up());
  catch_up.answered(able, Answer::given);
  CHECK_FALSE(catch_up.finish());
  catch_up.answered(acorn, Answer::given);
  CHECK(catch_up.may_decide(id, {leeds, acorn}, {}, at(72).wall));
  CHECK(catch_up.finish());
}

TEST_CASE(
    "what is missing is asked for after a while, of one after the other, and forgotten when it "
    "came",
    "[node]") {
  Wanted wanted;
  Want want;
  want.case_id = id_of<CaseId>(1);
  want.first = 2;
  want.last = 3;
  wanted.set(want.case_id, {{want, {able, acorn}}}, at(0));
  CHECK(wanted.due(10, at(0)).empty());
  CHECK(wanted.due(10, at(1)) == std::vector<Wanted::Due>{{want, able}});
  CHECK(wanted.due(10, at(1)).empty());
  wanted.set(want.case_id, {{want, {able, acorn}}}, at(1));  // still missing: the wait goes on
  CHECK(wanted.due(10, at(2)) == std::vector<Wanted::Due>{{want, acorn}});
  wanted.set(want.case_id, {}, at(2));
  CHECK(wanted.size() == 0);
}

TEST_CASE("what one node never sends does not keep others' from being asked for", "[node]") {
  Wanted wanted;
  const auto all_of = [](std::uint8_t number) {
    std::vector<std::pair<Want, std::vector<NodeId>>> out;
    for (std::size_t each = 0; each < Wanted::wants_of_a_case_max; ++each) {
      Want document;
      document.case_id = id_of<CaseId>(number);
      document.attachment = id_of<Digest>(static_cast<std::uint8_t>(each + 1));
      out.push_back({document, {leeds, able}});
    }
    return out;
  };
  for (int number = 0; number < 255; ++number) {
    const auto each = static_cast<std::uint8_t>(number);
    wanted.set(id_of<CaseId>(each), all_of(each), at(0));
  }
  CHECK(wanted.size() == Wanted::wants_of_a_node_max);
  Want gap;
  gap.case_id = id_of<CaseId>(255);
  gap.first = 2;
  gap.last = 3;
  wanted.set(gap.case_id, {{gap, {able, leeds}}}, at(0));
  const auto due = wanted.due(Wanted::wants_max, at(1));
  CHECK(std::ranges::count(due, Wanted::Due{gap, able}) == 1);

  // What was left out comes up again, case by case.
  const auto left_out = wanted.take_left_out(200);
  CHECK(left_out.size() == 200);
  CHECK(wanted.take_left_out(200).size() == 255 - 16 - 200);
  CHECK(wanted.take_left_out(200).empty());
  wanted.set(left_out.front(), all_of(left_out.front().octets[15]), at(1));
  CHECK(wanted.take_left_out(200) == std::vector{left_out.front()});

  // Its own follow when some of it has come.
  wanted.set(id_of<CaseId>(0), {}, at(1));
  wanted.set(id_of<CaseId>(254), all_of(254), at(1));
  CHECK(wanted.size() == Wanted::wants_of_a_node_max + 1);
}
