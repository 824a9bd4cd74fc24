#include <filesystem>
#include <fstream>

#include "base/bytes.h"
#include "store/database.h"
#include "store/testing/small_store.h"

using namespace liaison;
using namespace liaison::store;
using namespace liaison::store::testing;

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
