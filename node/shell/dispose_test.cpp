#include <catch2/catch.hpp>

#include "base/testing/temporary_directory.h"
#include "casework/commands.h"
#include "certs/authority.h"
#include "crypto/random.h"
#include "node/shell/engine.h"
#include "node/shell/join.h"
#include "node/shell/schema.h"

using namespace liaison;

namespace {

const Now now{*parse_rfc3339("2026-05-04T09:00:00Z"), std::chrono::hours(1)};

/// An office that has joined an exchange and reaches nobody, with one client.
struct Office {
  liaison::testing::TemporaryDirectory directory;
  crypto::SystemEntropy entropy;
  std::unique_ptr<node::Engine> engine = join();
  casework::Actor dana{engine->self(), "dana", wire::UserRole::adviser, "Dana Wick"};
  CaseId id = open_case();

  std::unique_ptr<node::Engine> join() {
    const auto authority = certs::Authority::make("An invented exchange", now.wall);
    certs::Invitation invitation;
    invitation.node = *NodeId::parse("jcp-leeds");
    invitation.exchange = {"tcp://127.0.0.1:1"};
    invitation.authority = authority.certificate().fingerprint();
    auto keys = crypto::KeyVault::in_memory();
    const auto request =
        crypto::CertificateRequest::parse(node::prepare_join(keys, invitation).request);
    const auto certificate =
        authority.issue(*request, {invitation.node, "Leeds", NodeRole::adviser, {}}, now.wall);
    auto database = std::make_unique<store::Database>(
        store::Options{.path = directory.file("node.db")}, node::schema());
    REQUIRE(node::complete_join(*database, keys, invitation,
                                {authority.certificate().der(), certificate->der()}, now));
    return std::make_unique<node::Engine>(node::EngineConfig{}, std::move(database),
                                          std::move(keys), entropy, now);
  }

  CaseId open_case() {
    casework::OpenCase command;
    command.client.given_name = "Perpetua";
    const auto made = engine->act_on_new_case(
        dana, [&](const casework::CaseView& view) { return decide(view, dana, command, now.wall); },
        now);
    REQUIRE(made);
    engine->turn(now);
    return made->front().case_id;
  }

  EventId refer() {
    casework::Refer command;
    command.id = engine->fresh_referral();
    command.service.provider = *NodeId::parse("hope-house");
    command.service.id = "pain";
    command.service.name = "Living with pain";
    command.service.contracted = true;
    command.input.need = "help with pain";
    command.input.hoped_for = {"sleep better"};
    const auto made = engine->act(
        id, dana,
        [&](const casework::CaseView& view) { return decide(view, dana, command, now.wall); }, now);
    REQUIRE(made);
    engine->turn(now);
    for (const auto& event : *made)
      if (std::holds_alternative<wire::events::Requested>(event.body)) return event.id;
    return {};
  }

  /// As receipts (or refusals) for all that is on its way would.
  void end_rows(const std::string& columns) {
    engine->database_for_writing().execute("UPDATE outbox SET ended_at = 1, " + columns);
    engine->turn(now);
  }
};

}  // namespace

TEST_CASE("a case that nobody else has to do with is disposed of", "[node]") {
  Office office;
  REQUIRE(office.engine->dispose(office.id, now));
  CHECK_FALSE(office.engine->case_view(office.id));
  const auto again = office.engine->dispose(office.id, now);
  REQUIRE_FALSE(again);
  CHECK(again.error().reason == Reason::not_found);
}

TEST_CASE("a case is not disposed of while something said in it has not arrived", "[node]") {
  Office office;
  const auto requested = office.refer();
  REQUIRE(office.engine->delivery(requested).size() == 1);
  const auto early = office.engine->dispose(office.id, now);
  REQUIRE_FALSE(early);
  CHECK(early.error().reason == Reason::conflict);
  CHECK(office.engine->case_view(office.id));
  CHECK(office.engine->delivery(requested).size() == 1);

  office.end_rows("stored_at = 1");
  REQUIRE(office.engine->dispose(office.id, now));
  CHECK_FALSE(office.engine->case_view(office.id));
}

TEST_CASE("a case is not disposed of while nobody has seen what was not delivered", "[node]") {
  Office office;
  const auto requested = office.refer();
  office.end_rows("reason = 1");
  CHECK_FALSE(office.engine->dispose(office.id, now));
  for (const auto& each : office.engine->undelivered())
    REQUIRE(office.engine->settle_undelivered(each.step.event, each.step.recipient,
                                              node::Engine::SeenOrAgain::seen, now));
  CHECK(office.engine->delivery(requested).size() == 1);
  CHECK(office.engine->dispose(office.id, now));
}
