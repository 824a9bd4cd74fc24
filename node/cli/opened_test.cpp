#include "node/cli/opened.h"

#include <catch2/catch.hpp>
#include <fstream>

#include "base/testing/temporary_directory.h"
#include "node/shell/join.h"
#include "node/shell/schema.h"
#include "store/database.h"

using namespace liaison;
using namespace liaison::node;

namespace {

struct Joining {
  Joining() { kind.program = "liaison-adviser"; }
  liaison::testing::TemporaryDirectory scratch;
  Kind kind;
};

}  // namespace

TEST_CASE("the empty store of a join that was killed is no node yet", "[node]") {
  Joining cut_short;
  const auto& directory = cut_short.scratch.path();
  REQUIRE_FALSE(check_joined(cut_short.kind, directory));
  std::ofstream(store_path(directory)).close();
  const auto joined = check_joined(cut_short.kind, directory);
  REQUIRE_FALSE(joined);
  CHECK(joined.error().reason == Reason::not_found);
  CHECK_THAT(joined.error().text, Catch::Contains("liaison-adviser join --dir"));
}

TEST_CASE("of a join that was killed before it made keys no passphrase is asked", "[node]") {
  Joining cut_short;
  const auto& directory = cut_short.scratch.path();
  {
    store::Options options;
    options.path = store_path(directory).string();
    const store::Database made(options, schema());
  }
  const auto opened = open_node(cut_short.kind, directory);
  REQUIRE_FALSE(opened);
  CHECK_THAT(opened.error().text, Catch::Contains("joining is not complete"));
}
