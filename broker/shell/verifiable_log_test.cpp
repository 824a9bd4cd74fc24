#include "broker/shell/verifiable_log.h"

#include <catch2/catch.hpp>

#include "audit/hash.h"
#include "audit/proof.h"
#include "broker/shell/store.h"
#include "crypto/digest.h"
#include "store/failure.h"
#include "store/testing/faulty_disk.h"
#include "wire/registry_leaf.h"

using namespace liaison;
using namespace liaison::broker;

namespace {

/// A message log on a disk in memory. Its entries are opaque to the tree.
struct Kept {
  explicit Kept(std::string name) : disk(std::move(name), 1) { open(); }
  void open() {
    log.reset();
    database.reset();
    auto options = Store::options("broker.db");
    options.vfs = disk.vfs();
    database = std::make_unique<store::Database>(options, Store::schema());
    log = std::make_unique<VerifiableLog>(
        *database, LogName::message,
        VerifiableLog::Identity{"test/message/7", 7, key.public_key(), key});
  }
  /// As after a restart; why it does not start, or nothing.
  std::string start() {
    open();
    return said_by([&] { log->load(); });
  }
  template <class Act>
  static std::string said_by(const Act& act) {
    try {
      act();
    } catch (const store::Failure& failure) {
      CHECK(failure.kind() == store::Failure::Kind::corrupt);
      return failure.what();
    }
    return "";
  }
  static std::string entry(std::uint64_t index) { return "entry " + std::to_string(index); }
  void append_to(std::uint64_t size) {
    store::Transaction change(*database);
    auto add = database->prepare("INSERT INTO log VALUES (?, NULL, ?)");
    for (auto at = log->store().size(); at < size; ++at) {
      add.run(at, as_bytes(entry(at)));
      log->append(audit::leaf_hash(as_bytes(entry(at))));
    }
    change.commit();
  }
  void sign() {
    store::Transaction change(*database);
    log->sign();
    change.commit();
    log->committed();
  }
  [[nodiscard]] Digest root(std::uint64_t size) const {
    audit::RootOf out;
    for (std::uint64_t i = 0; i < size; ++i)
      out.add(audit::leaf_hash(as_bytes(entry(i))));
    return out.root();
  }
  void alter(const std::string& sql) { database->execute(sql); }
  std::string check_all() {
    return said_by([&] {
      while (!log->check_more(512)) {
      }
    });
  }

  store::testing::FaultyDisk disk;
  crypto::Ed25519Key key = crypto::Ed25519Key::generate();
  std::unique_ptr<store::Database> database;
  std::unique_ptr<VerifiableLog> log;
};

bool says(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a log goes on after a restart from what it had signed, and from what it had not",
          "[broker]") {
  Kept kept("log-restart");
  REQUIRE(kept.start().empty());
  CHECK_FALSE(kept.log->newest());
  CHECK(kept.log->has_grown());  // an empty log is signed too
  std::uint64_t before = 0;
  for (const std::uint64_t size : {1, 255, 256, 257, 1000, 1024, 1500}) {
    kept.append_to(size);
    CHECK(kept.log->has_grown());
    CHECK((kept.log->newest() ? kept.log->newest()->checkpoint.size : 0) == before);
    SECTION("killed before it signed") {
      REQUIRE(kept.start().empty());
    }
    kept.sign();
    CHECK_FALSE(kept.log->has_grown());
    REQUIRE(kept.log->newest());
    const audit::Checkpoint expected{"test/message/7", size, kept.root(size)};
    CHECK(kept.log->newest()->checkpoint == expected);
    const auto note = kept.log->newest()->note;
    REQUIRE(kept.start().empty());
    CHECK(kept.log->newest()->note == note);
    CHECK(kept.check_all().empty());
    before = size;
  }
}

TEST_CASE("a checkpoint is nobody's before its transaction has ended", "[broker]") {
  Kept kept("log-commit");
  REQUIRE(kept.start().empty());
  kept.append_to(300);
  {
    store::Transaction change(*kept.database);
    kept.log->sign();
    CHECK_FALSE(kept.log->newest());
  }
  REQUIRE(kept.start().empty());
  CHECK_FALSE(kept.log->newest());
  kept.sign();
  CHECK(kept.log->newest()->checkpoint.root == kept.root(300));
}

TEST_CASE("each entry of a checkpoint is proved to whoever has the log's key", "[broker]") {
  Kept kept("log-proof");
  REQUIRE(kept.start().empty());
  kept.append_to(700);
  kept.sign();
  kept.append_to(1100);  // and not signed
  const auto keys = std::vector{kept.log->key()};
  for (const std::uint64_t index : {0, 255, 256, 511, 512, 699}) {
    const auto proof = kept.log->prove(index);
    REQUIRE(proof);
    const auto entry = Kept::entry(index);
    const auto shown = audit::check(*proof, as_bytes(entry), keys);
    REQUIRE(shown);
    CHECK(shown->checkpoint.size == 700);
    CHECK_FALSE(audit::check(*proof, as_bytes(Kept::entry(index + 1)), keys));
  }
  CHECK(kept.log->prove(700).error().reason == Reason::not_found);
  kept.sign();
  CHECK(kept.log->prove(700));
}

TEST_CASE("entries that are not what was signed halt the broker, which names them", "[broker]") {
  Kept kept("log-altered");
  REQUIRE(kept.start().empty());
  kept.append_to(700);
  kept.sign();
  SECTION("near the end") {
    kept.alter("UPDATE log SET entry = x'00' WHERE leaf = 650");
    CHECK(says(kept.start(), "an entry from 512 on was altered"));
  }
  SECTION("long ago") {
    kept.alter("UPDATE log SET entry = x'00' WHERE leaf = 300");
    REQUIRE(kept.start().empty());
    CHECK(says(kept.check_all(), "entry 300 or its tile was altered"));
  }
  SECTION("long ago, with its tile") {
    kept.alter("UPDATE log SET entry = x'00' WHERE leaf = 300");
    kept.alter("DELETE FROM tile WHERE place = (1 << 55) + 1");
    CHECK(says(kept.start(), "or one before together with its tile"));
  }
  SECTION("and gone") {
    kept.alter("DELETE FROM log WHERE leaf >= 690");
    CHECK(says(kept.start(), "it ends with 690 entries, and 700 were signed"));
  }
  SECTION("gone from within") {
    kept.alter("DELETE FROM log WHERE leaf = 690");
    CHECK(says(kept.start(), "is not there"));
  }
  SECTION("with a checkpoint that another signed") {
    kept.key = crypto::Ed25519Key::generate();
    CHECK(says(kept.start(), "checkpoint cannot be read"));
  }
}

TEST_CASE("tiles that were torn are built anew of the entries", "[broker]") {
  Kept kept("log-torn");
  REQUIRE(kept.start().empty());
  kept.append_to(700);
  kept.sign();
  const std::string second = "(1 << 55) + 1";  // of the message log, at level 0
  SECTION("gone") {
    kept.alter("DELETE FROM tile WHERE place = " + second);
  }
  SECTION("half") {
    kept.alter("UPDATE tile SET hashes = substr(hashes, 1, 4096) WHERE place = " + second);
  }
  SECTION("another") {
    kept.alter("UPDATE tile SET hashes = zeroblob(8192) WHERE place = " + second);
  }
  REQUIRE(kept.start().empty());
  CHECK(kept.check_all().empty());
  CHECK(kept.log->prove(300));
  kept.append_to(701);
  kept.sign();
  REQUIRE(kept.start().empty());
  CHECK(kept.check_all().empty());
  CHECK(kept.log->newest()->checkpoint.root == kept.root(701));
}

TEST_CASE("the registry log has digests of what the registry has", "[broker]") {
  Kept kept("log-registry");
  LogStore store(*kept.database, LogName::registry);
  kept.alter("INSERT INTO registry VALUES (0, 4, 1234, x'616263')");
  REQUIRE(store.size() == 1);
  const auto leaf = wire::decode_registry_leaf(store.entries(0, 10).at(0));
  REQUIRE(leaf);
  CHECK(leaf->kind == wire::EntryKind::listing);
  CHECK(leaf->at == from_ms(1234));
  CHECK(leaf->body == crypto::sha256(as_bytes("abc")));
}
