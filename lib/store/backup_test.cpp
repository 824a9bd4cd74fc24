#include "store/backup.h"

#include <filesystem>
#include <fstream>
#include <thread>

#include "base/bytes.h"
#include "store/testing/small_store.h"

using namespace liaison;
using namespace liaison::store;
using namespace liaison::store::testing;

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
