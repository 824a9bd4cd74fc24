#include <algorithm>
#include <catch2/catch.hpp>

#include "casework/attachments.h"
#include "tests/scenarios/world.h"

using namespace liaison;
using namespace liaison::scenarios;

namespace {

/// What an office gone bad says in a referral's strand, unchecked.
Result<std::vector<wire::Event>> forge(World& world, Node& office, const CaseId& id,
                                       const ReferralId& of,
                                       const std::vector<wire::EventBody>& bodies,
                                       const std::vector<node::NewAttachment>& attachments = {}) {
  std::vector<casework::Draft> drafts;
  for (const auto& body : bodies)
    drafts.push_back({{wire::StrandKind::referral, of}, 0, std::nullopt, {}, body});
  const auto decide = [&](const casework::CaseView&) -> Result<std::vector<casework::Draft>> {
    return drafts;
  };
  return office.engine->act(id, adviser(office), decide, world.now(office), attachments);
}

}  // namespace

TEST_CASE("a second request in a strand takes nothing away from what the provider has done",
          "[scenario]") {
  Two world(62);
  world.join("charity", NodeRole::provider, "Charity (invented)");
  const auto id = add_client(world, world.leeds());
  const auto of = refer(world, world.leeds(), id, world.able());
  world.run();
  accept(world, world.able(), id, of);
  world.run();
  const auto first = referral(world.able(), of)->strand.history.front().event->id;
  auto request = referral(world.leeds(), of)->request;
  request.provider = *NodeId::parse("charity");
  // Of several requests the one of the lowest id opens a strand.
  EventId lowest = first;
  for (int attempt = 0; attempt < 50 && lowest == first; ++attempt) {
    const auto made = forge(world, world.leeds(), id, of, {request});
    REQUIRE(made);
    lowest = std::min(lowest, made->front().id);
    world.run();
  }
  REQUIRE(lowest < first);
  // Nor where both are held: the provider said which of them it had received.
  CHECK(state_of(world.leeds(), of) == "accepted");
  CHECK(state_of(world.able(), of) == "accepted");
  CHECK(referral(world.able(), of)->provider == world.able().id);
}

TEST_CASE("an office that keeps to no limit gives a provider no more documents than a referral has",
          "[scenario]") {
  Two world(63);
  const auto id = add_client(world, world.leeds());
  const auto of = refer(world, world.leeds(), id, world.able());
  world.run();
  std::vector<node::NewAttachment> documents;
  std::vector<wire::EventBody> bodies;
  for (std::size_t i = 0; i <= casework::attachments_max; ++i) {
    const auto octets = copy_of(as_bytes("%PDF-1.4 " + std::to_string(i)));
    documents.push_back(
        {node::describe_attachment("letter.pdf", wire::AttachmentKind::pdf, octets), octets});
    bodies.emplace_back(wire::events::AttachmentAdded{documents.back().about});
  }
  REQUIRE(forge(world, world.leeds(), id, of, bodies, documents));
  world.run(std::chrono::minutes(2), 20000);
  CHECK(referral(world.leeds(), of)->attachments.size() == casework::attachments_max);
  const auto held = std::ranges::count_if(documents, [&](const node::NewAttachment& each) {
    return world.able().engine->attachment(id, each.about.digest).has_value();
  });
  CHECK(static_cast<std::size_t>(held) == casework::attachments_max);
  CHECK(world.able().engine->cases().at(id).whole);
}

TEST_CASE("a request with more documents than a referral may have is set aside", "[scenario]") {
  Two world(64);
  const auto id = add_client(world, world.leeds());
  const auto of = refer(world, world.leeds(), id, world.able());
  world.run();
  auto request = referral(world.leeds(), of)->request;
  const Bytes octets(casework::attachment_bytes_max, 0x20);
  request.attachments.assign(
      6, node::describe_attachment("scan.pdf", wire::AttachmentKind::pdf, octets));
  const auto other = world.leeds().engine->fresh_referral();
  REQUIRE(forge(world, world.leeds(), id, other, {request}));
  world.run();
  CHECK(referral(world.able(), other) == nullptr);
  CHECK(world.able().engine->status(world.now(world.able())).set_aside == 1);
  CHECK(state_of(world.able(), of) == "received");
}

TEST_CASE("of what was not delivered a node is sent again what belongs to its own referral",
          "[scenario]") {
  const auto document = [](const std::string& name, const std::string& content) {
    const auto octets = copy_of(as_bytes("%PDF-1.4 " + content));
    return node::NewAttachment{node::describe_attachment(name, wire::AttachmentKind::pdf, octets),
                               octets};
  };
  // The ids of events are random, and of two that describe a document either may come first.
  for (const std::uint64_t seed : {60, 61, 62, 63}) {
    Two world(seed);
    auto& charity = world.join("charity", NodeRole::provider, "Charity (invented)");
    world.run();
    const auto both = document("cv.pdf", "for both");
    const auto other = document("medical.pdf", "for the other alone");
    const auto policy = [&](const std::string& rules) {
      const auto answer = world.broker->admin(
          R"({"command":"policy-set","policy":{"otherwise":"allow","rules":[)" + rules + "]}}",
          world.clock);
      REQUIRE(answer.find("\"ok\"") != std::string::npos);
    };
    policy(R"({"from":"node:jcp-leeds","to":"node:charity","verdict":"deny"})");
    const auto id = add_client(world, world.leeds());
    refer(world, world.leeds(), id, world.able(), {both, other});
    const auto of = refer(world, world.leeds(), id, charity, {both});
    world.run();
    policy("");
    auto& leeds = *world.leeds().engine;
    const auto requested = leeds.delivery_of(id, of).front().event;
    std::vector<EventId> listed;
    for (const auto& each : leeds.undelivered())
      if (each.step.recipient == charity.id) listed.push_back(each.step.event);
    CHECK(std::count(listed.begin(), listed.end(), requested) == 1);
    for (const auto& event : listed)
      CHECK(leeds.settle_undelivered(event, charity.id, node::Engine::SeenOrAgain::again,
                                     world.now(world.leeds())));
    world.run(std::chrono::minutes(2), 20000);
    auto sent = leeds.database().prepare(
        "SELECT count(*) FROM outbox WHERE recipient = 'charity' AND substr(object, 1, 32) = ?");
    auto rows = sent.query(other.about.digest);
    REQUIRE(rows.next());
    CHECK(rows.int64(0) == 0);
    CHECK(charity.engine->attachment(id, both.about.digest).has_value());
    CHECK(leeds.undelivered().empty());
  }
}
