#include "broker/shell/letter_index.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "broker/shell/store.h"
#include "crypto/random.h"
#include "store/testing/faulty_disk.h"
#include "wire/log_entry.h"

using namespace liaison;
using namespace liaison::broker;

namespace {

constexpr auto block = LetterIndex::block_entries;

LetterId letter(std::uint64_t number) {
  LetterId out;
  for (std::size_t at = 0; at < 8; ++at)
    out.octets[at] = static_cast<std::uint8_t>(number >> (8 * at));
  return out;
}

/// A message log on a disk in memory: entry `n` is of letter(n / 2), every seventh of none.
struct Kept {
  explicit Kept(std::string name) : disk(std::move(name), 1) { open(); }
  void open() {
    index.reset();
    log.reset();
    database.reset();
    auto options = Store::options("broker.db");
    options.vfs = disk.vfs();
    database = std::make_unique<store::Database>(options, Store::schema());
    log = std::make_unique<LogStore>(*database, LogName::message);
    index = std::make_unique<LetterIndex>(*database, entropy);
    index->load(*log);
  }
  static LetterId letter_of(std::uint64_t leaf) {
    return leaf % 7 == 6 ? LetterId{} : letter(leaf / 2 + 1);
  }
  void append_to(std::uint64_t size) {
    store::Transaction change(*database);
    auto add = database->prepare("INSERT INTO log VALUES (?, NULL, ?)");
    for (auto leaf = log->size(); leaf < size; ++leaf) {
      wire::LogEntry entry;
      entry.sender = *NodeId::parse("jcp-leeds");
      entry.letter = letter_of(leaf);
      add.run(leaf, wire::encode(entry));
      index->append(leaf, entry.letter);
    }
    change.commit();
  }
  void keep() {
    store::Transaction change(*database);
    index->keep();
    change.commit();
    index->committed();
  }
  std::int64_t rows() {
    auto find = database->prepare("SELECT count(*) FROM letter_place");
    auto found = find.query();
    found.next();
    return found.int64(0);
  }
  std::int64_t octets() {
    auto find = database->prepare("SELECT sum(length(entries)) FROM letter_place");
    auto found = find.query();
    found.next();
    return found.int64(0);
  }
  [[nodiscard]] bool finds(std::uint64_t leaf) {
    const auto found = index->find(letter_of(leaf));
    return std::is_sorted(found.begin(), found.end()) &&
           std::count(found.begin(), found.end(), leaf) == 1;
  }
  void finds_all_to(std::uint64_t size) {
    std::uint64_t lost = 0;
    for (std::uint64_t leaf = 0; leaf < size; leaf += 13)
      if (!letter_of(leaf).is_zero() && !finds(leaf)) ++lost;
    CHECK(lost == 0);
    CHECK(index->find(letter(10 * block)).empty());
    CHECK(index->find(LetterId{}).empty());
  }

  store::testing::FaultyDisk disk;
  crypto::SystemEntropy entropy;
  std::unique_ptr<store::Database> database;
  std::unique_ptr<LogStore> log;
  std::unique_ptr<LetterIndex> index;
};

}  // namespace

TEST_CASE("a letter's entries are found, of blocks that are kept and of the one that is open",
          "[broker][log]") {
  Kept kept("letter-index");
  constexpr auto size = 2 * block + block / 2;
  kept.append_to(size);
  kept.finds_all_to(size);
  CHECK(kept.rows() == 0);
  kept.keep();
  CHECK(kept.rows() == 2 * 256);
  kept.finds_all_to(size);

  // After a restart, and when more came.
  kept.open();
  kept.finds_all_to(size);
  kept.append_to(4 * block);
  kept.keep();
  kept.finds_all_to(4 * block);
}

TEST_CASE("entries that were never indexed are at the next start", "[broker][log]") {
  Kept kept("letter-index-late");
  constexpr auto size = 3 * block + 5;
  kept.append_to(size);
  SECTION("none was kept") {}
  SECTION("the first blocks were") {
    kept.keep();
    kept.append_to(size + 2 * block);
  }
  const auto had = kept.log->size();
  kept.disk.crash();
  kept.open();
  kept.finds_all_to(had);
  kept.keep();
  kept.finds_all_to(had);
  CHECK(kept.rows() == static_cast<std::int64_t>(had / block * 256));
}

TEST_CASE("letters of one id are all found", "[broker][log]") {
  Kept kept("letter-index-same");
  for (std::uint64_t leaf = 0; leaf < block + 3; ++leaf)
    kept.index->append(leaf, leaf % 1000 == 1 ? letter(5) : LetterId{});
  kept.keep();
  const auto found = kept.index->find(letter(5));
  CHECK(found.size() == 17);
  CHECK(std::all_of(found.begin(), found.end(), [](auto leaf) { return leaf % 1000 == 1; }));
}

TEST_CASE("what leaves the store while its block is open is found after restarts",
          "[broker][log]") {
  Kept kept("letter-index-open");
  kept.append_to(block + 3000);
  {
    store::Transaction change(*kept.database);
    kept.index->keep_all();
    kept.log->drop_archived(block + 2048, "/nowhere");
    change.commit();
    kept.index->committed();
    kept.log->archived_to(block + 2048);
  }
  kept.finds_all_to(block + 3000);
  for (int times = 0; times < 2; ++times) {
    kept.open();
    kept.finds_all_to(block + 3000);
  }
  // And once more, and when the block is full.
  kept.append_to(block + 5000);
  {
    store::Transaction change(*kept.database);
    kept.index->keep_all();
    change.commit();
    kept.index->committed();
  }
  const auto octets = kept.octets();
  for (int times = 0; times < 3; ++times) {
    kept.append_to(kept.log->size() + 1);
    store::Transaction change(*kept.database);
    kept.index->keep_all();
    change.commit();
    kept.index->committed();
  }
  CHECK(kept.octets() <= octets + 3 * 6);
  kept.open();
  kept.finds_all_to(block + 5000);
  kept.append_to(3 * block);
  kept.keep();
  kept.finds_all_to(3 * block);
  kept.open();
  kept.finds_all_to(3 * block);
}

TEST_CASE("what was archived elsewhere before there was an index hinders no start",
          "[broker][log]") {
  Kept kept("letter-index-archive");
  kept.append_to(block + 10);
  {
    store::Transaction change(*kept.database);
    kept.log->drop_archived(256, "/nowhere");
    change.commit();
  }
  kept.open();
  CHECK(kept.log->archived() == 256);
  CHECK_FALSE(kept.finds(10));
  CHECK(kept.finds(257));
  CHECK(kept.finds(block + 8));
}
