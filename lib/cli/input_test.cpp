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
