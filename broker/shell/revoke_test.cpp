#include <algorithm>
#include <catch2/catch.hpp>

#include "broker/shell/testing/broker.h"

using namespace liaison;
using namespace liaison::broker;
using namespace liaison::broker::testing;

TEST_CASE("a revocation names every certificate that a member of years ever had", "[broker]") {
  Broker broker("enrol-long-member");
  broker.found();
  broker.start();
  Peer leeds("jcp-leeds", NodeRole::adviser);
  broker.admit(leeds);
  broker.connect(1, leeds);
  std::vector<Serial> serials{leeds.certificate->serial()};
  while (serials.size() < Registry::certificates_max + 4) {
    broker.now.wall += std::chrono::hours(24 * 60);
    broker.now.steady += std::chrono::hours(24 * 60);
    REQUIRE(broker.renew(1, leeds).empty());
    serials.push_back(leeds.certificate->serial());
  }
  SECTION("known since they came") {}
  SECTION("known from the store") {
    broker.kill();
    broker.start();
  }
  REQUIRE(broker.engine->revoke(leeds.id, "left", std::nullopt, "root", broker.now));
  const auto list = broker.newest_list();
  for (const auto& serial : serials)
    CHECK(list.is_revoked(serial));
  CHECK(list.entries().size() == serials.size());
}

TEST_CASE("an offline authority's list takes with it what would let the revoked in again",
          "[broker]") {
  Broker broker("enrol-offline-revoked");
  broker.found();
  broker.engine = std::make_unique<Engine>(broker.config, broker.database(), std::nullopt,
                                           broker.entropy, broker.now);
  const auto import = [&](const std::string& kind, const Bytes& der) {
    return broker.engine->admin(
        R"({"command":"import","kind":")" + kind + R"(","der":")" + to_base64(der) + "\"}",
        broker.now);
  };
  const auto ask = [&](const Peer& peer, const certs::Invitation& invitation) {
    return broker.engine->join(peer.join_request(invitation), peer.curve.public_key(), broker.now);
  };
  const std::string done = "{\"ok\"";
  Peer leeds("jcp-leeds", NodeRole::adviser);
  const auto first = broker.invite(leeds);
  REQUIRE(std::holds_alternative<wire::JoinPending>(ask(leeds, first)));
  const auto request = crypto::CertificateRequest::parse(leeds.join_request(first).request);
  const auto certificate = broker.authority.issue(
      *request, {leeds.id, "Organisation", NodeRole::adviser, {}}, broker.now.wall);
  REQUIRE(import("certificate", certificate->der()).find(done) == 0);

  Peer again("jcp-leeds", NodeRole::adviser);
  Peer york("jcp-york", NodeRole::adviser);
  const auto second = broker.invite(again, InviteOrder::Kind::rejoin);
  const auto of_york = broker.invite(york);
  REQUIRE(std::holds_alternative<wire::JoinPending>(ask(again, second)));
  const auto list = broker.authority
                        .revoke(broker.authority.first_list(broker.now.wall),
                                {{certificate->serial(), broker.now.wall,
                                  crypto::RevocationReason::key_compromise, std::nullopt}},
                                broker.now.wall)
                        .value();
  REQUIRE(import("revocations", list.der()).find(done) == 0);
  CHECK(broker.engine->admin(R"({"command":"pending"})", broker.now) == R"({"ok":[]})");
  CHECK(refusal(ask(again, second)).find("no such invitation") != std::string::npos);
  CHECK(std::holds_alternative<wire::JoinPending>(ask(york, of_york)));

  // Who was shut out before may be invited again, and later lists change nothing of that.
  const auto third = broker.invite(again, InviteOrder::Kind::rejoin);
  const auto later = broker.authority.revoke(list, {}, broker.now.wall).value();
  REQUIRE(import("revocations", later.der()).find(done) == 0);
  CHECK(std::holds_alternative<wire::JoinPending>(ask(again, third)));
}

TEST_CASE("a list that a node publishes takes with it what would let the revoked in again",
          "[broker]") {
  Broker broker("enrol-published-list");
  broker.found();
  broker.start();
  Peer leeds("jcp-leeds", NodeRole::adviser);
  Peer able("able-futures", NodeRole::provider);
  Peer gone("gone-astray", NodeRole::provider);
  broker.admit(leeds);
  broker.admit(able);
  broker.admit(gone);
  broker.connect(1, leeds);
  broker.connect(2, able);
  Peer again("able-futures", NodeRole::provider);
  const auto invitation = broker.invite(again, InviteOrder::Kind::rejoin);
  auto admitted = std::vector{leeds.curve.public_key()};
  SECTION("it stands as it is") {
    admitted.push_back(gone.curve.public_key());
  }
  SECTION("it is merged with the one that stands") {
    REQUIRE(broker.engine->revoke(gone.id, "left", std::nullopt, "root", broker.now));
  }
  const auto list = broker.authority
                        .revoke(broker.authority.first_list(broker.now.wall),
                                {{able.certificate->serial(), broker.now.wall,
                                  crypto::RevocationReason::key_compromise, std::nullopt}},
                                broker.now.wall)
                        .value();
  broker.send(1, leeds,
              std::vector<wire::Publication>{{wire::EntryKind::revocation_list, list.der()}});
  broker.turn();
  CHECK(refusal(broker.engine->join(again.join_request(invitation), again.curve.public_key(),
                                    broker.now))
            .find("no such invitation") != std::string::npos);
  const auto goodbyes = broker.heard<wire::Goodbye>(2);
  REQUIRE(goodbyes.size() == 1);
  CHECK(goodbyes[0].reason == wire::GoodbyeReason::revoked);
  CHECK(broker.dropped == std::vector<std::uint64_t>{2});
  std::sort(admitted.begin(), admitted.end());
  CHECK(broker.engine->admitted(broker.now) == admitted);
}

TEST_CASE("a certificate that is brought back for a revoked node is listed too", "[broker]") {
  Broker broker("enrol-brought-back");
  broker.found();
  broker.start();
  Peer leeds("jcp-leeds", NodeRole::adviser);
  Peer gone("gone-astray", NodeRole::provider);
  broker.admit(leeds);
  broker.admit(gone);
  broker.connect(1, gone);
  broker.connect(2, leeds);
  const auto first = gone.certificate->serial();
  const auto backup = broker.disk.image();
  broker.now.wall += std::chrono::seconds(5);
  REQUIRE(broker.renew(1, gone).empty());
  const auto lost = broker.newest(wire::EntryKind::signing_certificate);
  broker.kill();
  broker.disk.restore(backup);
  {
    auto restored = broker.database();
    Engine::mark_restored(*restored, broker.now);
  }
  broker.start();
  broker.connect(2, leeds);
  const auto publish = [&](wire::EntryKind kind, const Bytes& body) {
    broker.send(2, leeds, std::vector<wire::Publication>{{kind, body}});
    broker.turn();
    const auto answers = broker.heard_items<wire::Published>(2);
    REQUIRE(answers.size() == 1);
    CHECK(std::holds_alternative<std::uint64_t>(answers[0].result));
  };
  const auto as_of = broker.now.wall - std::chrono::hours(3);
  SECTION("after the list") {
    REQUIRE(broker.engine->revoke(gone.id, "left", as_of, "root", broker.now));
    publish(wire::EntryKind::signing_certificate, lost);
  }
  SECTION("before a list that does not know of it") {
    publish(wire::EntryKind::signing_certificate, lost);
    publish(wire::EntryKind::revocation_list,
            broker.authority
                .revoke(broker.authority.first_list(broker.now.wall),
                        {{first, broker.now.wall, crypto::RevocationReason::key_compromise, as_of}},
                        broker.now.wall)
                ->der());
  }
  const auto list = broker.newest_list();
  for (const auto& serial : {first, gone.certificate->serial()}) {
    const auto* entry = list.find(serial);
    REQUIRE(entry != nullptr);
    CHECK(entry->holds_until() == as_of);
  }
  CHECK(broker.engine->admitted(broker.now) == std::vector{leeds.curve.public_key()});
}

TEST_CASE("of two lists that meet, the earlier time of a revocation stands", "[broker]") {
  Broker broker("enrol-lists-meet");
  broker.found();
  broker.start();
  Peer leeds("jcp-leeds", NodeRole::adviser);
  Peer gone("gone-astray", NodeRole::provider);
  broker.admit(leeds);
  broker.admit(gone);
  broker.connect(1, leeds);
  const auto as_of = broker.now.wall - std::chrono::hours(50);
  // What a restored broker revoked anew, not knowing that it had been, and what a node kept.
  const auto lost = [&](std::optional<Instant> from, std::uint64_t number) {
    auto list = broker.authority.first_list(broker.now.wall);
    while (list.number() + 1 < number)
      list = broker.authority.revoke(list, {}, broker.now.wall).value();
    return broker.authority
        .revoke(list,
                {{gone.certificate->serial(), broker.now.wall,
                  crypto::RevocationReason::privilege_withdrawn, from}},
                broker.now.wall)
        .value();
  };
  const auto revoke = [&](std::optional<Instant> from) {
    REQUIRE(broker.engine->revoke(gone.id, "left", from, "root", broker.now));
  };
  std::optional<crypto::RevocationList> kept;
  SECTION("the one kept has it, under the same number") {
    revoke(std::nullopt);
    kept = lost(as_of, 2);
  }
  SECTION("the one kept has it, under a higher number") {
    revoke(std::nullopt);
    kept = lost(as_of, 5);
  }
  SECTION("the one made anew has it") {
    revoke(as_of);
    kept = lost(std::nullopt, 5);
  }
  broker.send(1, leeds,
              std::vector<wire::Publication>{{wire::EntryKind::revocation_list, kept->der()}});
  broker.turn();
  const auto list = broker.newest_list();
  const auto* entry = list.find(gone.certificate->serial());
  REQUIRE(entry != nullptr);
  CHECK(entry->holds_until() == as_of);
}
