#include <catch2/catch.hpp>

#include "casework/testing/story.h"
#include "wire/mark.h"

/// What nodes gone bad say in a strand, or of another.

using namespace liaison;
using namespace liaison::casework;
using namespace liaison::casework::testing;

namespace ev = wire::events;

namespace {

wire::StrandRef referral_strand(const ReferralId& id) {
  return {wire::StrandKind::referral, id};
}

}  // namespace

TEST_CASE("a decision that cites what another strand holds is not followed", "[casework]") {
  Story story;
  const auto& before = story.at_office();
  const auto number = before.strand.next_number();
  const auto core = story.office.file.strand({wire::StrandKind::core, {}});
  REQUIRE_FALSE(core.empty());
  const auto said = story.provider.say(
      {referral_strand(referral_id()), number, {}, {core.front()->id}, ev::Acknowledged{""}});
  story.office.take({said});
  // Who has the core and who has not see the same.
  CHECK(story.at_office().strand.last_number + 1 == number);
  CHECK_FALSE(story.at_office().acknowledged);
  CHECK_FALSE(story.at_provider().acknowledged);
}

TEST_CASE("a strand that no office of the case made leaves nothing wanting", "[casework]") {
  Story story;
  Party stranger("jcp-york", wire::UserRole::adviser, "Yvonne (invented)");
  const auto own = wire::marked(referral_id(7), node("jcp-york"));
  const auto said = stranger.say({referral_strand(own), 0, {}, {}, ev::DetailsGiven{}});
  story.office.take({said});
  CHECK(story.office.view().gaps.empty());
  CHECK(story.office.view().unplaced.empty());
  // Of one that an office made, the request may be on its way.
  const auto missing =
      stranger.say({referral_strand(referral_id(8)), 0, {}, {}, ev::DetailsGiven{}});
  story.office.take({missing});
  CHECK(story.office.view().gaps ==
        std::vector<wire::Gap>{{the_case(), referral_strand(referral_id(8)), 0, 0}});
}

TEST_CASE("a start lies in the past, and the end of a wait does not", "[casework]") {
  Story story;
  story.bring_to(ReferralState::accepted);
  const std::chrono::sys_days today = local_day(story.provider.now);
  const Date tomorrow = today + std::chrono::days(1);
  const Date yesterday = today - std::chrono::days(1);
  CHECK(story.provider.act(Start{referral_id(), tomorrow, ""}).error().text ==
        "on: that day has not come; record a start once it has happened");
  CHECK(story.provider.act(Wait{referral_id(), yesterday, ""}).error().text ==
        "expected: that day has passed; say by when the wait may be over");
  CHECK(story.provider.act(Wait{referral_id(), Date(today), ""}));
  CHECK(story.provider.act(Start{referral_id(), yesterday, ""}));
}
