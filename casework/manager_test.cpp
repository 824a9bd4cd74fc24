#include <catch2/catch.hpp>

#include "casework/testing/story.h"

using namespace liaison;
using namespace liaison::casework;
using namespace liaison::casework::testing;
namespace ev = wire::events;

namespace {

const Person rosa{node("able-futures"), "rosa", "Rosa Finch"};

EventId proposed_by(Party& party, const Person& holder) {
  auto said = party.act(ProposeManager{holder, "knows her best"});
  REQUIRE(said.has_value());
  return said->front().id;
}

}  // namespace

TEST_CASE("who opens a case is its case manager, and everyone in it sees that", "[casework]") {
  Story story;
  CHECK(story.office.view().manager.holder.name == "Ann Lee");
  CHECK(story.provider.view().manager.holder == story.office.view().manager.holder);
}

TEST_CASE("a transfer takes effect with the lead office's event and not before", "[casework]") {
  Story story;
  EventId proposal = proposed_by(story.provider, rosa);
  story.exchange();
  CHECK(story.office.view().manager.holder.name == "Ann Lee");
  CHECK_FALSE(story.office.act(ConfirmManager{proposal}).has_value());  // not accepted yet
  REQUIRE(story.provider.act(AcceptManager{proposal}));
  CHECK(story.provider.view().manager.holder.name == "Ann Lee");
  story.exchange();
  CHECK(story.office.view().manager.holder.name == "Ann Lee");
  REQUIRE(story.office.act(ConfirmManager{proposal}));
  CHECK(story.office.view().manager.holder == rosa);
  CHECK(story.provider.view().manager.holder.name == "Ann Lee");  // until the event is there
  story.exchange();
  CHECK(story.provider.view().manager.holder == rosa);
  CHECK(story.provider.view().manager_history.size() == 2);
  CHECK(story.provider.view().manager_proposals.empty());
}

TEST_CASE("a colleague takes over though neither has a sign-in name", "[casework]") {
  Story story;
  for (const char* name : {"Rosa Finch", "Tobias Reed"}) {
    const auto proposal = proposed_by(story.provider, {node("able-futures"), "", name});
    story.exchange();
    REQUIRE(story.provider.act(AcceptManager{proposal}));
    story.exchange();
    REQUIRE(story.office.act(ConfirmManager{proposal}));
    story.exchange();
    CHECK(story.provider.view().manager.holder.name == name);
    CHECK_FALSE(story.provider.act(ProposeManager{{node("able-futures"), "", name}, "again"}));
  }
}

TEST_CASE("a holder who declines keeps everything as it was", "[casework]") {
  Story story;
  EventId proposal = proposed_by(story.provider, rosa);
  story.exchange();
  REQUIRE(story.provider.act(DeclineManager{proposal, "too many"}));
  story.exchange();
  CHECK(story.office.view().manager.holder.name == "Ann Lee");
  CHECK(story.office.view().manager_proposals.empty());
  CHECK(story.provider.view().manager_proposals.empty());
}

TEST_CASE("an allocation outside the lead office needs the holder's own acceptance", "[casework]") {
  Story story;
  auto core = story.office.view().core;
  story.office.say({core.strand, core.next_number(), {}, {}, ev::ManagerAllocated{rosa, "forced"}});
  CHECK(story.office.view().manager.holder.name == "Ann Lee");
  // Someone else's acceptance is not the holder's.
  EventId proposal = proposed_by(story.provider, rosa);
  story.exchange();
  auto accepted = story.office.say({core.strand, 0, proposal, {}, ev::ManagerAccepted{}});
  core = story.office.view().core;
  story.office.say({core.strand,
                    core.next_number(),
                    {},
                    {proposal, accepted.id},
                    ev::ManagerAllocated{rosa, ""}});
  CHECK(story.office.view().manager.holder.name == "Ann Lee");
}

TEST_CASE("an allocation cites the proposal too, or those without it would show another manager",
          "[casework]") {
  Story story;
  const EventId proposal = proposed_by(story.provider, rosa);
  const auto said = story.provider.act(AcceptManager{proposal});
  REQUIRE(said.has_value());
  const EventId accepted = said->front().id;
  story.exchange();
  const auto core = story.office.view().core;
  const auto allocate = [&](std::vector<EventId> cites) {
    return story.office.say(
        {core.strand, core.next_number(), {}, std::move(cites), ev::ManagerAllocated{rosa, ""}});
  };
  // As a participant has it whom the office sent all but the proposal.
  const auto shown_without_proposal = [&] {
    CaseFile other(the_case());
    for (const auto& [id, event] : story.office.file.events()) {
      if (id != proposal) other.add(*event);
    }
    return other.fold();
  };
  SECTION("with the acceptance alone it is applied nowhere") {
    allocate({accepted});
    CHECK(story.office.view().manager.holder.name == "Ann Lee");
    const auto other = shown_without_proposal();
    CHECK(other.manager.holder.name == "Ann Lee");
    CHECK(other.core.gaps.empty());
  }
  SECTION("with both it waits for what is missing") {
    allocate({proposal, accepted});
    CHECK(story.office.view().manager.holder == rosa);
    const auto other = shown_without_proposal();
    CHECK(other.manager.holder.name == "Ann Lee");
    CHECK_FALSE(other.core.gaps.empty());
  }
}

TEST_CASE("when the holder's organisation leaves, the role returns to the lead adviser",
          "[casework]") {
  Story story;
  EventId proposal = proposed_by(story.provider, rosa);
  REQUIRE(story.provider.act(AcceptManager{proposal}));
  story.exchange();
  REQUIRE(story.office.act(ConfirmManager{proposal}));
  auto core = story.office.view().core;
  story.office.say({core.strand,
                    core.next_number(),
                    {},
                    {},
                    ev::ParticipantLeft{node("able-futures"), "closed"}});
  CHECK(story.office.view().manager.holder.name == "Ann Lee");
  CHECK(story.office.view().manager_history.size() == 3);
}

TEST_CASE(
    "the lead adviser and a manager name someone of their office at once; a colleague proposes",
    "[casework]") {
  Story story;
  Person colleague{story.office.actor.node, "bo", "Bo Marsh"};
  REQUIRE(story.office.act(ProposeManager{colleague, "holiday"}));
  CHECK(story.office.view().manager.holder == colleague);
  story.office.actor.user = "carl";
  REQUIRE(story.office.act(ProposeManager{{story.office.actor.node, "carl", "Carl"}, ""}));
  CHECK(story.office.view().manager.holder == colleague);
  story.office.actor.role = UserRole::manager;
  REQUIRE(story.office.act(ConfirmManager{story.office.view().manager_proposals[0].event}));
  CHECK(story.office.view().manager.holder.user == "carl");
}

TEST_CASE("a stranger's proposal, and its own answers to it, call for no decision", "[casework]") {
  Story story;
  Party stranger("jcp-york", UserRole::adviser, "Yvonne (invented)");
  const auto core = story.office.view().core.strand;
  const auto proposed = stranger.say(
      {core, 0, {}, {}, ev::ManagerProposed{{node("jcp-york"), "y", "Yvonne (invented)"}, ""}});
  const auto declined = stranger.say({core, 0, proposed.id, {}, ev::ManagerDeclined{"no"}});
  CHECK(story.office.take({proposed, declined}).empty());
}

TEST_CASE("at every step there is exactly one case manager", "[casework]") {
  Story story;
  proposed_by(story.provider, rosa);
  story.exchange();
  for (Party* party : {&story.office, &story.provider}) {
    // Any part of what a node holds that has the opening shows one.
    std::vector<wire::Event> events;
    for (const auto& [id, event] : party->file.events())
      events.push_back(*event);
    for (std::size_t mask = 0; mask < (std::size_t{1} << events.size()); ++mask) {
      CaseFile file(the_case());
      for (std::size_t i = 0; i < events.size(); ++i) {
        if ((mask >> i & 1U) != 0) file.add(events[i]);
      }
      auto view = file.fold();
      if (view.opened) {
        CHECK_FALSE(view.manager.holder.name.empty());
        CHECK(view.manager_history.size() == 1);
      }
    }
  }
}
