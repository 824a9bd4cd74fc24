#include <algorithm>
#include <catch2/catch.hpp>

#include "broker/shell/testing/broker.h"
#include "wire/mark.h"

using namespace liaison;
using namespace liaison::broker;
using namespace liaison::broker::testing;

TEST_CASE("joining may be repeated by the same keys, and by no others", "[broker]") {
  Broker broker("enrol-repeat");
  broker.found();
  broker.start();
  Peer leeds("jcp-leeds", NodeRole::adviser);
  Peer other("jcp-leeds", NodeRole::adviser);
  const auto invitation = broker.invite(leeds);
  const auto ask = [&](const Peer& peer) {
    return broker.engine->join(peer.join_request(invitation), peer.curve.public_key(), broker.now);
  };
  const auto first = ask(leeds);
  REQUIRE(std::holds_alternative<wire::Joined>(first));
  broker.kill();
  broker.start();
  CHECK(ask(leeds) == first);
  CHECK(refusal(ask(other)).find("used by other keys") != std::string::npos);
  CHECK(refusal(broker.engine->join(leeds.join_request(invitation), other.curve.public_key(),
                                    broker.now)) != "");
  CHECK(broker.engine->counts().nodes == 1);
}

TEST_CASE("what a backup shows unused admits nobody after a restore", "[broker]") {
  Broker broker("enrol-restored-invitation");
  broker.found();
  broker.start();
  Peer leeds("jcp-leeds", NodeRole::adviser);
  Peer other("jcp-leeds", NodeRole::adviser);
  const auto invitation = broker.invite(leeds);
  const auto backup = broker.disk.image();
  REQUIRE(std::holds_alternative<wire::Joined>(
      broker.engine->join(leeds.join_request(invitation), leeds.curve.public_key(), broker.now)));
  broker.kill();
  broker.disk.restore(backup);
  {
    auto restored = broker.database();
    Engine::mark_restored(*restored, broker.now);
  }
  broker.start();
  CHECK(refusal(broker.engine->join(other.join_request(invitation), other.curve.public_key(),
                                    broker.now)) != "");
  CHECK(broker.engine->counts().nodes == 0);
}

TEST_CASE("a wrong secret, a late one and another node's name do not join", "[broker]") {
  Broker broker("enrol-wrong");
  broker.found();
  broker.start();
  Peer leeds("jcp-leeds", NodeRole::adviser);
  auto invitation = broker.invite(leeds);
  SECTION("wrong secret") {
    invitation.secret.octets[0] ^= 1;
  }
  SECTION("late") {
    broker.now.wall += std::chrono::hours(2);
    broker.now.steady += std::chrono::hours(2);
  }
  SECTION("another name") {
    leeds.id = *NodeId::parse("jcp-york");
  }
  CHECK(refusal(broker.engine->join(leeds.join_request(invitation), leeds.curve.public_key(),
                                    broker.now)) != "");
  CHECK(broker.engine->counts().nodes == 0);
}

TEST_CASE("no two nodes are admitted whose ids have one mark", "[broker]") {
  Broker broker("enrol-mark");
  broker.found();
  broker.start();
  Peer first("n0a8pabvdas8edf10a0a", NodeRole::adviser);
  Peer second("o1gj0bf98g5gdo83saqn", NodeRole::adviser);
  REQUIRE(wire::mark_of(first.id) == wire::mark_of(second.id));
  SECTION("one is not invited when the other is here") {
    broker.admit(first);
    const auto invited = broker.engine->invite(
        {{second.id, "X", NodeRole::adviser, {}}, std::chrono::hours(1), {}}, "root", broker.now);
    REQUIRE_FALSE(invited);
    CHECK(invited.error().text.find(first.id.text()) != std::string::npos);
  }
  SECTION("of two who were invited, the second to join is refused") {
    const auto invitation = broker.invite(second);
    broker.admit(first);
    CHECK(refusal(broker.engine->join(second.join_request(invitation), second.curve.public_key(),
                                      broker.now))
              .find(first.id.text()) != std::string::npos);
  }
  CHECK(broker.engine->counts().nodes == 1);
}

TEST_CASE("a node that lost its keys joins again by a new invitation", "[broker]") {
  Broker broker("enrol-rejoin");
  broker.found();
  broker.start();
  Peer leeds("jcp-leeds", NodeRole::adviser);
  broker.admit(leeds);
  CHECK_FALSE(broker.engine->invite(
      {{leeds.id, "X", NodeRole::adviser, {}}, std::chrono::hours(1), {}}, "root", broker.now));
  Peer again("jcp-leeds", NodeRole::adviser);
  const auto invitation = broker.invite(again, InviteOrder::Kind::rejoin);
  const auto answer =
      broker.engine->join(again.join_request(invitation), again.curve.public_key(), broker.now);
  REQUIRE(std::holds_alternative<wire::Joined>(answer));
  CHECK(broker.engine->admitted(broker.now) == std::vector{again.curve.public_key()});
}

TEST_CASE("a certificate is renewed over the link, once for one request", "[broker]") {
  Broker broker("enrol-renew");
  broker.found();
  broker.start();
  Peer leeds("jcp-leeds", NodeRole::adviser);
  broker.admit(leeds);
  broker.connect(1, leeds);
  const auto next = crypto::PrivateKey::generate();
  const auto next_curve = crypto::CurvePair::generate();
  const auto renewal = leeds.renewal(next, next_curve.public_key());
  broker.now.wall += std::chrono::seconds(5);
  broker.send(1, leeds, renewal);
  broker.turn();
  const auto renewed = broker.heard<wire::Renewed>(1);
  REQUIRE(renewed.size() == 1);
  REQUIRE(std::holds_alternative<Bytes>(renewed[0].result));
  broker.send(1, leeds, renewal);
  broker.turn();
  CHECK(broker.heard<wire::Renewed>(1) == renewed);
  CHECK(broker.engine->admitted(broker.now).size() == 2);

  auto forged = leeds.renewal(crypto::PrivateKey::generate(), next_curve.public_key());
  broker.send(1, leeds, forged);  // continuity of a certificate that is not current any more
  broker.turn();
  CHECK(std::holds_alternative<std::string>(broker.heard<wire::Renewed>(1).at(0).result));
  broker.kill();
  broker.start();
  CHECK(broker.engine->admitted(broker.now).size() == 2);
}

TEST_CASE("no certificate is forgotten before it has ended, and a revocation names all",
          "[broker]") {
  Broker broker("enrol-many");
  broker.found();
  broker.start();
  Peer leeds("jcp-leeds", NodeRole::adviser);
  broker.admit(leeds);
  broker.connect(1, leeds);
  std::size_t renewed = 0;
  std::string why;
  while (renewed < 20 && why.empty()) {
    broker.now.wall += std::chrono::seconds(5);
    why = broker.renew(1, leeds);
    if (why.empty()) ++renewed;
  }
  CHECK(renewed + 1 == Registry::certificates_max);
  CHECK(why == "too many certificates of this node have not ended yet");
  REQUIRE(broker.engine->revoke(leeds.id, "invented reason", std::nullopt, "root", broker.now));
  const auto nodes = broker.engine->admin(R"({"command":"nodes"})", broker.now);
  CHECK(nodes.find("revoked") != std::string::npos);
}

TEST_CASE("an offline authority signs what waits, and the node asks again", "[broker]") {
  Broker broker("enrol-offline");
  broker.found();
  broker.engine = std::make_unique<Engine>(broker.config, broker.database(), std::nullopt,
                                           broker.entropy, broker.now);
  Peer leeds("jcp-leeds", NodeRole::adviser);
  const auto invitation = broker.invite(leeds);
  const auto request = leeds.join_request(invitation);
  const auto ask = [&] {
    return broker.engine->join(request, leeds.curve.public_key(), broker.now);
  };
  CHECK(std::holds_alternative<wire::JoinPending>(ask()));
  CHECK(std::holds_alternative<wire::JoinPending>(ask()));
  const auto certificate =
      broker.authority.issue(*crypto::CertificateRequest::parse(request.request),
                             {leeds.id, "Organisation", NodeRole::adviser, {}}, broker.now.wall);
  const auto import =
      R"({"command":"import","kind":"certificate","der":")" + to_base64(certificate->der()) + "\"}";
  CHECK(broker.engine->admin(import, broker.now).find("\"ok\"") != std::string::npos);
  const auto joined = ask();
  REQUIRE(std::holds_alternative<wire::Joined>(joined));
  CHECK(std::get<wire::Joined>(joined).certificate == certificate->der());
  // The process may be killed before it can put the file away, and reads it again.
  CHECK(broker.engine->admin(import, broker.now).find("\"ok\"") != std::string::npos);
  CHECK_FALSE(broker.engine->revoke(leeds.id, "left", std::nullopt, "root", broker.now));
}

TEST_CASE("a new invitation ends what was asked by the one before", "[broker]") {
  Broker broker("enrol-offline-again");
  broker.found();
  broker.engine = std::make_unique<Engine>(broker.config, broker.database(), std::nullopt,
                                           broker.entropy, broker.now);
  Peer thief("jcp-leeds", NodeRole::adviser);
  const auto asked = thief.join_request(broker.invite(thief));
  REQUIRE(std::holds_alternative<wire::JoinPending>(
      broker.engine->join(asked, thief.curve.public_key(), broker.now)));
  Peer leeds("jcp-leeds", NodeRole::adviser);
  broker.invite(leeds);
  const auto certificate =
      broker.authority.issue(*crypto::CertificateRequest::parse(asked.request),
                             {leeds.id, "Organisation", NodeRole::adviser, {}}, broker.now.wall);
  const auto answer = broker.engine->admin(
      R"({"command":"import","kind":"certificate","der":")" + to_base64(certificate->der()) + "\"}",
      broker.now);
  CHECK(answer.find("no request of node jcp-leeds waits") != std::string::npos);
  CHECK(broker.engine->counts().nodes == 0);
}

TEST_CASE("a used invitation brings no key back that its node has replaced", "[broker]") {
  Broker broker("enrol-used-before");
  broker.found();
  broker.start();
  Peer leeds("jcp-leeds", NodeRole::adviser);
  const auto invitation = broker.invite(leeds);
  const auto ask = [&] {
    return broker.engine->join(leeds.join_request(invitation), leeds.curve.public_key(),
                               broker.now);
  };
  const auto joined = ask();
  REQUIRE(std::holds_alternative<wire::Joined>(joined));
  leeds.certificate =
      crypto::Certificate::parse(std::get<wire::Joined>(joined).certificate).value();
  broker.connect(1, leeds);
  broker.now.wall += std::chrono::seconds(5);
  const auto next = crypto::CurvePair::generate();
  broker.send(1, leeds, leeds.renewal(crypto::PrivateKey::generate(), next.public_key()));
  broker.turn();
  REQUIRE(std::holds_alternative<Bytes>(broker.heard<wire::Renewed>(1).at(0).result));
  CHECK(refusal(ask()).find("there is no such invitation") != std::string::npos);
}

TEST_CASE("a used invitation admits nobody when the registry has forgotten its key", "[broker]") {
  Broker broker("enrol-used-long-before");
  broker.found();
  broker.start();
  Peer leeds("jcp-leeds", NodeRole::adviser);
  const auto invitation = broker.invite(leeds);
  const auto asked = leeds.join_request(invitation);
  const auto first = leeds.curve.public_key();
  const auto joined = broker.engine->join(asked, first, broker.now);
  REQUIRE(std::holds_alternative<wire::Joined>(joined));
  leeds.joined(std::get<wire::Joined>(joined));
  for (std::size_t renewed = 0; renewed < Registry::certificates_max; ++renewed) {
    broker.now.wall += std::chrono::hours(24 * 60);
    broker.now.steady += std::chrono::hours(24 * 60);
    broker.connect(1, leeds);
    if (renewed == 0) leeds.curve = crypto::CurvePair::generate();
    // The connection's key is the one that is replaced.
    REQUIRE(broker.renew(1, leeds).empty());
  }
  CHECK(refusal(broker.engine->join(asked, first, broker.now)) != "");
  CHECK(broker.engine->admitted(broker.now) == std::vector{leeds.curve.public_key()});
}

TEST_CASE("a renewal leaves an invitation that other keys are to use", "[broker]") {
  Broker broker("enrol-used-by-none");
  broker.found();
  broker.start();
  Peer leeds("jcp-leeds", NodeRole::adviser);
  broker.admit(leeds);
  broker.connect(1, leeds);
  Peer again("jcp-leeds", NodeRole::adviser);
  const auto invitation = broker.invite(again, InviteOrder::Kind::rejoin);
  broker.now.wall += std::chrono::seconds(5);
  const auto next = crypto::CurvePair::generate();
  broker.send(1, leeds, leeds.renewal(crypto::PrivateKey::generate(), next.public_key()));
  broker.turn();
  REQUIRE(std::holds_alternative<Bytes>(broker.heard<wire::Renewed>(1).at(0).result));
  CHECK(std::holds_alternative<wire::Joined>(
      broker.engine->join(again.join_request(invitation), again.curve.public_key(), broker.now)));
}

TEST_CASE("what is logged of an administrator's act is no longer than its reader takes",
          "[broker]") {
  Broker broker("enrol-act");
  broker.found();
  broker.start();
  std::string rules;
  for (int rule = 0; rule < 60; ++rule)
    rules += std::string(rule == 0 ? "" : ",") + R"({"from":"node:office-)" + std::to_string(rule) +
             R"(","verdict":"allow"})";
  const auto answer = broker.engine->admin(
      R"({"command":"policy-set","policy":{"otherwise":"deny","rules":[)" + rules + "]}}",
      broker.now);
  REQUIRE(answer.find("\"ok\"") != std::string::npos);
  broker.kill();
  const auto database = broker.database();
  auto find = database->prepare("SELECT body FROM registry WHERE kind=?");
  int acts = 0;
  for (auto rows = find.query(static_cast<int>(wire::EntryKind::act)); rows.next(); ++acts)
    CHECK(wire::decode_administrator_act(rows.blob(0)));
  CHECK(acts > 0);
}

TEST_CASE("a restored broker takes back what its nodes know, revocations first of all",
          "[broker]") {
  Broker broker("enrol-restore");
  broker.found();
  broker.start();
  Peer leeds("jcp-leeds", NodeRole::adviser);
  Peer able("able-futures", NodeRole::provider);
  Peer gone("gone-astray", NodeRole::provider);
  broker.admit(leeds);
  broker.admit(gone);
  broker.connect(1, leeds);
  const auto backup = broker.disk.image();
  broker.admit(able);
  broker.connect(2, able);
  REQUIRE(broker.engine->revoke(gone.id, "left", std::nullopt, "root", broker.now));
  broker.send(1, leeds, wire::Since{0});
  broker.turn();
  const auto replica = broker.heard<wire::Entries>(1);
  const auto epoch = broker.engine->counts().epoch;

  broker.kill();
  broker.disk.restore(backup);
  {
    auto restored = broker.database();
    Engine::mark_restored(*restored, broker.now);
  }
  broker.start();
  CHECK(broker.engine->counts().epoch > epoch);
  CHECK(broker.engine->counts().recovering);
  // An administrator, not knowing of the lost revocation, revokes another: the numbers meet.
  Peer wrong("went-wrong", NodeRole::provider);
  broker.admit(wrong);
  REQUIRE(broker.engine->revoke(wrong.id, "left", std::nullopt, "root", broker.now));
  broker.send(1, leeds, leeds.hello(broker.now.wall, epoch));
  std::vector<wire::Publication> known;
  for (const auto& frame : replica)
    for (const auto& entry : frame.entries)
      if (entry.kind != wire::EntryKind::authority && entry.kind != wire::EntryKind::act)
        known.push_back({entry.kind, entry.body});
  broker.send(1, leeds, known);
  broker.turn();
  for (const auto& each : broker.heard_items<wire::Published>(1))
    CHECK(each.result.index() == 0);
  CHECK(broker.engine->admitted(broker.now) == [&] {
    std::vector keys{leeds.curve.public_key(), able.curve.public_key()};
    std::sort(keys.begin(), keys.end());
    return keys;
  }());
  broker.send(1, leeds, wire::Since{0});
  broker.turn();
  CHECK(broker.engine->counts()
            .recovering);  // the node that came back with the registry has yet to tell
  broker.connect(2, able);
  broker.send(2, able, wire::Since{0});
  broker.turn();
  CHECK_FALSE(broker.engine->counts().recovering);
}

TEST_CASE("who brings lost certificates back in one frame is answered in one", "[broker]") {
  Broker broker("enrol-brought-in-one");
  broker.found();
  broker.start();
  Peer leeds("jcp-leeds", NodeRole::adviser);
  broker.admit(leeds);
  broker.connect(1, leeds);
  const auto backup = broker.disk.image();
  std::vector<wire::Publication> lost;
  for (const auto* name : {"able-futures", "jcp-york", "jcp-hull"}) {
    Peer peer(name, NodeRole::adviser);
    broker.admit(peer);
    broker.turn();
    const auto kind = wire::EntryKind::signing_certificate;
    lost.push_back({kind, broker.newest(kind)});
  }
  broker.kill();
  broker.disk.restore(backup);
  {
    auto restored = broker.database();
    Engine::mark_restored(*restored, broker.now);
  }
  broker.start();
  broker.connect(1, leeds);
  broker.send(1, leeds, lost);
  const auto turn = broker.engine->turn(broker.now);
  CHECK(turn.admitted_changed);
  CHECK(broker.engine->admitted(broker.now).size() == 4);
  REQUIRE(turn.sends.size() == 1);
  const auto frame = wire::decode_frame(turn.sends[0].frame);
  REQUIRE(frame.has_value());
  const auto* answers = std::get_if<std::vector<wire::Published>>(&*frame);
  REQUIRE(answers != nullptr);
  REQUIRE(answers->size() == 3);
  for (const auto& each : *answers)
    CHECK(each.result.index() == 0);
}

TEST_CASE(
    "what stands in the registry is told its place, though it would not pass the door any more",
    "[broker]") {
  Limits limits;
  limits.publications_per_minute_max = 3;
  Broker broker("enrol-known", 1, limits);
  broker.found();
  broker.start();
  Peer leeds("jcp-leeds", NodeRole::adviser);
  broker.admit(leeds);
  broker.connect(1, leeds);
  (void)broker.heard_items<wire::Published>(1);
  const wire::Frame ended = std::vector<wire::Publication>(
      8, {wire::EntryKind::sealing_certificate, leeds.sealed_by->der()});
  broker.now.wall += std::chrono::hours(24 * 40);
  broker.now.steady += std::chrono::hours(24 * 40);
  broker.send(1, leeds, ended);
  broker.turn();
  const auto answers = broker.heard_items<wire::Published>(1);
  REQUIRE(answers.size() == 8);
  for (const auto& each : answers)
    CHECK(each.result.index() == 0);
}

TEST_CASE("administrators' requests are answered in one line, with nothing half done", "[broker]") {
  Broker broker("enrol-admin");
  broker.found();
  broker.start();
  const auto ask = [&](const char* request) { return broker.engine->admin(request, broker.now); };
  for (const char* wrong :
       {"", "[]", "{}", R"({"command":"fly"})", R"({"command":"nodes","colour":1})",
        R"({"command":"invite"})",
        R"({"command":"invite","node":"Leeds","role":"adviser","organisation":"X"})",
        R"({"command":"invite","node":"leeds","role":"pilot","organisation":"X"})",
        R"({"command":"revoke","node":"leeds"})",
        R"({"command":"policy-set","policy":{"rules":[{"from":"all"}]}})",
        R"({"command":"quota-set","node":"leeds","quota":{}})",
        R"({"command":"quota-set","quota":{"letters":1}})",
        R"({"command":"users-add","name":"ann","password":"short"})",
        R"({"command":"import","kind":"x","der":"AA=="})"}) {
    CAPTURE(wrong);
    const auto answer = ask(wrong);
    CHECK(answer.find("{\"error\":") == 0);
    CHECK(answer.find('\n') == std::string::npos);
  }
  CHECK(broker.engine->counts().registry_entries == 2);
  CHECK(ask(R"({"command":"quota-set","quota":{"mailbox_letters":5}})")
            .find("\"mailbox_letters\":5") != std::string::npos);
  CHECK(
      ask(R"({"command":"policy-set","policy":{"otherwise":"deny","rules":[{"from":"role:adviser","verdict":"allow"}]}})")
          .find("\"ok\"") != std::string::npos);
  const auto policy = ask(R"({"command":"policy-show"})");
  broker.kill();
  broker.start();
  CHECK(ask(R"({"command":"policy-show"})") == policy);
  CHECK(ask(R"({"command":"quota-show"})").find("\"mailbox_letters\":5") != std::string::npos);
  CHECK(ask(R"({"command":"alarms"})") == R"({"ok":[]})");
}
