#include <catch2/catch.hpp>

#include "tests/scenarios/world.h"

using namespace liaison;
using namespace liaison::scenarios;

TEST_CASE("a second request in a strand takes nothing away from what the provider has done",
          "[scenario]") {
  Two world(62);
  world.join("charity", NodeRole::provider, "Charity (invented)");
  const auto id = add_client(world, world.leeds());
  const auto of = refer(world, world.leeds(), id, world.able());
  world.run();
  casework::Accept accept;
  accept.referral = of;
  REQUIRE(act(world, world.able(), id, caseworker(world.able()), accept));
  world.run();
  const auto first = referral(world.able(), of)->strand.history.front().event->id;
  auto request = referral(world.leeds(), of)->request;
  request.provider = *NodeId::parse("charity");
  const auto forged = [&](const casework::CaseView&) -> Result<std::vector<casework::Draft>> {
    return std::vector<casework::Draft>{
        {{wire::StrandKind::referral, of}, 0, std::nullopt, {}, request}};
  };
  // Of several requests the one of the lowest id opens a strand.
  EventId lowest = first;
  for (int attempt = 0; attempt < 12; ++attempt) {
    const auto made =
        world.leeds().engine->act(id, adviser(world.leeds()), forged, world.now(world.leeds()));
    REQUIRE(made);
    lowest = std::min(lowest, made->front().id);
    world.run();
  }
  REQUIRE(lowest < first);
  REQUIRE(state_of(world.leeds(), of) == "requested");
  CHECK(state_of(world.able(), of) == "accepted");
  CHECK(referral(world.able(), of)->provider == world.able().id);
}
