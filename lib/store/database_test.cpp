#include "store/database.h"
#include "store/backup.h"

#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <array>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "base/bytes.h"
#include "base/testing/temporary_directory.h"

using namespace liaison;
using namespace liaison::store;

namespace {

constexpr std::array<std::string_view, 1> first_tables = {
    "CREATE TABLE letter (id BLOB NOT NULL UNIQUE, body BLOB, note TEXT, size INTEGER)"};
constexpr std::array<std::string_view, 2> second_tables = {
    first_tables[0], "ALTER TABLE letter ADD COLUMN kind INTEGER NOT NULL DEFAULT 7"};
constexpr Schema first = {0x4c494131, "the test's store", first_tables};
constexpr Schema second = {0x4c494131, "the test's store", second_tables};
constexpr Schema other = {0x4c494132, "another store", first_tables};

struct Directory {
  liaison::testing::TemporaryDirectory root;
  [[nodiscard]] std::string file(const std::string& name = "store.db") const {
    return root.file(name);
  }
};

std::int64_t count(Database& database) {
  auto statement = database.prepare("SELECT count(*) FROM letter");
  auto rows = statement.query();
  REQUIRE(rows.next());
  return rows.int64(0);
}

template <class F>
Failure::Kind failure_of(F&& what) {
  try {
    what();
  } catch (const Failure& failure) {
    CHECK(std::string(failure.what()).find('\n') == std::string::npos);
    return failure.kind();
  }
  FAIL("nothing was thrown");
  return Failure::Kind::unusable;
}

EventId id_of(std::uint8_t first_octet) {
  EventId id;
  id.octets[0] = first_octet;
  return id;
}

/// Runs the hidden test below in another process: SQLite judges openers within one process by
/// itself, and only the system's file locks keep other processes out.
int open_in_another_process(const std::string& path) {
  std::string program = "/proc/self/exe";
  std::string test = "[.other-process]";
  std::string variable = "LIAISON_TEST_STORE=" + path;
  std::array<char*, 3> arguments = {program.data(), test.data(), nullptr};
  std::array<char*, 2> environment = {variable.data(), nullptr};
  pid_t child = 0;
  REQUIRE(posix_spawn(&child, program.c_str(), nullptr, nullptr, arguments.data(),
                      environment.data()) == 0);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  return WEXITSTATUS(status);
}

}  // namespace

TEST_CASE("opens the store that the environment names", "[.other-process]") {
  int outcome = 0;
  try {
    Database database({.path = std::getenv("LIAISON_TEST_STORE")}, first);
  } catch (const Failure& failure) {
    outcome = 100 + static_cast<int>(failure.kind());
  }
  std::_Exit(outcome);
}

TEST_CASE("what is committed is there when the store is opened again", "[store]") {
  Directory directory;
  {
    Database database({.path = directory.file()}, first);
    CHECK(database.version_found() == 0);
    auto insert = database.prepare("INSERT INTO letter VALUES (?, ?, ?, ?)");
    Transaction change(database);
    CHECK(insert.run(id_of(1), Bytes{1, 2, 3}, "a note", std::uint32_t{3}) == 1);
    CHECK(insert.run(id_of(2), ByteView{}, std::string_view{}, nullptr) == 1);
    CHECK(insert.run(id_of(3), std::optional<Bytes>{}, std::optional<std::string>("x"), ~0ull) ==
          1);
    change.commit();
  }
  Database database({.path = directory.file(), .make_if_missing = false}, first);
  CHECK(database.version_found() == 1);
  CHECK_FALSE(database.was_unclean());
  auto select = database.prepare("SELECT * FROM letter WHERE id = ?");
  {
    auto rows = select.query(id_of(1));
    REQUIRE(rows.next());
    CHECK(rows.id<EventId>(0) == id_of(1));
    CHECK(equal(rows.blob(1), Bytes{1, 2, 3}));
    CHECK(rows.text(2) == "a note");
    CHECK(rows.int64(3) == 3);
    CHECK_FALSE(rows.next());
  }
  {
    auto rows = select.query(id_of(2));
    REQUIRE(rows.next());
    CHECK_FALSE(rows.is_null(1));
    CHECK(rows.blob(1).empty());
    CHECK_FALSE(rows.is_null(2));
    CHECK(rows.is_null(3));
  }
  auto rows = select.query(id_of(3));
  REQUIRE(rows.next());
  CHECK(rows.is_null(1));
  CHECK(rows.text(2) == "x");
  CHECK(rows.uint64(3) == ~0ull);
  CHECK(failure_of([&] { (void)rows.id<Digest>(0); }) == Failure::Kind::corrupt);
}

TEST_CASE("a transaction that goes without commit leaves nothing", "[store]") {
  Directory directory;
  Database database({.path = directory.file()}, first);
  {
    Transaction change(database);
    database.execute("INSERT INTO letter (id) VALUES (x'01')");
  }
  CHECK(count(database) == 0);
  Transaction change(database);
  database.execute("INSERT INTO letter (id) VALUES (x'02')");
  change.commit();
  CHECK(count(database) == 1);
}

TEST_CASE("a store is as the design demands", "[store]") {
  Directory directory;
  Database database({.path = directory.file(), .secure_delete = SecureDelete::off}, first);
  auto pragma = [&](const std::string& name) {
    auto statement = database.prepare("PRAGMA " + name);
    auto rows = statement.query();
    return rows.next() ? std::string(rows.text(0)) : std::string("none");
  };
  CHECK(pragma("journal_mode") == "wal");
  CHECK(pragma("synchronous") == "2");
  CHECK(pragma("locking_mode") == "exclusive");
  CHECK(pragma("mmap_size") == "0");
  CHECK(pragma("secure_delete") == "0");
  CHECK(pragma("busy_timeout") == "0");
  CHECK(pragma("application_id") == "1279869233");
  CHECK_FALSE(std::filesystem::exists(directory.file() + "-shm"));
  struct stat status {};
  REQUIRE(stat(directory.file().c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  REQUIRE(stat((directory.file() + "-wal").c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
}

TEST_CASE("a store of an older version is brought up, one of a newer version is refused",
          "[store]") {
  Directory directory;
  {
    Database database({.path = directory.file()}, first);
    Transaction change(database);
    database.execute("INSERT INTO letter (id) VALUES (x'01')");
    change.commit();
  }
  {
    Database database({.path = directory.file()}, second);
    auto statement = database.prepare("SELECT kind FROM letter");
    auto rows = statement.query();
    REQUIRE(rows.next());
    CHECK(rows.int64(0) == 7);
  }
  CHECK(failure_of([&] { Database({.path = directory.file()}, first); }) ==
        Failure::Kind::newer_version);
  Database database({.path = directory.file()}, second);
  CHECK(count(database) == 1);
}

TEST_CASE("a file that is not this kind of store is refused and left as it was", "[store]") {
  Directory directory;
  { Database database({.path = directory.file()}, other); }
  CHECK(failure_of([&] { Database({.path = directory.file()}, first); }) == Failure::Kind::foreign);
  { Database database({.path = directory.file()}, other); }

  std::string text(10000, 'x');
  std::ofstream(directory.file("text")) << text;
  CHECK(failure_of([&] { Database({.path = directory.file("text")}, first); }) ==
        Failure::Kind::foreign);
  std::ifstream in(directory.file("text"));
  CHECK(std::string(std::istreambuf_iterator<char>(in), {}) == text);

  CHECK(failure_of([&] {
          Database({.path = directory.file("none"), .make_if_missing = false}, first);
        }) == Failure::Kind::missing);
  CHECK(failure_of([&] { Database({.path = directory.file("no/such/place")}, first); }) ==
        Failure::Kind::io);
}

TEST_CASE("a second opener is refused, and the first works on", "[store]") {
  Directory directory;
  Database database({.path = directory.file()}, first);
  CHECK(failure_of([&] { Database({.path = directory.file()}, first); }) == Failure::Kind::in_use);
  Transaction change(database);
  database.execute("INSERT INTO letter (id) VALUES (x'01')");
  change.commit();
  CHECK(count(database) == 1);
}

TEST_CASE("a broken constraint is a bug: the store is not used any more, what was committed stays",
          "[store]") {
  Directory directory;
  {
    Database database({.path = directory.file()}, first);
    auto insert = database.prepare("INSERT INTO letter (id) VALUES (?)");
    {
      Transaction change(database);
      insert.run(id_of(1));
      change.commit();
    }
    Transaction change(database);
    insert.run(id_of(2));
    CHECK(failure_of([&] { insert.run(id_of(1)); }) == Failure::Kind::statement);
    CHECK(failure_of([&] { change.commit(); }) == Failure::Kind::unusable);
    CHECK(failure_of([&] { database.execute("SELECT 1"); }) == Failure::Kind::unusable);
  }
  Database database({.path = directory.file()}, first);
  CHECK(database.was_unclean());
  CHECK(count(database) == 1);
}

TEST_CASE("each commit is one sync, and they are counted", "[store]") {
  Directory directory;
  Database database({.path = directory.file()}, first);
  auto insert = database.prepare("INSERT INTO letter (id, body) VALUES (?, ?)");
  Bytes body(1000, 9);
  auto commit_one = [&](std::uint8_t number) {
    Transaction change(database);
    insert.run(id_of(number), body);
    change.commit();
  };
  commit_one(0);
  auto before = database.syncs();
  for (std::uint8_t i = 1; i <= 50; ++i)
    commit_one(i);
  CHECK(database.syncs() - before == 50);
}

TEST_CASE("the write-ahead log is copied into the file beyond its threshold", "[store]") {
  Directory directory;
  Database database({.path = directory.file(), .checkpoint_bytes = 1u << 20}, first);
  auto insert = database.prepare("INSERT INTO letter (id, body) VALUES (?, ?)");
  Bytes body(50000, 9);
  for (std::uint8_t i = 0; i < 100; ++i) {
    Transaction change(database);
    insert.run(id_of(i), body);
    change.commit();
  }
  CHECK(database.file_bytes() > 4000000);
  CHECK(std::filesystem::file_size(directory.file() + "-wal") < 1300000);
  database.checkpoint_truncate();
  CHECK(std::filesystem::file_size(directory.file() + "-wal") == 0);
  CHECK(database.wal_bytes() == 0);
  CHECK(database.file_bytes() > 5000000);
}

TEST_CASE("a long write-ahead log that was left behind is read whole at the next opening",
          "[store]") {
  Directory directory;
  {
    Database database({.path = directory.file()}, first);
    auto insert = database.prepare("INSERT INTO letter (id, body) VALUES (?, ?)");
    const Bytes body(50000, 9);
    for (std::uint8_t i = 0; i < 60; ++i) {
      Transaction change(database);
      insert.run(id_of(i), body);
      change.commit();
    }
    // As a killed process leaves them.
    for (const char* end : {"", "-wal"})
      std::filesystem::copy_file(directory.file() + end, directory.file("left.db") + end);
  }
  REQUIRE(std::filesystem::file_size(directory.file("left.db-wal")) > (2u << 20));
  Database database({.path = directory.file("left.db")}, first);
  CHECK(database.was_unclean());
  CHECK(count(database) == 60);
}

TEST_CASE("deleted content is gone from file and log after a truncating checkpoint", "[store]") {
  Directory directory;
  Database database({.path = directory.file()}, first);
  std::string planted = "Persephone Quillfeather";
  {
    Transaction change(database);
    auto insert = database.prepare("INSERT INTO letter (id, note) VALUES (x'01', ?)");
    insert.run(planted);
    change.commit();
  }
  auto found = [&](const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    std::string all(std::istreambuf_iterator<char>(in), {});
    return all.find(planted) != std::string::npos;
  };
  CHECK(found(directory.file() + "-wal"));
  database.checkpoint_truncate();
  CHECK(found(directory.file()));
  {
    Transaction change(database);
    database.execute("DELETE FROM letter");
    change.commit();
  }
  database.checkpoint_truncate();
  CHECK_FALSE(found(directory.file()));
  CHECK_FALSE(found(directory.file() + "-wal"));
}

TEST_CASE("a backup is a whole store, and refuses to write over a file", "[store]") {
  Directory directory;
  Database database({.path = directory.file()}, first);
  {
    Transaction change(database);
    database.execute("INSERT INTO letter (id) VALUES (x'01'), (x'02')");
    change.commit();
  }
  database.backup_to(directory.file("copy.db"));
  {
    Transaction change(database);
    database.execute("INSERT INTO letter (id) VALUES (x'03')");
    change.commit();
  }
  CHECK(failure_of([&] { database.backup_to(directory.file("copy.db")); }) == Failure::Kind::io);
  CHECK(failure_of([&] { database.backup_to(directory.file("no/copy.db")); }) == Failure::Kind::io);
  CHECK(count(database) == 3);
  Database copy({.path = directory.file("copy.db")}, first);
  CHECK(count(copy) == 2);
  CHECK(copy.quick_check().sound);
  CHECK_FALSE(std::filesystem::exists(directory.file("copy.db.partial")));
}

TEST_CASE("a background check runs beside writes and keeps the lock", "[store]") {
  Directory directory;
  Database database({.path = directory.file("a ?#%.db"), .checkpoint_bytes = 1u << 16}, first);
  auto insert = database.prepare("INSERT INTO letter (id, body) VALUES (?, ?)");
  Bytes body(30000, 9);
  std::uint8_t number = 0;
  auto commit_one = [&] {
    Transaction change(database);
    insert.run(id_of(number++), body);
    change.commit();
  };
  for (int i = 0; i < 40; ++i)
    commit_one();
  database.begin_background_check();
  commit_one();
  while (database.background_check() == Database::Check::running)
    commit_one();
  CHECK(database.background_check() == Database::Check::sound);
  CHECK(database.check_finding() == "ok");
  commit_one();
  CHECK(database.wal_bytes() < (1u << 17) + 8u * 30000);
  CHECK(failure_of([&] { Database({.path = directory.file("a ?#%.db")}, first); }) ==
        Failure::Kind::in_use);
  constexpr int refused = 100 + static_cast<int>(Failure::Kind::in_use);
  CHECK(open_in_another_process(directory.file("a ?#%.db")) == refused);
  database.begin_background_check(0);
  commit_one();
  auto state = database.background_check();
  CHECK((state == Database::Check::abandoned || state == Database::Check::sound));
  CHECK(open_in_another_process(directory.file("a ?#%.db")) == refused);
}

TEST_CASE("a backup in pieces has what was written between them", "[store]") {
  Directory directory;
  Database database({.path = directory.file()}, first);
  auto insert = database.prepare("INSERT INTO letter (id, body) VALUES (?, ?)");
  std::uint8_t number = 0;
  const auto commit_one = [&] {
    Transaction change(database);
    insert.run(id_of(number++), Bytes(9000, number));
    change.commit();
  };
  for (int i = 0; i < 30; ++i)
    commit_one();
  {
    Backup given_up(database, directory.file("given up"));
    CHECK(given_up.copy(1) == Backup::Step::more);
  }
  CHECK_FALSE(std::filesystem::exists(directory.file("given up")));
  CHECK_FALSE(std::filesystem::exists(directory.file("given up") + ".partial"));
  Backup backup(database, directory.file("copy"));
  while (backup.copy(4) == Backup::Step::more) {
    CHECK_FALSE(std::filesystem::exists(directory.file("copy")));
    if (number < 60) commit_one();
    if (number == 40) database.checkpoint_truncate();
  }
  CHECK(number == 60);
  CHECK_THROWS_AS(Backup(database, directory.file("copy")), Failure);
  commit_one();
  Database copy({.path = directory.file("copy")}, first);
  CHECK(copy.quick_check().sound);
  auto count = copy.prepare("SELECT count(*) FROM letter");
  auto rows = count.query();
  REQUIRE(rows.next());
  CHECK(rows.int64(0) == 60);
}

TEST_CASE("a damaged file is found by the checks", "[store]") {
  Directory directory;
  {
    Database database({.path = directory.file()}, first);
    auto insert = database.prepare("INSERT INTO letter (id, body) VALUES (?, ?)");
    Transaction change(database);
    for (std::uint8_t i = 0; i < 100; ++i)
      insert.run(id_of(i), Bytes(3000, 5));
    change.commit();
  }
  {
    std::fstream file(directory.file(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(4096 * 4);
    file << std::string(2000, '\x7f');
  }
  Database database({.path = directory.file()}, first);
  CHECK_FALSE(database.quick_check().sound);
  database.begin_background_check();
  while (database.background_check() == Database::Check::running)
    std::this_thread::yield();
  CHECK(database.background_check() == Database::Check::damaged);
}
