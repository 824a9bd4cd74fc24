#include "node/core/registry_replica.h"

#include <catch2/catch.hpp>

#include "node/core/testing/values.h"

using namespace liaison;
using namespace liaison::node;
using namespace liaison::node::testing;

TEST_CASE("the registry's copy is contiguous and of one epoch", "[node]") {
  RegistryReplica replica(1, 0);
  CHECK(replica.welcomed(1, 3) == RegistryReplica::Welcomed{false, wire::Since{0}, false});
  wire::Entries entries;
  entries.first = 0;
  entries.size = 3;
  entries.entries.resize(2);
  CHECK(replica.entries(entries) == EntriesDecision{0, 2, 0, wire::Since{2}, false});
  entries.first = 1;
  CHECK(replica.entries(entries) == EntriesDecision{1, 1, 2, std::nullopt, true});
  entries.first = 5;
  entries.size = 7;
  CHECK(replica.is_current());
  CHECK(replica.entries(entries) == EntriesDecision{0, 0, 0, wire::Since{3}, false});
  CHECK_FALSE(replica.is_current());  // what is missing may say who was shut out
  CHECK(replica.welcomed(2, 3) == RegistryReplica::Welcomed{true, wire::Since{0}, false});
  CHECK(replica.size() == 0);
}

TEST_CASE("a node that is told only that there is more asks for it", "[node]") {
  RegistryReplica replica(1, 3);
  CHECK(replica.welcomed(1, 3) == RegistryReplica::Welcomed{false, std::nullopt, true});
  wire::Entries more;
  more.first = 3;
  more.size = 9;
  CHECK(replica.entries(more) == EntriesDecision{0, 0, 3, wire::Since{3}, false});
  CHECK_FALSE(replica.is_current());
}

TEST_CASE("a broker that has less than it said is taken for a restored one", "[node]") {
  RegistryReplica replica(1, 10);
  CHECK(replica.welcomed(1, 4) == RegistryReplica::Welcomed{true, wire::Since{0}, false});
}

TEST_CASE("a copy that contradicts itself comes again from its beginning", "[node]") {
  RegistryReplica replica(1, 0);
  (void)replica.welcomed(1, 3);
  wire::Entries entries;
  entries.size = 3;
  entries.entries.resize(3);
  REQUIRE(replica.entries(entries).complete);
  replica.forget();
  CHECK_FALSE(replica.is_current());
  CHECK(replica.welcomed(1, 3) == RegistryReplica::Welcomed{false, wire::Since{0}, false});
  CHECK(replica.entries(entries) == EntriesDecision{0, 3, 0, std::nullopt, true});
}
