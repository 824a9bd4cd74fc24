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
  void look() { offline.look(*exchange.engine, exchange.now); }
  liaison::broker::testing::Broker exchange{"offline"};
  liaison::testing::TemporaryDirectory here;
  fs::path authority = here.path() / "authority";
  OfflineAuthority offline{here.path()};
};

}  // namespace

TEST_CASE("the directories between exchange and authority are made where a backup left them out",
          "[broker]") {
  Waiting world;
  world.look();
  for (const char* each : {"requests", "signed", "done", "refused"})
    CHECK(fs::is_directory(world.authority / each));
  const auto other = certs::Authority::make("Another exchange", world.exchange.now.wall);
  std::ofstream(world.authority / "signed" / "leeds.crt") << other.certificate().pem();
  world.look();
  CHECK(fs::exists(world.authority / "refused" / "leeds.crt"));
}

TEST_CASE("an answer of the authority that is half copied is taken when it is whole", "[broker]") {
  Waiting world;
  world.look();
  const auto now = world.exchange.now.wall;
  const auto& authority = world.exchange.authority;
  const auto der = authority.revoke(authority.first_list(now), {}, now).value().der();
  const std::string list{as_text(der)};
  const auto signed_file = world.authority / "signed" / "next.crl";
  for (const std::size_t copied : {std::size_t{0}, std::size_t{1}, list.size() / 2}) {
    std::ofstream(signed_file, std::ios::binary) << list.substr(0, copied);
    world.look();
    CHECK(fs::exists(signed_file));
    REQUIRE(world.offline.not_read().size() == 1);
    CHECK(world.offline.not_read().front().rfind("next.crl (", 0) == 0);
  }
  std::ofstream(signed_file, std::ios::binary) << list;
  world.look();
  CHECK(fs::exists(world.authority / "done" / "next.crl"));
  CHECK(world.offline.not_read().empty());
}

TEST_CASE("a certificate is not taken before its last line is there", "[broker]") {
  Waiting world;
  world.look();
  const auto pem = world.exchange.authority.certificate().pem();
  const auto signed_file = world.authority / "signed" / "leeds.pem";
  std::ofstream(signed_file) << pem.substr(0, pem.find("-----END"));
  world.look();
  CHECK(fs::exists(signed_file));
  CHECK(world.offline.not_read().size() == 1);
  CHECK_THAT(world.offline.with_not_read(R"({"ok":{}})"), Catch::Contains("leeds.pem ("));
  CHECK(world.offline.with_not_read(R"({"error":"no"})") == R"({"error":"no"})");
}

TEST_CASE("a file that the broker cannot read is named, and holds up no other", "[broker]") {
  Waiting world;
  world.look();
  const auto too_long = world.authority / "signed" / "a.pem";
  std::ofstream(too_long).close();
  fs::resize_file(too_long, 17 << 20);
  std::ofstream(world.authority / "signed" / "b.pem")
      << world.exchange.authority.certificate().pem();
  world.look();
  CHECK(fs::exists(too_long));
  CHECK_FALSE(fs::exists(world.authority / "signed" / "b.pem"));
  REQUIRE(world.offline.not_read().size() == 1);
  CHECK_THAT(world.offline.not_read().front(), Catch::Contains("over 16 MiB"));
  world.look();
  CHECK(world.offline.not_read().size() == 1);
  fs::remove(too_long);
  world.look();
  CHECK(world.offline.not_read().empty());
}

TEST_CASE("a file is named in `status` whatever its name is made of", "[broker]") {
  Waiting world;
  world.look();
  const auto latin = world.authority / "signed" / "K\xF6ln.pem";
  std::ofstream(latin) << "half";
  world.look();
  CHECK_THAT(world.offline.with_not_read(R"({"ok":{}})"), Catch::Contains("ln.pem ("));
  fs::remove(latin);
  world.look();
  CHECK(world.offline.not_read().empty());
}

TEST_CASE("a directory that cannot be used ends no exchange", "[broker]") {
  Waiting world;
  std::ofstream(world.authority) << "a file in its place";
  world.look();
  fs::remove(world.authority);
  world.look();
  CHECK(fs::is_directory(world.authority / "signed"));
}
