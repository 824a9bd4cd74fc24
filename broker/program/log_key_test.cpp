#include "broker/program/log_key.h"

#include <catch2/catch.hpp>
#include <fstream>

#include "base/testing/temporary_directory.h"
#include "broker/program/backup.h"
#include "broker/program/installation.h"
#include "broker/shell/logs.h"
#include "broker/shell/store.h"
#include "crypto/random.h"
#include "store/database.h"

using namespace liaison;
using namespace liaison::broker;
namespace fs = std::filesystem;

namespace {

struct Made {
  Made() {
    InitOrder order;
    order.directory = directory;
    order.settings.keys.kind = crypto::PassphraseSource::Kind::unprotected;
    REQUIRE(make_installation(order, now));
  }
  crypto::KeyVault keys(const fs::path& of) const {
    return open_keys(read_installation(of).value()).value();
  }
  std::unique_ptr<Engine> open(const fs::path& of) {
    const auto installation = read_installation(of).value();
    auto vault = open_keys(installation).value();
    return open_engine(installation, &vault, entropy, now);
  }
  std::unique_ptr<Engine> open() { return open(directory); }
  [[nodiscard]] crypto::WitnessKey kept(const char* name) const {
    return keys(directory).ed25519(name).value().public_key();
  }
  static crypto::WitnessKey signs(Engine& engine) {
    return engine.logs().of(LogName::message).key().key;
  }

  liaison::testing::TemporaryDirectory here;
  fs::path directory = here.path() / "broker";
  crypto::SystemEntropy entropy;
  Now now{from_ms(1'800'000'000'000), Duration(0)};
};

}  // namespace

TEST_CASE("the logs' former key is destroyed once the new one signs", "[broker]") {
  Made made;
  const auto first = made.kept(log_key);
  auto engine = made.open();
  const auto changed = change_log_key(*engine, made.keys(made.directory), "root", made.now);
  REQUIRE(changed);
  CHECK(changed->not_destroyed.empty());
  CHECK(changed->change.former.octets == first.octets);
  CHECK(made.kept(log_key) != first);
  CHECK(made.kept(log_key) == Made::signs(*engine));
  CHECK_FALSE(made.keys(made.directory).has(next_log_key));
  engine.reset();
  CHECK(Made::signs(*made.open()) == made.kept(log_key));
}

TEST_CASE("a change of the logs' key that was killed is ended by the next start", "[broker]") {
  Made made;
  const auto first = made.kept(log_key);
  auto vault = made.keys(made.directory);
  const auto next = crypto::Ed25519Key::generate();
  // Before the store had it: it never signed.
  vault.keep(next_log_key, next);
  CHECK(Made::signs(*made.open()) == first);
  CHECK(made.kept(log_key) == first);
  CHECK_FALSE(vault.has(next_log_key));
  // After: wherever the files were left.
  const auto former = vault.ed25519(log_key).value();
  REQUIRE(made.open()->change_log_key(next, "root", made.now));
  for (const int left : {0, 1, 2}) {
    vault.keep(next_log_key, next);
    if (left == 0) vault.keep(log_key, former);
    if (left == 1) vault.destroy(log_key);
    if (left == 2) vault.keep(log_key, next);
    INFO("left at " << left);
    CHECK(Made::signs(*made.open()) == next.public_key());
    CHECK(made.kept(log_key) == next.public_key());
    CHECK_FALSE(vault.has(next_log_key));
  }
  // Neither of the two is there.
  vault.keep(log_key, former);
  CHECK_THROWS_WITH(made.open(), Catch::Contains("put the key files of this broker back"));
  vault.destroy(log_key);
  CHECK_THROWS(made.open());
  CHECK_FALSE(vault.has(log_key));
}

TEST_CASE("a key that cannot be kept changes nothing", "[broker]") {
  Made made;
  auto engine = made.open();
  const auto first = Made::signs(*engine);
  const auto entries = engine->counts().registry_entries;
  const auto vault = made.keys(made.directory);
  // The folder of the keys is a file now: nothing can be written there.
  fs::rename(made.directory / "keys", made.here.path() / "keys");
  std::ofstream(made.directory / "keys") << "no folder";
  const auto changed = change_log_key(*engine, vault, "root", made.now);
  REQUIRE_FALSE(changed);
  CHECK(changed.error().text.find("nothing is changed") != std::string::npos);
  CHECK(Made::signs(*engine) == first);
  CHECK(engine->counts().registry_entries == entries);
}

TEST_CASE("a broker restored from before a change of key signs with the key of then", "[broker]") {
  Made made;
  const auto first = made.kept(log_key);
  const auto file = made.here.path() / "backup";
  {
    auto engine = made.open();
    REQUIRE(make_backup(engine->database(), made.directory, file));
    REQUIRE(change_log_key(*engine, made.keys(made.directory), "root", made.now));
  }
  const auto restored = made.here.path() / "restored";
  REQUIRE(restore_backup(file, restored, made.now));
  auto engine = made.open(restored);
  CHECK(Made::signs(*engine) == first);
  CHECK(engine->counts().epoch > 1);
}
