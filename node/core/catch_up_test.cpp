#include "node/core/catch_up.h"

#include <catch2/catch.hpp>

#include "node/core/testing/values.h"

using namespace liaison;
using namespace liaison::node;
using namespace liaison::node::testing;

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
