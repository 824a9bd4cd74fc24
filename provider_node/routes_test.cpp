#include "provider_node/routes.h"

#include <catch2/catch.hpp>

#include "node/cli/testing/program_checks.h"
#include "provider_node/commands.h"

using namespace liaison;

TEST_CASE("the API's description and the routes that are served are the same", "[provider]") {
  node::testing::check_description(provider_node::routes(), NodeRole::provider);
}

TEST_CASE("every command says what it does, with an example that begins with its own words",
          "[provider]") {
  const auto kind = provider_node::kind();
  node::testing::check_commands(kind, provider_node::commands(kind));
}
