#include "broker/program/archive.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <nlohmann/json.hpp>

#include "audit/hash.h"
#include "audit/proof_file.h"
#include "base/testing/temporary_directory.h"
#include "broker/shell/logs.h"
#include "broker/shell/testing/broker.h"
#include "wire/log_entry.h"

using namespace liaison;
using namespace liaison::broker;
using namespace liaison::broker::testing;
namespace fs = std::filesystem;

namespace {

/// A broker with a month of letters that were taken.
struct Aged : Two {
  explicit Aged(const char* name) : Two(name) {
    broker.send(2, able, wire::Credit{10'000, 100'000'000});
    for (std::uint64_t number = 1; number <= 600; ++number)
      letter(number);
    take_all();
    age(std::chrono::hours(24 * 9));
    hook();
  }
  void hook() { store().read_archive_by(read_archived); }
  LogStore& store() { return broker.engine->logs().of(LogName::message).store(); }
  void letter(std::uint64_t number) {
    broker.send(1, leeds, std::vector<wire::Letter>{leeds.letter(able, number, broker.now.wall)});
    broker.turn();
  }
  void take_all() {
    std::vector<wire::Taken> taken;
    for (const auto& each : broker.heard_items<wire::Delivery>(2))
      taken.push_back({each.sequence, std::get<wire::Letter>(each.item).id});
    broker.send(2, able, taken);
    broker.turn();
  }
  void age(Duration time) {
    for (Duration passed{}; passed < time; passed += std::chrono::minutes(15)) {
      broker.now.wall += std::chrono::minutes(15);
      broker.now.steady += std::chrono::minutes(15);
      broker.turn();
    }
  }
  std::string archive(const fs::path& to, Duration older = std::chrono::hours(24),
                      int pieces = 1000) {
    ArchiveInPieces work(*broker.engine, to, broker.now.wall - older, pieces);
    for (;;)
      if (const auto done = work.step()) {
        moved = work.moved();
        return *done ? "" : done->error().text;
      }
  }
  std::uint64_t rows() {
    auto find = broker.engine->database().prepare("SELECT count(*), min(leaf) FROM log");
    auto row = find.query();
    row.next();
    return row.uint64(0);
  }
  void restart() {
    broker.kill();
    broker.start();
    hook();
  }
  Result<audit::ProofFile> prove(std::uint64_t leaf) {
    return broker.engine->logs().of(LogName::message).prove(leaf);
  }
  std::string ask(const nlohmann::json& request) {
    return broker.engine->admin(request.dump(), broker.now);
  }

  liaison::testing::TemporaryDirectory root;
  fs::path directory = root.path() / "archive";
  std::uint64_t moved = 0;
};

bool says(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("old entries of the message log move to an archive, and everything goes on", "[broker]") {
  Aged made("archive-good");
  const auto size = made.store().size();
  REQUIRE(size == 1200);
  const auto before = made.store().entries(0, 2000);
  CHECK(made.archive(made.directory).empty());
  CHECK(made.moved == 4 * 256);
  CHECK(made.rows() == size - 4 * 256);
  CHECK(made.store().size() == size);
  for (const bool restarted : {false, true}) {
    if (restarted) made.restart();
    CHECK(made.store().archived() == 4 * 256);
    CHECK(made.broker.engine->counts().log_entries == size);
    for (const std::uint64_t leaf : {0, 255, 256, 1023, 1024, 1199}) {
      const auto entry = made.store().read(leaf, 1);
      REQUIRE(entry);
      CHECK(entry->at(0) == before[leaf]);
      const auto proof = made.prove(leaf);
      REQUIRE(proof);
      const auto key = made.broker.engine->logs().of(LogName::message).key();
      CHECK(audit::check(*proof, before[leaf], std::span(&key, 1)));
    }
    // Nodes are shown old leaves and any growth, as before.
    const auto shown = made.broker.engine->logs().answer(
        {made.broker.engine->counts().epoch, 700, {3, 300, 1100}, {5}, {}});
    REQUIRE(shown);
    CHECK(shown->leaves.size() == 3);
    CHECK(shown->older_message.size() == 1);
    // And the whole of it is still compared with what was signed.
    while (!made.broker.engine->logs().of(LogName::message).check_more(10'000)) {
    }
    const auto letter = wire::decode_log_entry(before[7])->letter.text();
    CHECK(says(made.ask({{"command", "prove"}, {"letter", letter}}), "\"index\":7,"));
    const auto listed =
        nlohmann::json::parse(made.ask({{"command", "log"}, {"first", 250}}))["ok"]["entries"];
    REQUIRE(listed.size() > 800);
    CHECK(listed[0]["index"] == 250);
    CHECK(listed[800]["index"] == 1050);
  }
  // What came since is archived behind it, in the same place.
  made.broker.connect(1, made.leeds);
  made.broker.connect(2, made.able);
  made.broker.send(2, made.able, wire::Credit{10'000, 100'000'000});
  for (std::uint64_t number = 2001; number <= 2300; ++number)
    made.letter(number);
  made.take_all();
  made.age(std::chrono::hours(24 * 9));
  CHECK(made.archive(made.directory).empty());
  CHECK(made.moved == 3 * 256);
  CHECK(made.store().read(1030, 1)->size() == 1);
}

TEST_CASE("entries that are young, wait, or may be asked for again stay in the store", "[broker]") {
  Aged made("archive-stays");
  CHECK(made.archive(made.directory, std::chrono::hours(24 * 10)).empty());
  CHECK(made.moved == 0);
  CHECK_FALSE(fs::exists(made.directory));
  // Not taken, and then taken but not expired: a repeat is still answered.
  for (std::uint64_t number = 3001; number <= 3600; ++number)
    made.letter(number);
  made.age(std::chrono::hours(24 * 2));
  CHECK(made.archive(made.directory).empty());
  CHECK(made.moved == 4 * 256);
  made.take_all();
  made.age(std::chrono::hours(24));
  CHECK(made.archive(made.directory, std::chrono::hours(1)).empty());
  CHECK(made.moved == 0);
  made.restart();
  made.broker.connect(1, made.leeds);
  auto again = made.leeds.letter(made.able, 3001, made.broker.now.wall - std::chrono::hours(72));
  made.broker.send(1, made.leeds, std::vector<wire::Letter>{again});
  made.broker.turn();
  const auto answers = made.broker.heard_items<wire::Accepted>(1);
  REQUIRE(answers.size() == 1);
  CHECK(answers[0].leaf == 1200);
}

TEST_CASE("an archive that was stopped anywhere is ended by a repeat", "[broker]") {
  Aged made("archive-stopped");
  const auto before = made.store().entries(0, 2000);
  // Files without their entries having left: of a run that was killed.
  CHECK(made.archive(made.directory, std::chrono::hours(24), 0).empty());
  CHECK(made.moved == 0);
  fs::create_directories(made.directory / "message/tile/entries");
  std::ofstream(made.directory / "exchange")
      << "liaison/" + made.broker.engine->logs().of(LogName::message).key().name.substr(8, 16) +
             "\n";
  std::ofstream(made.directory / "message/tile/entries/000", std::ios::binary)
      << as_text(audit::encode_bundle({before.begin(), before.begin() + 256}));
  std::ofstream(made.directory / "message/tile/entries/001.partial") << "half";
  std::ofstream(made.directory / "message/tile/entries/002", std::ios::binary)
      << std::string(5000, '\0');  // its name was synced, and not what it holds
  CHECK(made.archive(made.directory).empty());
  CHECK(made.moved == 4 * 256);
  for (std::uint64_t leaf = 0; leaf < 1024; leaf += 100)
    CHECK(made.store().read(leaf, 1)->at(0) == before[leaf]);
  CHECK(made.archive(made.directory).empty());
  CHECK(made.moved == 0);
}

TEST_CASE("a disk that stops while entries leave the store loses none", "[broker]") {
  bool went_through = false;
  for (std::uint64_t operation = 1; !went_through; ++operation) {
    REQUIRE(operation < 300);
    Aged made("archive-crash");
    const auto before = made.store().entries(0, 2000);
    made.broker.disk.crash_at(operation);
    try {
      (void)made.archive(made.directory);
      went_through = !made.broker.disk.has_crashed();
    } catch (const store::Failure&) {
    }
    made.broker.disk.crash();
    made.broker.engine.reset();
    made.broker.start();
    made.hook();
    INFO("stopped at operation " << operation);
    CHECK(made.store().size() == before.size());
    for (std::uint64_t leaf = 0; leaf < before.size(); leaf += 50)
      CHECK(made.store().read(leaf, 1)->at(0) == before[leaf]);
    CHECK(made.archive(made.directory).empty());
    CHECK(made.store().archived() == 4 * 256);
  }
}

TEST_CASE("a directory that is not this log's archive is left as it is", "[broker]") {
  Aged made("archive-other");
  fs::create_directories(made.directory);
  std::ofstream(made.directory / "letter-to-mother") << "dear";
  CHECK(says(made.archive(made.directory), "is no archive"));
  fs::remove(made.directory / "letter-to-mother");
  std::ofstream(made.directory / "exchange") << "liaison/0123456789abcdef\n";
  CHECK(says(made.archive(made.directory), "another exchange"));
  fs::remove_all(made.directory);
  // Of the same exchange, from what a lost broker had accepted.
  auto other = made.store().entries(0, 256);
  std::swap(other[3], other[4]);
  fs::create_directories(made.directory / "message/tile/entries");
  std::ofstream(made.directory / "exchange")
      << "liaison/" + made.broker.engine->logs().of(LogName::message).key().name.substr(8, 16) +
             "\n";
  std::ofstream(made.directory / "message/tile/entries/000", std::ios::binary)
      << as_text(audit::encode_bundle(other));
  CHECK(says(made.archive(made.directory), "has other entries"));
  CHECK(made.rows() == 1200);
  // A place that cannot be written to: a file is in its way.
  std::ofstream(made.root.path() / "file") << "in the way";
  CHECK_THROWS(made.archive(made.root.path() / "file" / "archive"));
  CHECK(made.rows() == 1200);
}

TEST_CASE("an archive that moved is taken over whole, or not", "[broker]") {
  Aged made("archive-moved");
  REQUIRE(made.archive(made.directory).empty());
  const auto other = made.root.path() / "other";
  CHECK(says(made.archive(other), "copy that to"));
  CHECK(made.store().archive() == made.directory.string());
  fs::rename(made.directory, other);
  CHECK(made.archive(other).empty());
  CHECK(made.store().archive() == other.string());
  CHECK(made.store().read(0, 1));
}

TEST_CASE("an archive that is not at hand, or was altered, is said", "[broker]") {
  Aged made("archive-gone");
  const auto letter = wire::decode_log_entry(made.store().entries(7, 1).at(0))->letter.text();
  REQUIRE(made.archive(made.directory).empty());
  const auto away = made.root.path() / "away";
  fs::rename(made.directory, away);
  made.restart();
  CHECK(says(made.ask({{"command", "prove"}, {"letter", letter}}), made.directory.string()));
  const auto listed = nlohmann::json::parse(made.ask({{"command", "log"}, {"first", 0}}))["ok"];
  CHECK(listed["next"] == 1024);
  CHECK(says(listed["missing"], made.directory.string()));
  fs::rename(away, made.directory);
  const auto bundle = made.directory / "message/tile/entries/000";
  {
    std::fstream file(bundle, std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(50);
    file.put('!');
  }
  CHECK(says(made.ask({{"command", "prove"}, {"letter", letter}}), "entry 0 is not the one"));
}
