#include "adviser_node/routes.h"

#include <catch2/catch.hpp>

#include "adviser_node/commands.h"
#include "node/cli/testing/program_checks.h"

using namespace liaison;

TEST_CASE("the API's description and the routes that are served are the same", "[adviser]") {
  node::testing::check_description(adviser_node::routes(), NodeRole::adviser);
}

TEST_CASE("every command says what it does, with an example that begins with its own words",
          "[adviser]") {
  const auto kind = adviser_node::kind();
  node::testing::check_commands(kind, adviser_node::commands(kind));
}
