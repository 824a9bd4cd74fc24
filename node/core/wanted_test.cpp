#include "node/core/wanted.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "node/core/testing/values.h"

using namespace liaison;
using namespace liaison::node;
using namespace liaison::node::testing;

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
