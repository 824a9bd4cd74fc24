#include "casework/referral_moves.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <map>
#include <sstream>

#include "casework/kinds.h"
#include "casework/testing/story.h"

using namespace liaison;
using namespace liaison::casework;
using namespace liaison::casework::testing;
namespace ev = wire::events;
using S = ReferralState;

namespace {

const S every_state[] = {S::received,  S::accepted,    S::declined,  S::started,         S::paused,
                         S::completed, S::ended_early, S::withdrawn, S::entered_in_error};

/// What the provider may say, written down apart from the table under test: kind, and for each
/// state it may be said in, the state that follows.
struct Expected {
  wire::EventBody body;
  std::map<S, S> leads;
};

std::vector<Expected> expected_moves() {
  const Person worker{node("able-futures"), "rosa", "Rosa"};
  auto same = [](std::initializer_list<S> states) {
    std::map<S, S> out;
    for (S state : states)
      out[state] = state;
    return out;
  };
  return {
      {ev::Received{}, {}},  // the strand is received already
      {ev::Acknowledged{}, same({S::received})},
      {ev::Asked{"?"}, same({S::received, S::accepted, S::started, S::paused})},
      {ev::Taken{}, same({S::received, S::accepted, S::started, S::paused})},
      {ev::Refused{}, same({S::received, S::accepted, S::declined, S::started, S::paused,
                            S::completed, S::ended_early, S::withdrawn, S::entered_in_error})},
      {ev::Waiting{}, same({S::received, S::accepted})},
      {ev::Accepted{worker, "", {}, {}, ""}, {{S::received, S::accepted}}},
      {ev::WorkerNamed{worker, ""}, same({S::accepted, S::started, S::paused})},
      {ev::Declined{}, {{S::received, S::declined}, {S::accepted, S::declined}}},
      {ev::Started{}, {{S::accepted, S::started}}},
      {ev::Progressed{}, same({S::accepted, S::started})},
      {ev::Paused{}, {{S::accepted, S::paused}, {S::started, S::paused}}},
      {ev::Resumed{}, {{S::paused, S::started}}},
      {ev::Completed{report()}, {{S::started, S::completed}}},
      {ev::EndedEarly{ev::EndReason::other, "", report()},
       {{S::started, S::ended_early}, {S::paused, S::ended_early}}},
      {ev::Withdrawn{}, {}},       // cites nothing here
      {ev::EnteredInError{}, {}},  // cites nothing here
      {ev::Requested{}, {}},       // the office's
      {ev::Answered{}, {}},
      {ev::DetailsGiven{}, {}},
      {ev::AttachmentAdded{}, {}},
      {ev::PauseRequested{}, {}},
      {ev::ResumeRequested{}, {}},
      {ev::WithdrawalRequested{}, {}},
      {ev::ErrorClaimed{}, {}},
      {ev::DeciderTakenOver{}, {}},
      {ev::CaseClosed{}, {}},  // of another strand
  };
}

}  // namespace

TEST_CASE("every move in every state does what the table of the domain says, and no other",
          "[casework]") {
  for (S state : every_state) {
    for (const Expected& expected : expected_moves()) {
      Story story;
      story.bring_to(state);
      REQUIRE(story.at_provider().state == state);
      const StrandView& strand = story.at_provider().strand;
      auto said = story.provider.say({strand.strand, strand.next_number(), {}, {}, expected.body});
      const ReferralView& after = story.at_provider();
      INFO(wire::name_of(expected.body) << " in " << name_of(state));
      auto entry = std::find_if(after.strand.history.begin(), after.strand.history.end(),
                                [&](const HistoryEntry& one) { return one.event->id == said.id; });
      REQUIRE(entry != after.strand.history.end());
      auto leads = expected.leads.find(state);
      if (leads == expected.leads.end()) {
        CHECK(entry->verdict == Verdict::not_applied);
        CHECK(after.state == state);
      } else {
        CHECK(entry->verdict == Verdict::applied);
        CHECK(after.state == leads->second);
      }
      // Allowed or not, it keeps its number and the strand goes on.
      CHECK(after.strand.last_number == said.number);
      CHECK(after.strand.gaps.empty());
    }
  }
}

TEST_CASE("no provider moves a referral that was not received first", "[casework]") {
  Story story;
  Party fresh("able-futures", UserRole::caseworker, "Rosa");
  for (const auto& [id, event] : story.office.file.events()) {
    if (event->author == story.office.actor.node && event->strand.kind != StrandKind::own)
      fresh.file.add(*event);
  }
  CHECK(fresh.view().referrals.at(0).state == S::requested);
  fresh.say({{StrandKind::referral, referral_id()},
             1,
             {},
             {},
             ev::Accepted{{{}, "", "Rosa"}, "", {}, {}, ""}});
  CHECK(fresh.view().referrals.at(0).state == S::requested);
}

TEST_CASE("what may be done now is what the moves allow, for each side", "[casework]") {
  using Actions = std::vector<std::string>;
  auto actions = [](S state) {
    Story story;
    story.bring_to(state);
    auto office = story.office.view();
    auto provider = story.provider.view();
    return std::make_pair(
        allowed_actions(office, office.referrals[0], story.office.actor.node),
        allowed_actions(provider, provider.referrals[0], story.provider.actor.node));
  };
  CHECK(actions(S::received) ==
        std::make_pair(Actions{"give", "attach", "withdraw", "error"},
                       Actions{"acknowledge", "ask", "wait", "accept", "decline"}));
  CHECK(actions(S::accepted) ==
        std::make_pair(Actions{"give", "attach", "pause", "withdraw", "error"},
                       Actions{"ask", "wait", "worker", "decline", "start", "progress", "pause"}));
  CHECK(actions(S::started) ==
        std::make_pair(Actions{"give", "attach", "pause", "withdraw", "error"},
                       Actions{"ask", "worker", "progress", "pause", "complete", "end"}));
  CHECK(actions(S::paused) ==
        std::make_pair(Actions{"give", "attach", "resume", "withdraw", "error"},
                       Actions{"ask", "worker", "resume", "end"}));
  CHECK(actions(S::declined) == std::make_pair(Actions{"error", "again"}, Actions{}));
  CHECK(actions(S::completed) == std::make_pair(Actions{}, Actions{}));
  CHECK(actions(S::ended_early) == std::make_pair(Actions{"again"}, Actions{}));
  CHECK(actions(S::withdrawn) == std::make_pair(Actions{"error", "again"}, Actions{}));
  CHECK(actions(S::entered_in_error) == std::make_pair(Actions{}, Actions{}));
}

TEST_CASE("each kind has one row in the table", "[casework]") {
  std::map<std::size_t, int> rows;
  for (const Move& move : moves())
    ++rows[move.kind];
  for (const auto& [kind, count] : rows)
    CHECK(count == 1);
}

TEST_CASE("the document shows the table and its diagram as they are", "[casework][document]") {
  std::ifstream file(CASEWORK_DOCUMENT);
  std::stringstream text;
  text << file.rdbuf();
  REQUIRE_FALSE(text.str().empty());
  INFO("docs/CASEWORK.md must hold:\n" << moves_as_mermaid() << "\n" << moves_as_markdown());
  CHECK(text.str().find(moves_as_mermaid()) != std::string::npos);
  CHECK(text.str().find(moves_as_markdown()) != std::string::npos);
}
