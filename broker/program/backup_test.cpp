#include "broker/program/backup.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>

#include "base/testing/temporary_directory.h"
#include "broker/program/files.h"
#include "broker/program/installation.h"
#include "crypto/random.h"
#include "store/database.h"

using namespace liaison;
using namespace liaison::broker;
namespace fs = std::filesystem;

namespace {

struct Made {
  Made() {
    InitOrder order;
    order.directory = here.path() / "broker";
    order.settings.keys.kind = crypto::PassphraseSource::Kind::unprotected;
    order.settings.name = "Test exchange";
    REQUIRE(make_installation(order, now));
  }
  std::unique_ptr<Engine> open(const fs::path& directory) {
    auto installation = read_installation(directory);
    REQUIRE(installation.has_value());
    auto keys = open_keys(*installation);
    REQUIRE(keys.has_value());
    return open_engine(*installation, &*keys, entropy, now);
  }
  liaison::testing::TemporaryDirectory here;
  crypto::SystemEntropy entropy;
  Now now{from_ms(1'800'000'000'000), Duration(0)};
};

}  // namespace

TEST_CASE("a backup made while the broker runs restores to the same broker in a new epoch",
          "[broker]") {
  Made made;
  const auto file = made.here.path() / "backup";
  std::uint64_t epoch = 0;
  {
    auto engine = made.open(made.here.path() / "broker");
    const auto invited = engine->admin(
        R"({"command":"invite","node":"leeds","role":"adviser","organisation":"Leeds"})", made.now);
    REQUIRE(invited.find("\"ok\"") != std::string::npos);
    epoch = engine->counts().epoch;
    REQUIRE(make_backup(engine->database(), made.here.path() / "broker", file));
    CHECK_FALSE(make_backup(engine->database(), made.here.path() / "broker", file));
    // What served goes on serving.
    CHECK(engine->admin(R"({"command":"nodes"})", made.now) == R"({"ok":[]})");
  }
  const auto restored = made.here.path() / "restored";
  REQUIRE(restore_backup(file, restored, made.now));
  CHECK_FALSE(restore_backup(file, restored, made.now));
  for (const char* each : {"liaison.toml", "curve.pub", "authority.pem", "keys/authority.pem"})
    CHECK(*read_file(restored / each) == *read_file(made.here.path() / "broker" / each));
  auto engine = made.open(restored);
  CHECK(engine->counts().epoch > epoch);
  CHECK(engine->counts().recovering);
  CHECK(engine->counts().registry_entries == 3);
  engine.reset();
  // The key files are not left in the store as well.
  const auto key = *read_file(restored / "keys" / "authority.pem");
  const auto line = key.substr(key.find('\n') + 1, 40);
  CHECK(read_file(restored / "broker.db")->find(line) == std::string::npos);
}

TEST_CASE("what is no backup is refused, and leaves nothing behind", "[broker]") {
  Made made;
  const auto to = made.here.path() / "restored";
  write_file(made.here.path() / "text", "this is no backup");
  CHECK_THROWS(restore_backup(made.here.path() / "text", to, made.now));
  CHECK_FALSE(fs::exists(to));
  CHECK_FALSE(restore_backup(made.here.path() / "broker" / "broker.db", to, made.now));
  CHECK_FALSE(fs::exists(to));
  CHECK_FALSE(restore_backup(made.here.path() / "nothing", to, made.now));
}

TEST_CASE("a directory that has something in it is not made into a broker", "[broker]") {
  Made made;
  InitOrder order;
  order.directory = made.here.path() / "broker";
  const auto before = *read_file(order.directory / "curve.pub");
  CHECK_FALSE(make_installation(order, made.now));
  CHECK(*read_file(order.directory / "curve.pub") == before);
}
