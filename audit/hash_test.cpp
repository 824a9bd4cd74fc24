#include "audit/hash.h"

#include <catch2/catch.hpp>

using namespace liaison;
using namespace liaison::audit;

TEST_CASE("leaves and nodes are hashed apart, as RFC 6962 has it", "[audit]") {
  CHECK(empty_root().text() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(leaf_hash({}).text() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
  const Bytes zero{0};
  CHECK(node_hash(leaf_hash({}), leaf_hash(zero)).text() ==
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125");
}
