#include <array>
#include <catch2/catch.hpp>
#include <memory>
#include <optional>

#include "store/database.h"
#include "store/testing/faulty_disk.h"
#include "store/testing/faulty_file.h"

using namespace liaison;
using namespace liaison::store;
using namespace liaison::store::testing;

namespace {

constexpr std::array<std::string_view, 2> tables = {
    "CREATE TABLE entry (number INTEGER PRIMARY KEY, body BLOB)",
    "CREATE TABLE total (sum INTEGER NOT NULL); INSERT INTO total VALUES (0)"};
constexpr Schema schema = {0x4c494131, "the test's store", tables};
constexpr std::int64_t rows_per_commit = 3;

/// A process that commits numbered transactions, each of several rows and a running total, so that
/// half a transaction, or one without an earlier one, is seen.
class Process {
 public:
  explicit Process(const FaultyDisk& disk, std::uint32_t checkpoint_bytes = 40000)
      : database_(options(disk, checkpoint_bytes), schema),
        insert_(database_.prepare("INSERT INTO entry VALUES (?, ?)")),
        add_(database_.prepare("UPDATE total SET sum = sum + ?")),
        remove_(database_.prepare("DELETE FROM entry WHERE number < ? AND number % 7 <> 0")) {}

  void commit(std::int64_t transaction) {
    Transaction change(database_);
    for (std::int64_t i = 0; i < rows_per_commit; ++i) {
      std::int64_t number = transaction * rows_per_commit + i;
      insert_.run(number, body_of(number));
      add_.run(number);
    }
    // Old rows go, so that pages become free and are used again.
    if (transaction % 8 == 0) remove_.run((transaction - 6) * rows_per_commit);
    change.commit();
  }

  /// How many transactions the store has, having checked that it has exactly those.
  std::int64_t check() {
    REQUIRE(database_.quick_check().sound);
    auto totals = database_.prepare("SELECT sum, (SELECT max(number) FROM entry) FROM total");
    auto total = totals.query();
    REQUIRE(total.next());
    if (total.is_null(1)) {
      REQUIRE(total.int64(0) == 0);
      return 0;
    }
    std::int64_t last = total.int64(1);
    REQUIRE(total.int64(0) == last * (last + 1) / 2);
    REQUIRE((last + 1) % rows_per_commit == 0);
    auto entries = database_.prepare("SELECT number, body FROM entry ORDER BY number DESC");
    std::int64_t expected = last;
    for (auto rows = entries.query(); rows.next();) {
      if (rows.int64(0) > last - 6 * rows_per_commit) REQUIRE(rows.int64(0) == expected--);
      REQUIRE(equal(rows.blob(1), body_of(rows.int64(0))));
    }
    return (last + 1) / rows_per_commit;
  }

  Database& database() { return database_; }

 private:
  static Options options(const FaultyDisk& disk, std::uint32_t checkpoint_bytes) {
    Options out;
    out.path = "store.db";
    out.vfs = disk.vfs();
    out.checkpoint_bytes = checkpoint_bytes;
    out.cache_bytes = 64u << 10;
    out.secure_delete = SecureDelete::off;
    return out;
  }
  static Bytes body_of(std::int64_t number) {
    return Bytes(static_cast<std::size_t>(200 + number * 37 % 3000),
                 static_cast<std::uint8_t>(number));
  }

  Database database_;
  Statement insert_, add_, remove_;
};

}  // namespace

TEST_CASE("with a power failure at each operation of a story, every commit that returned is there",
          "[store]") {
  bool reached_the_end = false;
  std::uint64_t lost = 0;
  for (std::uint64_t operation = 1; !reached_the_end; ++operation) {
    CAPTURE(operation);
    FaultyDisk disk("disk", operation);
    disk.crash_at(operation);
    std::int64_t committed = 0;
    try {
      Process process(disk);
      for (; committed < 12; ++committed)
        process.commit(committed);
    } catch (const Failure&) {
      REQUIRE(disk.has_crashed());
    }
    reached_the_end = !disk.has_crashed();
    disk.crash();
    lost += disk.sectors_lost();
    Process again(disk);
    std::int64_t found = again.check();
    REQUIRE(found >= committed);
    REQUIRE(found <= committed + 1);
    again.commit(found);
  }
  CHECK(lost > 100);
}

TEST_CASE(
    "through many lives with power failures, kills, failed syncs and full disks, no commit is "
    "lost or half there",
    "[store]") {
  std::uint64_t seed = GENERATE(range<std::uint64_t>(1, 9));
  CAPTURE(seed);
  FaultyDisk disk("disk", seed);
  Dice dice(seed * 77);
  std::int64_t committed = 0;
  for (int life = 0; life < 60; ++life) {
    CAPTURE(life);
    auto fate = dice.below(6);
    if (fate <= 2) disk.crash_at(1 + dice.below(150));
    try {
      Process process(disk);
      std::int64_t found = process.check();
      REQUIRE(found >= committed);
      REQUIRE(found <= committed + 1);
      committed = found;
      auto commits = dice.below(25);
      if (fate == 3) disk.fail_next_sync();
      if (fate == 4) disk.set_capacity(disk.bytes_used() + dice.below(60000));
      for (; commits > 0; --commits, ++committed)
        process.commit(committed);
      if (fate == 5) disk.kill();
    } catch (const Failure&) {
      REQUIRE((fate == 3 || fate == 4 || fate == 5 || disk.has_crashed()));
    }
    disk.set_capacity(std::nullopt);
    disk.fail_next_sync(0);
    if (fate <= 2 || dice.below(3) == 0) disk.crash();
  }
  CHECK(disk.sectors_lost() > 100);
  Process last(disk);
  CHECK(last.check() >= committed);
}

TEST_CASE(
    "with a power failure at each operation of the opening that follows a failed sync, the store "
    "is whole",
    "[store]") {
  bool reached_the_end = false;
  for (std::uint64_t operation = 1; !reached_the_end; ++operation) {
    CAPTURE(operation);
    reached_the_end = true;
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
      CAPTURE(seed);
      FaultyDisk disk("disk", seed);
      std::int64_t committed = 0;
      try {
        Process process(disk);
        for (; committed < 9; ++committed)
          process.commit(committed);
        disk.fail_next_sync();
        process.commit(committed);
        FAIL("a failed sync passed for a commit");
      } catch (const Failure&) {
        disk.kill();
      }
      disk.crash_at(operation);
      try {
        Process process(disk);
      } catch (const Failure&) {
        REQUIRE(disk.has_crashed());
      }
      if (disk.has_crashed()) reached_the_end = false;
      disk.crash();
      Process again(disk);
      std::int64_t found = again.check();
      REQUIRE(found >= committed);
      REQUIRE(found <= committed + 1);
      again.commit(found);
    }
  }
}

TEST_CASE("without syncs the same power failures do lose commits, so these tests can fail",
          "[store]") {
  int losses = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    FaultyDisk disk("disk", seed);
    {
      Process process(disk, 1u << 20);
      process.database().execute("PRAGMA synchronous=OFF");
      for (std::int64_t i = 0; i < 10; ++i)
        process.commit(i);
      disk.crash();
    }
    Process again(disk);
    auto statement = again.database().prepare("SELECT count(*) FROM entry");
    auto rows = statement.query();
    REQUIRE(rows.next());
    if (rows.int64(0) < 10) ++losses;
  }
  CHECK(losses > 10);
}
