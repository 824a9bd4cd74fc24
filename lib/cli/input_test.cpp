#include "cli/input.h"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "base/testing/temporary_directory.h"

using namespace liaison;
using namespace liaison::cli;

TEST_CASE("a private line is kept for its owner alone and read back", "[cli]") {
  const liaison::testing::TemporaryDirectory scratch;
  const auto path = scratch.file("token");
  write_private_line(path, "first");
  write_private_line(path, "second");
  CHECK(read_private_line(path).value() == "second");
  struct stat status {};
  REQUIRE(stat(path.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  REQUIRE(chmod(path.c_str(), 0644) == 0);
  CHECK(read_private_line(path).error().reason == Reason::forbidden);
}

TEST_CASE("a private file takes the place of what was there, or of nothing", "[cli]") {
  const liaison::testing::TemporaryDirectory scratch;
  const auto path = scratch.file("letter.pdf");
  SECTION("a link is replaced, and what it led to stays") {
    std::ofstream(scratch.file("elsewhere")) << "kept";
    REQUIRE(symlink(scratch.file("elsewhere").c_str(), path.c_str()) == 0);
    const std::string octets("a\0\xff\n", 4);
    write_private(path, octets);
    CHECK(read_input(path, 10).value() == octets);
    CHECK(read_input(scratch.file("elsewhere"), 10).value() == "kept");
    struct stat status {};
    REQUIRE(lstat(path.c_str(), &status) == 0);
    CHECK(S_ISREG(status.st_mode));
    CHECK((status.st_mode & 0777) == 0600);
  }
  SECTION("what cannot be written leaves nothing beside it") {
    REQUIRE(mkdir(path.c_str(), 0700) == 0);
    CHECK_THROWS_AS(write_private(path, "letter"), std::runtime_error);
    CHECK(access((path + ".new").c_str(), F_OK) != 0);
  }
}

TEST_CASE("a file that is missing, empty or too large is named in one line", "[cli]") {
  const liaison::testing::TemporaryDirectory scratch;
  CHECK(read_input(scratch.file("none"), 10).error().text.find("cannot read ") == 0);
  CHECK(read_private_line(scratch.file("none")).error().reason == Reason::not_found);
  std::ofstream(scratch.file("big")) << "12345678901";
  CHECK(read_input(scratch.file("big"), 10).error().reason == Reason::too_large);
  CHECK(read_input(scratch.file("big"), 11).value() == "12345678901");
  CHECK_FALSE(read_input(scratch.path().string(), 10));
  CHECK_THROWS_AS(write_private_line(scratch.file("no/such/place"), "x"), std::runtime_error);
}
