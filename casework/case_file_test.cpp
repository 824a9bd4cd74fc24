#include "casework/case_file.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "casework/attachments.h"
#include "casework/summary.h"
#include "casework/testing/story.h"

using namespace liaison;
using namespace liaison::casework;
using namespace liaison::casework::testing;
namespace ev = wire::events;
using S = ReferralState;

namespace {

std::vector<wire::Event> all_of(const Party& party) {
  std::vector<wire::Event> out;
  for (const auto& [id, event] : party.file.events())
    out.push_back(*event);
  return out;
}

std::string fold_of(const std::vector<wire::Event>& events) {
  CaseFile file(the_case());
  for (const wire::Event& event : events)
    file.add(event);
  return describe(file.fold());
}

Verdict verdict_of(const StrandView& strand, const EventId& id) {
  for (const HistoryEntry& entry : strand.history) {
    if (entry.event->id == id) return entry.verdict;
  }
  return Verdict::unknown;
}

WhyNot why_not(const StrandView& strand, const EventId& id) {
  for (const HistoryEntry& entry : strand.history) {
    if (entry.event->id == id) return entry.why;
  }
  return WhyNot::none;
}

}  // namespace

TEST_CASE("every order of arrival gives the same case", "[casework]") {
  Story story;
  REQUIRE(story.office.act(Withdraw{referral_id(), ev::WithdrawnBy::adviser, ""}));
  REQUIRE(story.provider.act(Accept{referral_id(), {}, "", {}, {}, ""}));
  story.exchange();
  std::vector<wire::Event> events = all_of(story.provider);
  REQUIRE(events.size() == 7);
  std::string folded = fold_of(events);
  std::sort(events.begin(), events.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
  int orders = 0;
  do {
    if (fold_of(events) != folded) FAIL("another order, another case");
    ++orders;
  } while (std::next_permutation(events.begin(), events.end(),
                                 [](const auto& a, const auto& b) { return a.id < b.id; }));
  CHECK(orders == 5040);
}

TEST_CASE("an event that comes twice is there once", "[casework]") {
  Story story;
  auto before = describe(story.provider.view());
  for (const wire::Event& event : all_of(story.provider))
    CHECK_FALSE(story.provider.file.add(event));
  CHECK(describe(story.provider.view()) == before);
  CHECK(story.provider.take(all_of(story.provider)).empty());
}

TEST_CASE("a missing number stops the strand there, and is asked for", "[casework]") {
  Story story;
  story.bring_to(S::completed);  // received, accepted, started, completed
  CaseFile file(the_case());
  for (const wire::Event& event : all_of(story.provider)) {
    if (event.strand.kind != StrandKind::referral || (event.number != 2 && event.number != 3))
      file.add(event);
  }
  auto view = file.fold();
  CHECK(view.referrals[0].state == S::received);
  CHECK(view.gaps ==
        std::vector<wire::Gap>{{the_case(), {StrandKind::referral, referral_id()}, 2, 3}});
  CHECK(verdict_of(view.referrals[0].strand, view.referrals[0].strand.history.back().event->id) ==
        Verdict::behind_gap);
  for (const wire::Event& event : all_of(story.provider))
    file.add(event);
  CHECK(file.fold().referrals[0].state == S::completed);
  CHECK(file.fold().gaps.empty());
}

TEST_CASE("a decision whose cited proposal is missing waits for it", "[casework]") {
  Story story;
  story.bring_to(S::withdrawn);
  CaseFile file(the_case());
  for (const wire::Event& event : all_of(story.provider)) {
    if (!std::holds_alternative<ev::WithdrawalRequested>(event.body)) file.add(event);
  }
  auto view = file.fold();
  CHECK(view.referrals[0].state == S::received);
  CHECK(view.gaps ==
        std::vector<wire::Gap>{{the_case(), {StrandKind::referral, referral_id()}, 2, 2}});
}

TEST_CASE("without the core, and without its request, a referral waits and both are asked for",
          "[casework]") {
  Story story;
  CaseFile strand_only(the_case());
  CaseFile no_request(the_case());
  for (const wire::Event& event : all_of(story.provider)) {
    if (event.strand.kind == StrandKind::referral) strand_only.add(event);
    if (!std::holds_alternative<ev::Requested>(event.body)) no_request.add(event);
  }
  auto view = strand_only.fold();
  CHECK(view.referrals.empty());
  CHECK(view.unplaced.size() == 1);
  CHECK(view.gaps == std::vector<wire::Gap>{{the_case(), {StrandKind::core, {}}, 1, 1}});
  CHECK(settle(view, story.provider.actor.node).empty());
  CHECK(no_request.fold().gaps ==
        std::vector<wire::Gap>{{the_case(), {StrandKind::referral, referral_id()}, 0, 0}});
}

TEST_CASE(
    "a withdrawal and an acceptance at the same moment: both sides show the provider's answer",
    "[casework]") {
  for (bool confirmed : {true, false}) {
    Story story;
    REQUIRE(story.office.act(Withdraw{referral_id(), ev::WithdrawnBy::adviser, "moved"}));
    REQUIRE(story.provider.act(Accept{referral_id(), {}, "", {}, {}, ""}));
    story.exchange();
    CHECK(story.at_office().state == S::accepted);
    CHECK(story.at_office().withdrawal_asked);
    CHECK(describe(story.provider.view()).find("asked w") != std::string::npos);
    if (confirmed) {
      REQUIRE(story.provider.act(Withdraw{referral_id(), {}, "agreed"}));
    } else {
      REQUIRE(story.provider.act(Start{referral_id(), {}, ""}));
      REQUIRE(story.provider.act(Complete{referral_id(), report()}));
    }
    story.exchange();
    S end = confirmed ? S::withdrawn : S::completed;
    CHECK(story.at_office().state == end);
    CHECK(story.at_provider().state == end);
    CHECK_FALSE(story.at_office().withdrawal_asked);
    CHECK(story.office.view().gaps.empty());
  }
}

TEST_CASE("a withdrawal before acceptance is confirmed by the provider's node by itself",
          "[casework]") {
  Story story;
  REQUIRE(story.office.act(Withdraw{referral_id(), ev::WithdrawnBy::client, ""}));
  story.exchange();
  CHECK(story.at_office().state == S::withdrawn);
  CHECK_FALSE(story.provider.act(Accept{referral_id(), {}, "", {}, {}, ""}).has_value());
}

TEST_CASE("a withdrawal that comes after completion is not applied and undoes nothing",
          "[casework]") {
  Story story;
  story.bring_to(S::started);
  auto asked = story.office.act(Withdraw{referral_id(), ev::WithdrawnBy::client, ""}).value();
  REQUIRE(story.provider.act(Complete{referral_id(), report()}));
  story.exchange();
  for (Party* party : {&story.office, &story.provider}) {
    auto view = party->view();
    CHECK(view.referrals[0].state == S::completed);
    CHECK(verdict_of(view.referrals[0].strand, asked[0].id) == Verdict::not_applied);
    CHECK(why_not(view.referrals[0].strand, asked[0].id) == WhyNot::refused);
  }
}

TEST_CASE("questions, answers, details and a pause are settled without a person", "[casework]") {
  Story story;
  REQUIRE(story.provider.act(Ask{referral_id(), "Can she manage stairs?"}));
  story.exchange();
  CHECK(story.at_office().clock_stopped());
  REQUIRE(story.office.act(Answer{referral_id(), {}, "One flight"}));
  REQUIRE(story.office.act(Share{node("able-futures"), true, {"date_of_birth"}, {}}));
  story.exchange();
  CHECK_FALSE(story.at_office().clock_stopped());
  CHECK(story.at_office().questions[0].answer_text == "One flight");
  CHECK(story.at_provider().items.back().values == std::vector<std::string>{"1969-04-12"});
  REQUIRE(story.provider.act(Accept{referral_id(), {}, "", {}, {}, ""}));
  story.exchange();
  REQUIRE(story.office.act(Pause{referral_id(), "in hospital", {}}));
  const auto before = story.at_office().dues;
  REQUIRE_FALSE(before.empty());
  const auto due_before = [&](wire::Standard standard) {
    return std::chrono::sys_days(std::ranges::find(before, standard, &wire::Due::standard)->on);
  };
  story.exchange();
  CHECK(story.at_office().state == S::paused);
  CHECK_FALSE(next_due(story.at_office()));
  story.provider.now += std::chrono::hours(24 * 70);
  REQUIRE(story.office.act(Resume{referral_id(), ""}));
  story.exchange();
  CHECK(story.at_office().state == S::accepted);
  for (const auto& due : story.at_office().dues)
    CHECK(std::chrono::sys_days(due.on) - due_before(due.standard) == std::chrono::days(70));
  CHECK(next_due(story.at_office()) == next_due(story.at_provider()));
}

TEST_CASE("documents beyond what a referral may have are refused by its decider", "[casework]") {
  Story story;
  const wire::StrandRef strand{StrandKind::referral, referral_id()};
  wire::Event last;
  for (std::size_t i = 0; i <= attachments_max; ++i)
    last = story.office.say({strand, 0, {}, {}, ev::AttachmentAdded{document()}});
  story.exchange();
  CHECK(story.at_provider().attachments.size() == attachments_max);
  CHECK(story.at_office().attachments.size() == attachments_max);
  CHECK(why_not(story.at_office().strand, last.id) == WhyNot::refused);
  CHECK(settle(story.provider.view(), story.provider.actor.node).empty());
}

TEST_CASE("only the decider's numbered events count", "[casework]") {
  Story story;
  Party stranger("mallory-org", UserRole::caseworker, "Mal");
  wire::StrandRef strand{StrandKind::referral, referral_id()};
  auto forged = stranger.say({strand, 2, {}, {}, ev::Declined{}});
  auto asked = stranger.say({strand, 0, {}, {}, ev::WithdrawalRequested{}});
  auto office_numbered = story.office.say({strand, 2, {}, {}, ev::Declined{}});
  auto unnumbered = story.provider.say({strand, 0, {}, {}, ev::Declined{}});
  auto misplaced = story.office.say({strand, 0, {}, {}, ev::ManagerProposed{}});
  story.provider.take({forged, asked, office_numbered, misplaced});
  const ReferralView& referral = story.at_provider();
  CHECK(referral.state == S::received);
  CHECK(why_not(referral.strand, forged.id) == WhyNot::not_the_decider);
  CHECK(why_not(referral.strand, asked.id) == WhyNot::not_entitled);
  CHECK(why_not(referral.strand, office_numbered.id) == WhyNot::not_the_decider);
  CHECK(why_not(referral.strand, unnumbered.id) == WhyNot::not_numbered);
  CHECK(why_not(referral.strand, misplaced.id) == WhyNot::wrong_strand);
  CHECK(referral.strand.gaps.empty());
}

TEST_CASE("of two requests in one strand the one that its provider took up stands everywhere",
          "[casework]") {
  Story story;
  const auto first = story.at_provider().opened_by;
  auto request = story.at_provider().request;
  request.need = "something else";
  // Of two that nobody took up the one of the lower id opens the strand.
  story.office.incarnation = 0;
  const auto second = story.office.say({{StrandKind::referral, referral_id()}, 0, {}, {}, request});
  REQUIRE(second.id < first);
  CHECK(story.at_office().opened_by == first);
  CHECK(story.at_office().state == S::received);
  CHECK(verdict_of(story.at_office().strand, second.id) == Verdict::not_applied);
  Party late("bradford", UserRole::adviser, "B");
  for (const auto& event : all_of(story.office))
    if (event.strand.kind != StrandKind::own && !std::holds_alternative<ev::Received>(event.body))
      late.file.add(event);
  CHECK(late.view().referrals.at(0).opened_by == second.id);
  CHECK_FALSE(late.file.is_taken_up(*late.file.find(first)));
  story.exchange();
  late.take(all_of(story.provider));
  CHECK(late.view().referrals.at(0).opened_by == first);
  CHECK(describe(late.view()) == describe(story.provider.view()));
}

TEST_CASE("an office takes no referral away from its provider by a request that it answers itself",
          "[casework]") {
  Story story;
  const wire::StrandRef strand{StrandKind::referral, referral_id()};
  const auto first = story.at_provider().opened_by;
  auto request = story.at_provider().request;
  for (const auto& provider : {NodeId{}, story.office.actor.node}) {
    request.provider = provider;
    story.office.incarnation = 0;
    const auto second = story.office.say({strand, 0, {}, {}, request});
    REQUIRE(second.id < first);
    const auto received = story.office.say({strand, 1, second.id, {}, ev::Received{}});
    story.provider.take({received, second});
    CHECK(story.at_provider().opened_by == first);
  }
  // What a version before said answers no request, and takes its own up all the same.
  Party late("bradford", UserRole::adviser, "B");
  for (auto event : all_of(story.provider)) {
    if (std::holds_alternative<ev::Received>(event.body) && event.author != story.office.actor.node)
      event.answers.reset();
    late.file.add(event);
  }
  CHECK(late.view().referrals.at(0).opened_by == first);
}

TEST_CASE("a referral that someone else than the lead office opens has no standing", "[casework]") {
  Story story;
  wire::StrandRef strand{StrandKind::referral, referral_id(7)};
  ev::Requested request;
  request.provider = node("able-futures");
  Party stranger("mallory-org", UserRole::caseworker, "Mal");
  story.provider.take({stranger.say({strand, 0, {}, {}, request})});
  CHECK(story.provider.view().referrals.size() == 1);
  CHECK(story.provider.view().unplaced.size() == 1);
}

TEST_CASE(
    "of two events under one number the same one stands everywhere, and both are kept as evidence",
    "[casework]") {
  Story story;
  wire::StrandRef strand{StrandKind::referral, referral_id()};
  auto first = story.provider.say(
      {strand, 2, {}, {}, ev::Accepted{{node("able-futures"), "r", "Rosa"}, "", {}, {}, ""}});
  story.provider.incarnation = 2;
  auto second = story.provider.say({strand, 2, {}, {}, ev::Declined{}});
  Party late("bradford", UserRole::adviser, "B");
  for (const wire::Event& event : all_of(story.office))
    late.file.add(event);
  late.take({second});
  CHECK(late.view().referrals[0].state == S::declined);
  late.take({first});
  auto view = late.view();
  CHECK(view.referrals[0].state == S::accepted);
  CHECK(view.referrals[0].strand.equivocations ==
        std::vector<Equivocation>{{2, first.id, second.id}});
  CHECK(why_not(view.referrals[0].strand, second.id) == WhyNot::number_taken);
  CHECK(describe(story.provider.view()).find("twice 2") != std::string::npos);
}

TEST_CASE("a kind that this version does not know keeps its place and changes nothing",
          "[casework]") {
  Story story;
  wire::StrandRef strand{StrandKind::referral, referral_id()};
  auto unknown = story.provider.say({strand, 2, {}, {}, ev::Unknown{900}});
  REQUIRE(story.provider.act(Accept{referral_id(), {}, "", {}, {}, ""}));
  CHECK(story.at_provider().state == S::accepted);
  CHECK(verdict_of(story.at_provider().strand, unknown.id) == Verdict::unknown);
}

TEST_CASE("when a decider is lost the office takes the strand over, but never undoes finished work",
          "[casework]") {
  Story story;
  story.bring_to(S::accepted);
  REQUIRE(story.office.act(TakeOver{referral_id(), "revoked"}));
  auto late = story.provider.act(Start{referral_id(), {}, ""}).value();
  story.office.take(late);
  CHECK(story.at_office().taken_over);
  CHECK(story.at_office().state == S::accepted);
  CHECK(why_not(story.at_office().strand, late[0].id) == WhyNot::superseded_decider);
  REQUIRE(story.office.act(
      Decline{referral_id(), ev::DeclineReason::other, "the provider is gone", ""}));
  CHECK(story.at_office().state == S::declined);

  Story torn;
  torn.bring_to(S::accepted);
  REQUIRE(torn.provider.act(Start{referral_id(), {}, ""}));  // never reaches the office
  torn.office.take(torn.provider.act(NameWorker{referral_id(), {}, ""}).value());
  REQUIRE_FALSE(torn.at_office().strand.gaps.empty());
  REQUIRE(torn.office.act(TakeOver{referral_id(), "revoked"}));
  CHECK(torn.at_office().taken_over);
  CHECK(torn.at_office().strand.gaps.empty());

  Story finished;
  finished.bring_to(S::completed);
  CHECK_FALSE(finished.office.act(TakeOver{referral_id(), "revoked"}).has_value());
  wire::StrandRef strand{StrandKind::referral, referral_id()};
  auto forced = finished.office.say({strand, 5, {}, {}, ev::DeciderTakenOver{4, "no"}});
  CHECK(finished.at_office().state == S::completed);
  CHECK(finished.at_office().strand.decider == node("able-futures"));
  CHECK(why_not(finished.at_office().strand, forced.id) == WhyNot::not_the_decider);
}

TEST_CASE("settling again says nothing more", "[casework]") {
  for (S state : {S::received, S::accepted, S::started, S::paused, S::completed, S::withdrawn}) {
    Story story;
    story.bring_to(state);
    CHECK(settle(story.provider.view(), story.provider.actor.node).empty());
    CHECK(settle(story.office.view(), story.office.actor.node).empty());
  }
}

TEST_CASE("nobody opens a case that another opened", "[casework]") {
  Story story;
  auto before = describe(story.provider.view());
  Party stranger("mallory-org", UserRole::adviser, "Mal");
  auto opened = stranger.say({{StrandKind::core, {}}, 1, {}, {}, ev::CaseOpened{}});
  story.provider.take({opened});
  CHECK(story.provider.view().lead_office == node("jcp-leeds"));
  CHECK(why_not(story.provider.view().core, opened.id) == WhyNot::not_the_decider);
  CHECK(story.provider.view().referrals.size() == 1);
  CHECK(describe(story.provider.view()) != before);  // on the record, without effect
}

TEST_CASE("what an office shares, and with whom, is bounded, and what it is based on kept once",
          "[casework]") {
  Party office("jcp-leeds", UserRole::adviser, "Ann Lee");
  const wire::StrandRef core{StrandKind::core, {}};
  (void)office.say({core, 1, {}, {}, ev::CaseOpened{{node("jcp-leeds"), "ann", "Ann Lee"}, 1, {}}});
  ev::Shared shared;
  shared.to = node("able-futures");
  shared.ground.basis = Basis::agreed;
  for (int item = 0; item < 50; ++item)
    shared.items.push_back("item " + std::to_string(item));
  std::uint32_t number = 1;
  for (int times = 0; times < 200; ++times)
    (void)office.say({core, ++number, {}, {}, shared});
  const auto beyond = office.say({core, ++number, {}, {}, shared});
  const auto view = office.view();
  CHECK(view.shares.size() == 10'000);
  CHECK(why_not(view.core, beyond.id) == WhyNot::not_valid);
  CHECK(view.shares[0].ground == view.shares[49].ground);
  // Of one item the last stands.
  CHECK(std::ranges::count_if(view.shares, [](const ShareView& each) { return !each.ended; }) ==
        50);
  CHECK(view.shares[9'949].ended);
  CHECK_FALSE(view.shares[9'950].ended);
}
