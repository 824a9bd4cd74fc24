#include "broker/program/backup.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "base/testing/temporary_directory.h"
#include "broker/program/files.h"
#include "broker/program/installation.h"
#include "broker/shell/store.h"
#include "broker/shell/testing/peer.h"
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

TEST_CASE("letters flow while a backup is written, and it has all that were accepted", "[broker]") {
  Made made;
  const auto from = made.here.path() / "broker";
  const auto file = made.here.path() / "backup";
  auto engine = made.open(from);
  broker::testing::Peer leeds{"jcp-leeds", NodeRole::adviser};
  broker::testing::Peer able{"able-futures", NodeRole::provider};
  std::uint64_t connection = 0;
  for (auto* peer : {&leeds, &able}) {
    auto invitation =
        engine->invite({{peer->id, "Invented organisation", peer->role, {}}, std::chrono::hours(1)},
                       "root", made.now);
    REQUIRE(invitation.has_value());
    auto answer = engine->join(peer->join_request(*invitation), peer->curve.public_key(), made.now);
    peer->joined(std::get<wire::Joined>(answer));
    const ConnectionId to{++connection};
    const auto& key = peer->curve.public_key();
    engine->frame(to, key, wire::encode(peer->hello(made.now.wall, 0, 0)), made.now);
    engine->frame(to, key, wire::encode(peer->sealing_certificate(made.now.wall)), made.now);
    (void)engine->turn(made.now);
  }
  std::uint64_t letters = 0;
  const auto send = [&](std::size_t count) {
    std::vector<wire::Letter> some;
    for (std::size_t at = 0; at < count; ++at)
      some.push_back(leeds.letter(able, ++letters, made.now.wall, 20'000));
    engine->frame(ConnectionId{1}, leeds.curve.public_key(), wire::encode(wire::Frame(some)),
                  made.now);
    (void)engine->turn(made.now);
    return engine->counts().accepted == letters;
  };
  for (int frames = 0; frames < 20; ++frames)
    REQUIRE(send(20));
  BackupInPieces pieces(engine->database(), from, file);
  int steps = 1;
  auto done = pieces.step();
  for (; !done; done = pieces.step(), ++steps) {
    REQUIRE(send(3));
    CHECK_FALSE(fs::exists(file));
  }
  REQUIRE(done->has_value());
  CHECK(steps > 3);
  engine.reset();
  REQUIRE(restore_backup(file, made.here.path() / "restored", made.now));
  CHECK(made.open(made.here.path() / "restored")->counts().waiting_letters == letters);
}

TEST_CASE("a backup that is given up leaves nothing behind", "[broker]") {
  Made made;
  const auto from = made.here.path() / "broker";
  auto engine = made.open(from);
  const auto before = std::distance(fs::directory_iterator(made.here.path()), {});
  {
    BackupInPieces pieces(engine->database(), from, made.here.path() / "backup");
    (void)pieces.step();
    write_file(made.here.path() / "unrelated", "");
  }
  fs::remove(made.here.path() / "unrelated");
  fs::remove(made.here.path() / "backup");  // a store so small is copied in one piece
  CHECK(std::distance(fs::directory_iterator(made.here.path()), {}) == before);
}

TEST_CASE("what an earlier attempt left beside a backup does not get into it", "[broker]") {
  Made made;
  const auto from = made.here.path() / "broker";
  const auto file = made.here.path() / "backup";
  auto engine = made.open(from);
  const auto invite = [&](const std::string& node) {
    const auto answer = engine->admin(R"({"command":"invite","node":")" + node +
                                          R"(","role":"adviser","organisation":"Invented"})",
                                      made.now);
    REQUIRE(answer.find("\"ok\"") != std::string::npos);
  };
  invite("leeds");
  // Committed, and older than what the backup is to have.
  fs::copy_file(from / "broker.db-wal", file.string() + ".partial-wal");
  REQUIRE(fs::file_size(file.string() + ".partial-wal") > 0);
  invite("york");
  REQUIRE(make_backup(engine->database(), from, file));
  for (const auto& each : fs::directory_iterator(made.here.path()))
    CHECK(each.path().filename().string().find(".partial") == std::string::npos);
  store::Database database(Store::options(file.string()), Store::schema());
  CHECK(database.quick_check().text == "ok");
  auto invited = database.prepare("SELECT node FROM invitation ORDER BY node");
  auto rows = invited.query();
  REQUIRE(rows.next());
  CHECK(rows.text(0) == "leeds");
  REQUIRE(rows.next());
  CHECK(rows.text(0) == "york");
}

TEST_CASE("a restore that is interrupted leaves what is not served, and is marked", "[broker]") {
  Made made;
  const auto from = made.here.path() / "broker";
  const auto to = made.here.path() / "restored";
  const auto file = made.here.path() / "backup";
  // Left by a write that was interrupted: no key.
  write_file(from / "keys" / ".curve.pem.new", "half a ke");
  const auto epoch = [&] {
    auto engine = made.open(from);
    REQUIRE(make_backup(engine->database(), from, file));
    return engine->counts().epoch;
  }();
  const auto state_of = [](const fs::path& directory) {
    store::Database database(Store::options((directory / "broker.db").string()), Store::schema());
    return Store(database).state();
  };
  fs::create_directory(to);

  SECTION("before the configuration") {
    const auto settings = restore_all_but_settings(file, to, made.now);
    REQUIRE(settings);
    CHECK(read_installation(to).error().reason == Reason::not_found);
    CHECK(state_of(to).epoch > epoch);
    CHECK(state_of(to).recovering);
    CHECK(*settings == *read_file(from / "liaison.toml"));
    CHECK_FALSE(fs::exists(to / "keys" / ".curve.pem.new"));
  }
  SECTION("among the key files") {
    {
      store::Database database(Store::options(file.string()), Store::schema());
      store::Transaction transaction(database);
      const std::string too_long(300, 'z');
      database.prepare("INSERT INTO kept_file VALUES (?,?)")
          .run("keys/" + too_long, as_bytes("a name that no directory takes"));
      transaction.commit();
      database.checkpoint_truncate();
    }
    CHECK_THROWS_AS(restore_all_but_settings(file, to, made.now), std::runtime_error);
    CHECK(fs::exists(to / "curve.pub"));
    CHECK(read_installation(to).error().reason == Reason::not_found);
    CHECK(state_of(to).epoch > epoch);
    CHECK(state_of(to).recovering);
    fs::remove_all(to);
    CHECK_THROWS_AS(restore_backup(file, to, made.now), std::runtime_error);
    CHECK_FALSE(fs::exists(to));
  }
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

TEST_CASE("a damaged backup is refused, and leaves nothing behind", "[broker]") {
  Made made;
  const auto from = made.here.path() / "broker";
  const auto to = made.here.path() / "restored";
  const auto file = made.here.path() / "backup";
  REQUIRE(make_backup(made.open(from)->database(), from, file));
  constexpr std::streamoff page_bytes = 4096;
  std::streamoff page = 0;
  {
    // Of a table that a restore neither reads nor writes.
    store::Database database(Store::options(file.string()), Store::schema());
    auto find = database.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'user'");
    auto rows = find.query();
    REQUIRE(rows.next());
    page = rows.int64(0);
  }
  {
    std::fstream disk(file, std::ios::in | std::ios::out | std::ios::binary);
    disk.seekp((page - 1) * page_bytes);
    disk << std::string(page_bytes, '\xff');
    REQUIRE(disk.flush());
  }
  const auto refused = restore_backup(file, to, made.now);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().reason == Reason::malformed);
  CHECK(refused.error().text.find(file.string() + " is damaged: ") == 0);
  CHECK_FALSE(fs::exists(to));
}

TEST_CASE("a directory that has something in it is not made into a broker", "[broker]") {
  Made made;
  InitOrder order;
  order.directory = made.here.path() / "broker";
  const auto before = *read_file(order.directory / "curve.pub");
  CHECK_FALSE(make_installation(order, made.now));
  CHECK(*read_file(order.directory / "curve.pub") == before);
}

TEST_CASE("an invitation names the logs' key, also before the broker has ever served", "[broker]") {
  Made made;
  const auto directory = made.here.path() / "broker";
  const auto installation = read_installation(directory).value();
  InviteOrder order;
  order.enrolment = {NodeId::parse("leeds").value(), "Leeds (invented)", NodeRole::adviser, {}};
  std::vector<crypto::WitnessKey> named;
  {
    // As a command does when nothing serves.
    auto engine = open_engine(installation, nullptr, made.entropy, made.now);
    named = engine->invite(order, "root", made.now)->log_keys;
  }
  const auto key = open_keys(installation)->ed25519(log_key);
  REQUIRE(key);
  CHECK(named == std::vector{key->public_key()});
  CHECK(made.open(directory)->invite(order, "root", made.now)->log_keys == named);
}
