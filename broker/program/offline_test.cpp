#include "broker/program/offline.h"

#include <catch2/catch.hpp>
#include <fstream>

#include "base/testing/temporary_directory.h"
#include "broker/shell/testing/broker.h"

using namespace liaison;
using namespace liaison::broker;
namespace fs = std::filesystem;

namespace {

struct Waiting {
  Waiting() {
    exchange.found();
    exchange.start();
  }
  liaison::broker::testing::Broker exchange{"offline"};
  liaison::testing::TemporaryDirectory here;
  fs::path authority = here.path() / "authority";
  OfflineAuthority offline{here.path()};
};

}  // namespace

TEST_CASE("the directories between exchange and authority are made where a backup left them out",
          "[broker]") {
  Waiting world;
  world.offline.look(*world.exchange.engine, world.exchange.now);
  for (const char* each : {"requests", "signed", "done", "refused"})
    CHECK(fs::is_directory(world.authority / each));
  std::ofstream(world.authority / "signed" / "leeds.crt") << "no certificate";
  world.offline.look(*world.exchange.engine, world.exchange.now);
  CHECK(fs::exists(world.authority / "refused" / "leeds.crt"));
}

TEST_CASE("a directory that cannot be used ends no exchange", "[broker]") {
  Waiting world;
  std::ofstream(world.authority) << "a file in its place";
  world.offline.look(*world.exchange.engine, world.exchange.now);
  fs::remove(world.authority);
  world.offline.look(*world.exchange.engine, world.exchange.now);
  CHECK(fs::is_directory(world.authority / "signed"));
}
