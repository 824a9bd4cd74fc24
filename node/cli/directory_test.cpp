#include "node/cli/directory.h"

#include <catch2/catch.hpp>
#include <fstream>

#include "base/testing/temporary_directory.h"

using namespace liaison;
using namespace liaison::node;
namespace fs = std::filesystem;

namespace {

constexpr const char* of_a_daemon = R"({"node":"jcp-leeds","pid":1,"url":"http://127.0.0.1:1"})";

}  // namespace

TEST_CASE("what a killed daemon said of its desk is believed by nobody, and emptied", "[node]") {
  liaison::testing::TemporaryDirectory scratch;
  const auto& directory = scratch.path();
  std::ofstream(serving_path(directory)) << of_a_daemon;
  CHECK_FALSE(serving_url(directory));
  auto lock = take_directory(directory);
  CHECK_FALSE(serving_url(directory));
  CHECK(fs::file_size(serving_path(directory)) == 0);
  // Who has the directory serves from now on.
  std::ofstream(serving_path(directory)) << of_a_daemon;
  CHECK(serving_url(directory) == "http://127.0.0.1:1");
  CHECK_THROWS(take_directory(directory));
  CHECK(serving_url(directory) == "http://127.0.0.1:1");
  lock.reset();
  CHECK_FALSE(serving_url(directory));
}

TEST_CASE("the sign that a daemon was killed outlives those who take the directory", "[node]") {
  liaison::testing::TemporaryDirectory scratch;
  const auto& directory = scratch.path();
  take_directory(directory);
  CHECK_FALSE(fs::exists(serving_path(directory)));  // nobody was killed
  std::ofstream(serving_path(directory)) << of_a_daemon;
  take_directory(directory);
  take_directory(directory);
  CHECK(fs::exists(serving_path(directory)));
}
