#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/testing/temporary_directory.h"
#include "broker/shell/testing/broker.h"

using namespace liaison;
using namespace liaison::broker;
using namespace liaison::broker::testing;
namespace fs = std::filesystem;

namespace {

/// A broker on real files, which can be copied as a killed process leaves them.
struct Files {
  std::unique_ptr<store::Database> database(const char* name) const {
    return std::make_unique<store::Database>(Store::options((directory / name).string()),
                                             Store::schema());
  }
  void copy(const char* from, const char* to) const {
    fs::copy_file(directory / from, directory / to);
    fs::copy_file(directory / (std::string(from) + "-wal"), directory / (std::string(to) + "-wal"));
  }
  liaison::testing::TemporaryDirectory scratch;
  const fs::path& directory = scratch.path();
};

struct Killed {
  Killed() : broker("store-watch") {
    Engine::found(*files.database("one"), broker.authority, broker.now);
    start("one");
    broker.admit(leeds);
    broker.admit(able);
    broker.connect(1, leeds);
    broker.connect(2, able);
    broker.send(2, able, wire::Goodbye{});  // what comes for it waits
    for (std::uint64_t number = 1; number <= 9; ++number)
      broker.send(1, leeds, std::vector{leeds.letter(able, number, broker.now.wall, 20'000)});
    broker.turn();
    broker.engine->database().checkpoint_truncate();
    broker.send(1, leeds, std::vector{leeds.letter(able, 10, broker.now.wall)});
    broker.turn();
    files.copy("one", "two");
    broker.engine.reset();
    broker.said.clear();
  }
  void start(const char* name) {
    broker.engine.reset();
    broker.engine = std::make_unique<Engine>(broker.config, files.database(name), broker.authority,
                                             broker.entropy, broker.now);
  }
  /// Letter 5 fills whole pages: the first octets of one say where the next lies.
  void damage() const {
    std::fstream file(files.directory / "two", std::ios::in | std::ios::out | std::ios::binary);
    const std::string all{std::istreambuf_iterator<char>(file), {}};
    const auto found = all.find(std::string(4000, '\5'));
    REQUIRE(found != std::string::npos);
    file.clear();
    file.seekp(static_cast<std::streamoff>(found / 4096 * 4096));
    file << std::string(4, '\x7f');
  }
  std::string state() {
    return nlohmann::json::parse(
        broker.engine->admin(R"({"command":"status"})", broker.now))["ok"]["store"];
  }
  nlohmann::json alarms() {
    return nlohmann::json::parse(broker.engine->admin(R"({"command":"alarms"})", broker.now))["ok"];
  }
  void check() {
    broker.engine->watch_store(broker.now);
    while (state() == "checking") {
      std::this_thread::yield();
      broker.engine->watch_store(broker.now);
    }
    broker.turn();
  }

  Files files;
  Broker broker;
  Peer leeds{"jcp-leeds", NodeRole::adviser};
  Peer able{"able-futures", NodeRole::provider};
};

}  // namespace

TEST_CASE("after an unclean end the store is checked, once, beside normal use", "[broker]") {
  Killed killed;
  killed.start("one");
  CHECK(killed.state() == "sound");
  killed.start("two");
  CHECK(killed.state() == "check due");
  // A command opened it and closed it in order: the check is due all the same.
  killed.start("two");
  CHECK(killed.state() == "check due");
  killed.broker.engine->watch_store(killed.broker.now);
  killed.broker.connect(1, killed.leeds);
  killed.broker.send(1, killed.leeds,
                     std::vector{killed.leeds.letter(killed.able, 11, killed.broker.now.wall)});
  killed.broker.turn();
  CHECK(killed.broker.heard_items<wire::Accepted>(1).size() == 1);
  killed.check();
  CHECK(killed.state() == "sound");
  CHECK(killed.alarms().empty());
  killed.start("two");
  CHECK(killed.state() == "sound");
}

TEST_CASE("a damaged store accepts nothing more, gives what it can, and says so", "[broker]") {
  Killed killed;
  killed.damage();
  killed.start("two");
  killed.check();
  CHECK(killed.state() == "damaged");
  auto& broker = killed.broker;
  broker.connect(1, killed.leeds);
  broker.send(1, killed.leeds, std::vector{killed.leeds.letter(killed.able, 12, broker.now.wall)});
  broker.turn();
  const auto refused = broker.heard_items<wire::Refused>(1);
  REQUIRE(refused.size() == 1);
  CHECK(refused[0].meaning == wire::Meaning::retry);
  REQUIRE(killed.alarms().size() == 1);
  CHECK(killed.alarms()[0]["what"].get<std::string>().find("restore a backup") !=
        std::string::npos);

  // The next start knows it before it has checked again.
  killed.start("two");
  CHECK(killed.state() == "damaged");
  broker.connect(1, killed.leeds);
  broker.send(1, killed.leeds, std::vector{killed.leeds.letter(killed.able, 13, broker.now.wall)});
  broker.turn();
  CHECK(broker.heard_items<wire::Refused>(1).size() == 1);
}
