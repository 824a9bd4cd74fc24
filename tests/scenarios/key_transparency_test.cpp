#include <algorithm>
#include <catch2/catch.hpp>

#include "certs/renewal.h"
#include "node/shell/admin.h"
#include "node/shell/door.h"
#include "node/shell/registry_store.h"
#include "tests/scenarios/world.h"
#include "wire/key_alarm.h"
#include "wire/registry.h"

using namespace liaison;
using namespace liaison::scenarios;

namespace {

/// What an operator makes who has the authority's key and wants to read a provider's mail: a
/// certificate in its name, of a key of the operator's own, with all else as it is, so that the
/// provider stays connected; and a sealing certificate under it.
struct Swapped {
  wire::RegistryEntry signing;
  wire::RegistryEntry sealing;
  Fingerprint certificate;
  Fingerprint sealing_certificate;
};

crypto::Certificate certificate_of(const Node& node) {
  return crypto::Certificate::parse(node.engine->installation().certificate).value();
}

Swapped swap(World& world, const Node& provider,
             wire::IssueReason reason = wire::IssueReason::renewed) {
  const auto theirs = certificate_of(provider);
  const auto profile = crypto::read_signing(theirs).value();
  const auto key = crypto::PrivateKey::generate();
  const auto request =
      certs::make_renewal(provider.id, key, profile.curve, profile.witness, key, theirs);
  const auto certificate =
      world.authority()
          .issue(crypto::CertificateRequest::parse(request.request).value(),
                 {provider.id, provider.organisation, provider.role, {}}, world.clock.wall)
          .value();
  const auto sealing_key = crypto::PrivateKey::generate();
  const auto sealing =
      crypto::issue_sealing(sealing_key.public_key(), key, certificate, world.clock.wall);
  const wire::IssuedCertificate issued{certificate.der(), reason, theirs.fingerprint(),
                                       request.request, request.continuity.signature};
  return {{wire::EntryKind::signing_certificate, world.clock.wall, wire::encode(issued)},
          {wire::EntryKind::sealing_certificate, world.clock.wall, sealing.der()},
          certificate.fingerprint(),
          sealing.fingerprint()};
}

/// In the exchange's store, and so in its log.
void register_in_store(World& world, const std::vector<wire::RegistryEntry>& entries) {
  world.alter_broker([&](store::Database& database) {
    auto insert =
        database.prepare("INSERT INTO registry SELECT max(position) + 1, ?, ?, ? FROM registry");
    for (const auto& each : entries)
      insert.run(static_cast<int>(each.kind), each.at, each.body);
  });
  world.run();
}

void register_in_store(World& world, const Swapped& swapped) {
  register_in_store(world, std::vector{swapped.signing, swapped.sealing});
}

/// The exchange tells that node of the first `size` entries of its registry, and of nothing that
/// comes after.
void keep_from(World& world, const Node& kept, std::uint64_t size) {
  world.rewrite = [&kept, size](const Node& node, Bytes& frame) {
    if (node.id != kept.id) return;
    auto decoded = wire::decode_frame(frame);
    auto* entries = decoded ? std::get_if<wire::Entries>(&*decoded) : nullptr;
    if (entries == nullptr) return;
    while (!entries->entries.empty() && entries->first + entries->entries.size() > size)
      entries->entries.pop_back();
    entries->size = std::min(entries->size, size);
    frame = wire::encode(*entries);
  };
}

std::vector<node::Alarm> alarms(World& world, Node& node, const std::string& kind) {
  std::vector<node::Alarm> out;
  for (auto& alarm : node.engine->status(world.now(node)).alarms)
    if (alarm.kind == kind) out.push_back(alarm);
  return out;
}

/// To which keys letters to that node are sealed, as the wire has it.
void watch_sealing(World& world, const Node& to, std::set<Fingerprint>& seen) {
  world.drop = [&seen, id = to.id](const Node&, ByteView frame, bool to_node) {
    const auto decoded = wire::decode_frame(frame);
    const auto* letters = decoded ? std::get_if<std::vector<wire::Letter>>(&*decoded) : nullptr;
    if (!to_node && letters != nullptr)
      for (const auto& letter : *letters)
        if (letter.recipient == id) seen.insert(letter.sealing_key);
    return false;
  };
}

void reaches(World& world, Node& office, Node& provider) {
  const auto id = add_client(world, office);
  const auto of = refer(world, office, id, provider);
  world.run();
  CHECK(state_of(provider, of) == "received");
}

}  // namespace

TEST_CASE("a certificate that the exchange shows to one node, and has not logged, is not used",
          "[scenario]") {
  Two world(120);
  std::set<Fingerprint> sealed_to;
  const auto swapped = swap(world, world.able());
  watch_sealing(world, world.able(), sealed_to);
  // It comes behind the true entries, and is not contradicted until there are others.
  auto size = world.broker->counts().registry_entries;
  world.rewrite = [&](const Node& node, Bytes& frame) {
    if (node.id != world.leeds().id) return;
    auto decoded = wire::decode_frame(frame);
    auto* entries = decoded ? std::get_if<wire::Entries>(&*decoded) : nullptr;
    if (entries == nullptr || entries->first + entries->entries.size() != size) return;
    entries->entries.push_back(swapped.signing);
    entries->entries.push_back(swapped.sealing);
    entries->size = size + 2;
    frame = wire::encode(*entries);
  };
  world.disconnect(world.leeds());
  world.run();
  REQUIRE(world.leeds().engine->status(world.now(world.leeds())).registry_size == size + 2);
  reaches(world, world.leeds(), world.able());
  world.pass(std::chrono::hours(25));
  reaches(world, world.leeds(), world.able());
  CHECK_FALSE(sealed_to.empty());
  CHECK(sealed_to.count(swapped.sealing_certificate) == 0);
  CHECK(alarms(world, world.leeds(), "registry_unlogged").size() == 1);
  CHECK(alarms(world, world.leeds(), "key_changed").empty());
}

TEST_CASE(
    "a node that was shown what is not logged asks for all anew before it says that the logs are "
    "signed by a key of nobody's",
    "[scenario]") {
  Two world(126);
  world.run();
  const auto swapped = swap(world, world.able());
  const auto size = world.broker->counts().registry_entries;
  auto& leeds = world.leeds();
  leeds.to_node.push_back(
      wire::encode(wire::Frame(wire::Entries{size, size + 2, {swapped.signing, swapped.sealing}})));
  world.run();
  REQUIRE(leeds.engine->status(world.now(leeds)).registry_size == size + 2);
  // What names the key of now, and the act that says so, have the places of what was shown; and
  // what comes behind them is signed by that key alone.
  world.take_away(leeds);
  world.change_log_key();
  REQUIRE(world.broker->counts().registry_entries == size + 2);
  world.join("charity", NodeRole::provider, "Charity (invented)");
  world.run();
  leeds.may_connect = true;
  refer(world, leeds, add_client(world, leeds), world.able());
  world.run(std::chrono::minutes(3));
  CHECK(alarms(world, leeds, "log_unsigned").empty());
  const auto logs = leeds.engine->status(world.now(leeds)).logs;
  CHECK(logs.letters_awaited == 0);
  CHECK(logs.registry_size == world.broker->counts().registry_entries);
}

TEST_CASE(
    "a certificate that the exchange showed to one node, that node does not carry into the log",
    "[scenario]") {
  Two world(125);
  const auto image = world.broker_disk->image();
  const auto swapped = swap(world, world.able(), wire::IssueReason::rejoined);
  const auto size = world.broker->counts().registry_entries;
  auto& leeds = world.leeds();
  leeds.to_node.push_back(
      wire::encode(wire::Frame(wire::Entries{size, size + 2, {swapped.signing, swapped.sealing}})));
  world.run();
  REQUIRE(leeds.engine->status(world.now(leeds)).registry_size == size + 2);
  // A restored exchange is told what it may have lost.
  world.restore_broker(image);
  world.run(std::chrono::minutes(20), 20000);
  CHECK(world.broker->counts().registry_entries == size);
  CHECK(alarms(world, world.able(), "key_contested").empty());
  CHECK_FALSE(leeds.engine->peer(world.able().id)->unproven_key);
  reaches(world, leeds, world.able());
}

TEST_CASE("what was shown early counts from when it is logged, in its place and its day",
          "[scenario]") {
  Two world(127);
  world.run();
  std::set<Fingerprint> sealed_to;
  const auto swapped = swap(world, world.able());
  const auto size = world.broker->counts().registry_entries;
  auto& leeds = world.leeds();
  leeds.to_node.push_back(
      wire::encode(wire::Frame(wire::Entries{size, size + 2, {swapped.signing, swapped.sealing}})));
  world.run();
  REQUIRE(leeds.engine->status(world.now(leeds)).registry_size == size + 2);
  SECTION("the exchange says that there is less, and the copy begins anew") {
    world.disconnect(leeds);
    world.run();
    REQUIRE(leeds.engine->status(world.now(leeds)).registry_size == size);
    CHECK_FALSE(leeds.engine->peer(world.able().id)->unproven_key);
    node::Sql sql(leeds.engine->database());
    CHECK(std::ranges::none_of(node::RegistryStore(sql).certificates(), [&](const auto& each) {
      return each.fingerprint == swapped.certificate ||
             each.fingerprint == swapped.sealing_certificate;
    }));
  }
  SECTION("the copy stays, and that is what is logged at last") {}
  world.pass(std::chrono::hours(25));
  world.take_away(world.able());  // so that it raises no alarm
  watch_sealing(world, world.able(), sealed_to);
  register_in_store(world, swapped);
  REQUIRE(world.broker->counts().registry_entries == size + 2);
  refer(world, leeds, add_client(world, leeds), world.able());
  world.run();
  CHECK(alarms(world, leeds, "key_changed").size() == 1);
  CHECK_FALSE(sealed_to.empty());
  CHECK(sealed_to.count(swapped.sealing_certificate) == 0);
}

TEST_CASE("a revocation list that is shown to the node alone does not silence its alarm",
          "[scenario]") {
  Two world(128);
  world.run();
  const auto swapped = swap(world, world.able());
  const auto issued = wire::decode_issued_certificate(swapped.signing.body).value();
  const auto serial = crypto::Certificate::parse(issued.certificate)->serial();
  const auto list =
      world.authority()
          .revoke(world.authority().first_list(world.clock.wall),
                  {{serial, world.clock.wall, crypto::RevocationReason::key_compromise, {}}},
                  world.clock.wall)
          .value();
  const auto size = world.broker->counts().registry_entries;
  auto& able = world.able();
  able.to_node.push_back(wire::encode(wire::Frame(wire::Entries{
      size, size + 1, {{wire::EntryKind::revocation_list, world.clock.wall, list.der()}}})));
  world.run();
  REQUIRE(able.engine->status(world.now(able)).registry_size == size + 1);
  // Which the node offers to the exchange in vain.
  world.drop = [](const Node&, ByteView frame, bool to_node) {
    const auto decoded = wire::decode_frame(frame);
    const auto* offered =
        decoded ? std::get_if<std::vector<wire::Publication>>(&*decoded) : nullptr;
    return !to_node && offered != nullptr && std::ranges::any_of(*offered, [](const auto& each) {
      return each.kind == wire::EntryKind::revocation_list;
    });
  };
  world.disconnect(able);
  world.run();
  REQUIRE(able.engine->status(world.now(able)).registry_size == size);
  register_in_store(world, swapped);
  CHECK(alarms(world, able, "key_contested").size() == 1);
  // It rides in the node's letters all the same.
  const auto id = add_client(world, world.leeds());
  const auto of = refer(world, world.leeds(), id, able);
  world.run();
  CHECK(state_of(able, of) == "received");
  CHECK(alarms(world, world.leeds(), "key_contested").size() == 1);
}

TEST_CASE("a certificate that is logged in a provider's name is contested, and mail goes on",
          "[scenario]") {
  // As a renewal, or as one that voids what the node had before.
  const auto reason = GENERATE(wire::IssueReason::renewed, wire::IssueReason::rejoined);
  Two world(121);
  auto& bradford = world.join("jcp-bradford", NodeRole::adviser, "Bradford (invented)");
  world.run();
  world.take_away(bradford);
  std::set<Fingerprint> sealed_to;
  watch_sealing(world, world.able(), sealed_to);
  const auto began = world.clock.steady;
  const auto swapped = swap(world, world.able(), reason);
  register_in_store(world, swapped);

  const auto own = alarms(world, world.able(), "key_contested");
  REQUIRE(own.size() == 1);
  CHECK(own.front().id == swapped.certificate.text());
  CHECK(world.clock.steady - began < std::chrono::minutes(1));
  CHECK(alarms(world, world.able(), "signing_key_lost").empty());
  // The office does not follow it, is told whose word that is, and writes to the true key.
  const auto told = alarms(world, world.leeds(), "key_contested");
  REQUIRE(told.size() == 1);
  CHECK(told.front().text.find("able-futures") == 0);
  reaches(world, world.leeds(), world.able());
  // Nor after a day, nor after any restart, nor does one that was away for all of it.
  world.pass(std::chrono::hours(25));
  for (auto* node : {&world.leeds(), &world.able()}) {
    world.kill(*node);
    world.start(*node);
  }
  world.kill_broker();
  world.start_broker();
  bradford.may_connect = true;
  world.run();
  for (auto* office : {&world.leeds(), &bradford}) {
    reaches(world, *office, world.able());
    CHECK(alarms(world, *office, "key_contested").size() == 1);
    CHECK_FALSE(office->engine->peer(world.able().id)->unproven_key);
  }
  CHECK_FALSE(sealed_to.empty());
  CHECK(sealed_to.count(swapped.sealing_certificate) == 0);
  CHECK(world.leeds().engine->status(world.now(world.leeds())).undelivered == 0);
  // The true key renews as ever, and the exchange's own operator is told.
  CHECK(node::answer_admin(*world.able().engine,
                           R"({"do":"alarms-acknowledge","alarm":")" + own.front().id + R"("})",
                           world.now(world.able())) == R"({"ok":true})");
  world.run();
  CHECK(alarms(world, world.able(), "key_contested").empty());
  world.pass(std::chrono::hours(24 * 80));
  world.run();
  CHECK(alarms(world, world.able(), "renewal_refused").empty());
  CHECK(world.able().engine->status(world.now(world.able())).signing_until >
        world.clock.wall + std::chrono::hours(24 * 45));
  reaches(world, world.leeds(), world.able());
}

TEST_CASE("an alarm rides in letters to those whom the exchange does not tell of it",
          "[scenario]") {
  Two world(122);
  const auto swapped = swap(world, world.able());
  keep_from(world, world.leeds(), world.broker->counts().registry_entries + 2);
  register_in_store(world, swapped);
  REQUIRE(alarms(world, world.able(), "key_contested").size() == 1);
  CHECK(alarms(world, world.leeds(), "key_contested").empty());
  const auto id = add_client(world, world.leeds());
  const auto of = refer(world, world.leeds(), id, world.able());
  world.run();
  accept(world, world.able(), id, of);
  world.run();
  REQUIRE(state_of(world.leeds(), of) == "accepted");
  CHECK(alarms(world, world.leeds(), "key_contested").size() == 1);
  // It is not followed by itself, however long the exchange keeps the rest from the office, of
  // which that is told too.
  std::set<Fingerprint> sealed_to;
  watch_sealing(world, world.able(), sealed_to);
  world.pass(std::chrono::hours(25));
  refer(world, world.leeds(), add_client(world, world.leeds()), world.able());
  world.run();
  CHECK_FALSE(sealed_to.empty());
  CHECK(sealed_to.count(swapped.sealing_certificate) == 0);
  CHECK(alarms(world, world.leeds(), "registry_withheld").size() == 1);
}

TEST_CASE(
    "a true renewal behind a forged certificate is followed once its own letter says which is "
    "which",
    "[scenario]") {
  Two world(130);
  world.run();
  auto& able = world.able();
  auto& leeds = world.leeds();
  world.take_away(able);
  const auto swapped = swap(world, able);
  // The exchange renews the true one behind it, as the provider had asked.
  const auto theirs = certificate_of(able);
  const auto profile = crypto::read_signing(theirs).value();
  world.kill(able);
  const auto signing = able.keys->private_key(node::signing_key_name(theirs.public_key())).value();
  const auto next = crypto::PrivateKey::generate();
  able.keys->keep(node::renewal_key, next);
  const auto asked =
      certs::make_renewal(able.id, next, profile.curve, profile.witness, signing, theirs);
  const auto renewed = world.authority()
                           .issue(crypto::CertificateRequest::parse(asked.request).value(),
                                  {able.id, able.organisation, able.role, {}}, world.clock.wall)
                           .value();
  const wire::IssuedCertificate issued{renewed.der(), wire::IssueReason::renewed,
                                       theirs.fingerprint(), asked.request,
                                       asked.continuity.signature};
  register_in_store(
      world, {swapped.signing,
              swapped.sealing,
              {wire::EntryKind::signing_certificate, world.clock.wall, wire::encode(issued)}});
  // And keeps all that comes after from the office.
  keep_from(world, leeds, world.broker->counts().registry_entries);
  REQUIRE(leeds.engine->peer(able.id)->unproven_key == renewed.fingerprint());
  world.start(able);
  able.may_connect = true;
  world.run();
  REQUIRE(able.engine->installation().certificate == renewed.der());
  REQUIRE(alarms(world, able, "key_contested").size() == 1);
  CHECK(alarms(world, leeds, "key_contested").empty());
  // Its first letter is the receipt, by the renewed key.
  reaches(world, leeds, able);
  CHECK(alarms(world, leeds, "key_contested").size() == 1);
  CHECK_FALSE(leeds.engine->peer(able.id)->unproven_key);
  CHECK(leeds.engine->status(world.now(leeds)).undelivered == 0);
}

TEST_CASE("what a node renewed itself, before it was restored, it does not contest", "[scenario]") {
  Two world(123);
  const auto image = world.able().disk->image();
  const auto keys = World::keys_in_backup(world.able());
  world.pass(std::chrono::hours(24 * 70));
  world.run();
  REQUIRE(alarms(world, world.able(), "renewal_refused").empty());
  const auto renewed = world.able().engine->installation().certificate;
  world.restore_node(world.able(), image, keys);
  world.run();
  REQUIRE(world.able().engine->installation().certificate != renewed);
  CHECK(alarms(world, world.able(), "signing_key_lost").size() == 1);
  CHECK(alarms(world, world.able(), "key_contested").empty());
}

TEST_CASE("a restored node's second alarm is not offered for ever where the first one stands",
          "[scenario]") {
  Two world(129);
  world.run();
  const auto image = world.able().disk->image();
  const auto keys = World::keys_in_backup(world.able());
  register_in_store(world, swap(world, world.able()));
  const auto size = world.broker->counts().registry_entries;
  world.pass(std::chrono::hours(1));
  world.restore_node(world.able(), image, keys);
  world.run(std::chrono::minutes(5));
  CHECK(alarms(world, world.able(), "key_contested").size() == 1);
  node::Sql sql(world.able().engine->database());
  CHECK(node::RegistryStore(sql).waiting_publications().empty());
  CHECK(world.broker->counts().registry_entries >= size);
}

TEST_CASE("a certificate that stood in a node's name before it joined is told to its people",
          "[scenario]") {
  Two world(124);
  // The operator registers one for a provider that is to join, and then lets it join.
  const auto key = crypto::PrivateKey::generate();
  const auto curve = crypto::CurvePair::generate();
  const NodeId id = *NodeId::parse("leaf-house");
  const auto theirs =
      crypto::Certificate::parse(world.able().engine->installation().certificate).value();
  const auto witness = crypto::Ed25519Key::generate();
  const auto request =
      certs::make_renewal(id, key, curve.public_key(), witness.public_key(), key, theirs);
  const auto early =
      world.authority()
          .issue(crypto::CertificateRequest::parse(request.request).value(),
                 {id, "Leaf House (invented)", NodeRole::provider, {}}, world.clock.wall)
          .value();
  const wire::IssuedCertificate issued{
      early.der(), wire::IssueReason::joined, {}, request.request, {}};
  world.invited = [&](const certs::Invitation&) {
    world.alter_broker([&](store::Database& database) {
      database.prepare("INSERT INTO registry SELECT max(position) + 1, ?, ?, ? FROM registry")
          .run(static_cast<int>(wire::EntryKind::signing_certificate), world.clock.wall,
               wire::encode(issued));
    });
  };
  auto& late = world.join("leaf-house", NodeRole::provider, "Leaf House (invented)");
  world.run();
  const auto told = alarms(world, late, "key_before_own");
  REQUIRE(told.size() == 1);
  CHECK(told.front().id == early.fingerprint().text());
  CHECK(alarms(world, world.able(), "key_before_own").empty());
  CHECK(late.engine->acknowledge_alarm(told.front().id, world.now(late)));
  CHECK(alarms(world, late, "key_before_own").empty());
  CHECK_FALSE(late.engine->acknowledge_alarm(told.front().id, world.now(late)));
}
