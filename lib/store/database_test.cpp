#include "store/database.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "base/bytes.h"
#include "store/testing/small_store.h"

using namespace liaison;
using namespace liaison::store;
using namespace liaison::store::testing;

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

TEST_CASE("an empty file, left where making a store was cut short, becomes the store", "[store]") {
  Directory directory;
  std::ofstream(directory.file()).close();
  Database database({.path = directory.file()}, first);
  CHECK(database.version_found() == 0);
  CHECK(database.prepare("INSERT INTO letter VALUES (?, ?, ?, ?)")
            .run(id_of(1), Bytes{1}, "a note", std::uint32_t{3}) == 1);
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
