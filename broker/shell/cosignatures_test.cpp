#include "broker/shell/cosignatures.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "broker/shell/testing/broker.h"

using namespace liaison;
using namespace liaison::broker;
using namespace liaison::broker::testing;

namespace {

/// A broker with nodes that follow its logs, on connections 1, 2, ...
struct Exchange : Two {
  explicit Exchange(const char* name) : Two(name) { pass(std::chrono::seconds(2)); }

  void pass(Duration time) {
    broker.now.wall += time;
    broker.now.steady += time;
    broker.turn();
  }
  wire::Proofs prove(std::uint64_t connection, const Peer& peer) {
    broker.send(connection, peer, wire::Prove{1, 0, {}, {}, {}});
    broker.turn();
    auto out = broker.heard<wire::Proofs>(connection);
    LIAISON_CHECK(out.size() == 1);
    return out.front();
  }
  [[nodiscard]] std::string name_of(const Peer& peer) const {
    return wire::witness_name_of(peer.id, broker.authority.certificate().fingerprint());
  }
  [[nodiscard]] wire::Cosigned cosign(const wire::Proofs& shown, const Peer& peer) const {
    return peer.cosigned(shown, broker.authority.certificate().fingerprint(), broker.now.wall);
  }
  void give(std::uint64_t connection, const Peer& peer, const wire::Cosigned& cosigned) {
    broker.send(connection, peer, cosigned);
    broker.turn();
  }
  /// Who cosigned what an administrator is shown of the message log, now.
  std::vector<std::string> cosigners(const std::vector<const Peer*>& of,
                                     const char* log = "message") {
    const auto answer =
        nlohmann::json::parse(broker.engine->admin(R"({"command": "checkpoint"})", broker.now));
    const auto note = audit::parse_note(answer["ok"][log].get<std::string>()).value();
    std::vector<audit::NoteKey> keys;
    for (const auto* peer : of)
      keys.push_back({name_of(*peer), audit::KeyKind::cosignature, peer->witness.public_key()});
    std::vector<std::string> out;
    const auto said = audit::cosignatures(note, keys).value();
    for (const auto& each : said)
      out.push_back(each.witness);
    return out;
  }
  void submit(std::uint64_t number) {
    broker.send(1, leeds, std::vector{leeds.letter(able, number, broker.now.wall)});
    broker.turn();
    pass(std::chrono::seconds(2));
  }
};

}  // namespace

TEST_CASE("nodes cosign what they are shown, and the broker gives it out with the checkpoint",
          "[broker]") {
  Exchange exchange("cosigned");
  auto& [broker, leeds, able] = static_cast<Two&>(exchange);
  for (const auto& [connection, peer] : {std::pair{1, &leeds}, {2, &able}}) {
    const auto shown = exchange.prove(static_cast<std::uint64_t>(connection), *peer);
    REQUIRE(shown.cosign);
    exchange.give(static_cast<std::uint64_t>(connection), *peer, exchange.cosign(shown, *peer));
  }
  const std::vector<std::string> both{exchange.name_of(leeds), exchange.name_of(able)};
  CHECK(exchange.cosigners({&leeds, &able}) == both);
  CHECK(exchange.cosigners({&leeds, &able}, "registry") == both);
  CHECK(broker.engine->counts().strikes == 0);

  SECTION("also after a restart") {
    broker.kill();
    broker.start();
    CHECK(exchange.cosigners({&leeds, &able}) == both);
  }
  SECTION("and the newest that was cosigned, when there is a newer one") {
    exchange.submit(1);
    CHECK(exchange.cosigners({&leeds, &able}).empty());
    CHECK(exchange.cosigners({&leeds, &able}, "cosigned_message") == both);
  }
}

TEST_CASE("a node is asked at most once a minute, and what came late is kept all the same",
          "[broker]") {
  Exchange exchange("cosigned-minute");
  auto& [broker, leeds, able] = static_cast<Two&>(exchange);
  const auto shown = exchange.prove(1, leeds);
  exchange.submit(1);
  exchange.give(1, leeds, exchange.cosign(shown, leeds));
  CHECK(exchange.cosigners({&leeds}, "cosigned_message").size() == 1);
  CHECK_FALSE(exchange.prove(1, leeds).cosign);
  CHECK(exchange.prove(2, able).cosign);
  exchange.pass(std::chrono::seconds(58));
  CHECK_FALSE(exchange.prove(1, leeds).cosign);
  exchange.pass(std::chrono::seconds(3));
  CHECK(exchange.prove(1, leeds).cosign);
}

TEST_CASE("what was not asked for is not looked at, and what is no cosignature costs a strike",
          "[broker]") {
  Exchange exchange("cosigned-garbage");
  auto& [broker, leeds, able] = static_cast<Two&>(exchange);
  const auto shown = exchange.prove(1, leeds);
  const auto good = exchange.cosign(shown, leeds);
  SECTION("not asked") {
    exchange.give(2, able, exchange.cosign(shown, able));
    exchange.give(1, leeds, good);
    exchange.give(1, leeds, good);  // once
    CHECK(exchange.cosigners({&leeds, &able}) == std::vector<std::string>{exchange.name_of(leeds)});
    CHECK(broker.engine->counts().strikes == 0);
    CHECK(broker.engine->metrics().find("reason=\"cosigned_unasked\"} 2") != std::string::npos);
  }
  SECTION("of another tree, another node's, cut, or no line at all") {
    auto bad = good;
    const int which = GENERATE(range(0, 6));
    if (which == 0) std::swap(bad.registry, bad.message);
    if (which == 1) bad = exchange.cosign(shown, able);
    if (which == 2) bad.message.resize(bad.message.size() / 2);
    if (which == 3) bad.message = "nothing\n";
    if (which == 4) bad.message += bad.message;
    if (which == 5) bad.message = std::string(512, 'x');
    exchange.give(1, leeds, bad);
    CHECK(broker.engine->counts().strikes == 1);
    CHECK(exchange.cosigners({&leeds, &able}).empty());
    exchange.give(1, leeds, good);
    CHECK(exchange.cosigners({&leeds, &able}).empty());
    REQUIRE(exchange.prove(1, leeds).cosign);
  }
  SECTION("of another size or epoch than was asked for") {
    auto bad = good;
    (GENERATE(true, false) ? bad.message_size : bad.epoch) += 1;
    exchange.give(1, leeds, bad);
    CHECK(broker.engine->counts().strikes == 0);
    CHECK(exchange.cosigners({&leeds}).empty());
  }
}

TEST_CASE("sixteen nodes cosign a checkpoint, and sixteen checkpoints are kept", "[broker]") {
  Exchange exchange("cosigned-many");
  auto& broker = exchange.broker;
  std::vector<std::unique_ptr<Peer>> peers;
  for (int number = 0; number < 18; ++number) {
    peers.push_back(
        std::make_unique<Peer>("provider-" + std::to_string(number), NodeRole::provider));
    broker.admit(*peers.back());
    broker.connect(10 + static_cast<std::uint64_t>(number), *peers.back());
  }
  exchange.pass(std::chrono::seconds(2));
  std::vector<const Peer*> of;
  std::uint64_t connection = 10;
  for (const auto& peer : peers) {
    of.push_back(peer.get());
    const auto shown = exchange.prove(connection, *peer);
    CHECK(shown.cosign == (connection < 26));
    exchange.give(connection++, *peer, exchange.cosign(shown, *peer));
  }
  CHECK(exchange.cosigners(of).size() == 16);
  for (std::uint64_t number = 1; number < 20; ++number) {
    exchange.submit(number);
    exchange.pass(std::chrono::minutes(1));
    exchange.give(1, exchange.leeds,
                  exchange.cosign(exchange.prove(1, exchange.leeds), exchange.leeds));
  }
  const auto kept = broker.engine->cosignatures().kept(LogName::message);
  CHECK(kept.size() == 16);
  CHECK(kept.rbegin()->first == broker.engine->counts().log_entries);
}
