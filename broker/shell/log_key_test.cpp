#include <catch2/catch.hpp>

#include "broker/shell/logs.h"
#include "broker/shell/testing/broker.h"
#include "store/failure.h"
#include "wire/registry.h"

using namespace liaison;
using namespace liaison::broker;
using namespace liaison::broker::testing;

namespace {

struct Rotating : Two {
  explicit Rotating(const char* name) : Two(name), first(*broker.config.log_key) { pass(); }

  void pass() {
    broker.turn();
    broker.now.wall += std::chrono::seconds(2);
    broker.now.steady += std::chrono::seconds(2);
    broker.turn();
  }
  void letter(std::uint64_t number) {
    broker.send(1, leeds, std::vector<wire::Letter>{leeds.letter(able, number, broker.now.wall)});
    pass();
  }
  Result<wire::LogKey> change(const crypto::Ed25519Key& key) {
    return broker.engine->change_log_key(key, "ann", broker.now);
  }
  /// Whether the newest checkpoint of a log is signed by that key.
  bool is_signed_by(LogName name, const crypto::Ed25519Key& key) {
    const auto& newest = broker.engine->logs().of(name).newest();
    const audit::NoteKey by{newest->checkpoint.origin, audit::KeyKind::note, key.public_key()};
    return audit::open_checkpoint(audit::encode(newest->note), std::span(&by, 1)).has_value();
  }
  /// As the program starts it: with the key that the store names.
  void start(const crypto::Ed25519Key& one, const crypto::Ed25519Key& other) {
    const auto known = [&] {
      auto database = broker.database();
      return *Store(*database).log_key();
    }();
    REQUIRE((known == one.public_key() || known == other.public_key()));
    broker.config.log_key = known == one.public_key() ? one : other;
    broker.start();
  }
  crypto::Ed25519Key first;
};

}  // namespace

TEST_CASE("a change of the logs' key is logged with who did it, and signed by both", "[broker]") {
  Rotating made("key-change");
  made.broker.send(2, made.able, wire::Since{0});
  made.pass();
  const auto second = crypto::Ed25519Key::generate();
  const auto change = made.change(second);
  REQUIRE(change);
  const auto logged = wire::decode_log_key(made.broker.newest(wire::EntryKind::log_key));
  CHECK(logged.value() == *change);
  CHECK(change->number == 1);
  CHECK(change->former.octets == made.first.public_key().octets);
  const auto act = wire::decode_administrator_act(made.broker.newest(wire::EntryKind::act)).value();
  CHECK(act.administrator == "ann");
  CHECK(act.act == "rotate-log-key");
  auto& logs = made.broker.engine->logs();
  CHECK(logs.of(LogName::registry).newest()->checkpoint.size ==
        made.broker.engine->counts().registry_entries);
  for (const auto name : {LogName::registry, LogName::message}) {
    CHECK(made.is_signed_by(name, made.first));
    CHECK(made.is_signed_by(name, second));
    CHECK(logs.of(name).key().key == second.public_key());
  }
  made.letter(1);
  CHECK_FALSE(made.is_signed_by(LogName::message, made.first));
  CHECK(made.is_signed_by(LogName::message, second));
  // Who was connected was told of it at once.
  bool told = false;
  for (const auto& entries : made.broker.heard<wire::Entries>(2))
    for (const auto& entry : entries.entries)
      told = told || entry.kind == wire::EntryKind::log_key;
  CHECK(told);
}

TEST_CASE("the logs' key is changed again after a restart", "[broker]") {
  Rotating made("key-again");
  auto before = made.first;
  for (std::uint32_t number = 1; number <= 3; ++number) {
    const auto next = crypto::Ed25519Key::generate();
    const auto change = made.change(next);
    REQUIRE(change);
    CHECK(change->number == number);
    made.broker.kill();
    made.start(before, next);
    CHECK(made.is_signed_by(LogName::registry, next));
    before = next;
  }
  const auto invitation = made.broker.invite(Peer("new-one", NodeRole::provider));
  CHECK(invitation.log_keys == std::vector{before.public_key()});
}

TEST_CASE("wherever the disk stops a change of key, one key signs and the registry says which",
          "[broker]") {
  bool went_through = false;
  for (std::uint64_t operation = 1; !went_through; ++operation) {
    REQUIRE(operation < 200);
    Rotating made("key-crash");
    made.letter(1);
    const auto second = crypto::Ed25519Key::generate();
    made.broker.disk.crash_at(operation);
    try {
      (void)made.change(second);
      went_through = !made.broker.disk.has_crashed();
    } catch (const store::Failure&) {
    }
    made.broker.disk.crash();
    made.broker.engine.reset();
    made.start(made.first, second);
    INFO("stopped at operation " << operation);
    const auto changed = made.broker.config.log_key->public_key() == second.public_key();
    auto find =
        made.broker.engine->database().prepare("SELECT count(*) FROM registry WHERE kind = ?");
    auto rows = find.query(static_cast<int>(wire::EntryKind::log_key));
    REQUIRE(rows.next());
    CHECK(rows.int64(0) == (changed ? 1 : 0));
    if (went_through) CHECK(changed);
    made.broker.connect(1, made.leeds);
    made.letter(2);
    CHECK(made.is_signed_by(LogName::message, changed ? second : made.first));
    CHECK_FALSE(made.is_signed_by(LogName::message, changed ? made.first : second));
  }
}

TEST_CASE("a broker that recovers, or has no key at hand, does not change it", "[broker]") {
  Rotating made("key-not-now");
  const auto second = crypto::Ed25519Key::generate();
  const auto entries = made.broker.engine->counts().registry_entries;
  made.broker.kill();
  made.broker.config.log_key.reset();
  made.broker.start();
  CHECK(made.change(second).error().reason == Reason::unavailable);
  made.broker.kill();
  {
    auto database = made.broker.database();
    Engine::mark_restored(*database, made.broker.now);
  }
  made.broker.config.log_key = made.first;
  made.broker.start();
  CHECK(made.change(second).error().text.find("restored") != std::string::npos);
  CHECK(made.broker.engine->counts().registry_entries == entries);
}

TEST_CASE("no node publishes a change of the logs' key", "[broker]") {
  Rotating made("key-published");
  const auto change = made.change(crypto::Ed25519Key::generate()).value();
  const auto entries = made.broker.engine->counts().registry_entries;
  auto other = change;
  other.number = 2;
  for (const auto& each : {change, other})
    made.broker.send(
        1, made.leeds,
        std::vector<wire::Publication>{{wire::EntryKind::log_key, wire::encode(each)}});
  made.pass();
  CHECK(made.broker.heard_items<wire::Published>(1).size() == 2);
  CHECK(made.broker.engine->counts().registry_entries == entries);
}
