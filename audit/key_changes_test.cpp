#include "audit/key_changes.h"

#include <catch2/catch.hpp>

using namespace liaison;
using namespace liaison::audit;

namespace {

struct Exchange {
  Fingerprint authority{{7}};
  std::vector<crypto::Ed25519Key> keys;
  KeyChanges changes{authority};

  Exchange() {
    for (int count = 0; count < 4; ++count)
      keys.push_back(crypto::Ed25519Key::generate());
  }
  [[nodiscard]] wire::LogKey change(std::size_t from, std::size_t to, std::uint64_t epoch) const {
    return changes.make(keys[from], keys[to].public_key(), epoch);
  }
  [[nodiscard]] std::vector<crypto::WitnessKey> publics(std::vector<std::size_t> which) const {
    std::vector<crypto::WitnessKey> out;
    for (const auto each : which)
      out.push_back(keys[each].public_key());
    return out;
  }
};

}  // namespace

TEST_CASE("whoever knows one key of a log knows those that follow and those before", "[audit]") {
  Exchange made;
  CHECK_FALSE(made.changes.current());
  CHECK_FALSE(made.changes.has_one_of(made.publics({0, 1, 2, 3})));
  REQUIRE(made.changes.add(made.change(0, 1, 1), 5));
  REQUIRE(made.changes.add(made.change(1, 2, 5), 5));
  CHECK(made.changes.keys() == made.publics({0, 1, 2}));
  CHECK(made.changes.current() == made.keys[2].public_key());
  for (const std::size_t known : {0, 1, 2})
    CHECK(made.changes.has_one_of(made.publics({known})));
  CHECK_FALSE(made.changes.has_one_of(made.publics({3})));
}

TEST_CASE("a change of key that the former key has not signed counts for nothing", "[audit]") {
  Exchange made;
  const auto good = made.change(0, 1, 1);
  std::vector<wire::LogKey> wrong(6, good);
  wrong[0].signature[5] ^= 1;
  wrong[1].number = 2;
  wrong[2].epoch = 2;
  wrong[3].former = {made.keys[2].public_key().octets};
  wrong[4].key = {made.keys[2].public_key().octets};
  wrong[5].signature = made.keys[1].sign(wire::signed_bytes_of(good, made.authority));
  for (const auto& each : wrong)
    CHECK(made.changes.add(each, 5).error().reason == Reason::untrusted);
  KeyChanges of_another(Fingerprint{{8}});
  CHECK(of_another.add(good, 5).error().reason == Reason::untrusted);
  CHECK(made.changes.all().empty());
  CHECK(made.changes.add(good, 5));
}

TEST_CASE("a change of key that does not follow the one before counts for nothing", "[audit]") {
  Exchange made;
  CHECK(made.changes.add(made.change(0, 0, 1), 1).error().reason == Reason::conflict);
  CHECK(made.changes.add(made.change(0, 1, 2), 1).error().reason == Reason::conflict);
  const auto first = made.change(0, 1, 3);
  REQUIRE(made.changes.add(first, 3));
  CHECK(made.changes.add(first, 3).error().reason == Reason::conflict);
  // By a key that was replaced: stolen, or of a broker that was restored.
  CHECK(made.changes.add(made.change(0, 2, 3), 3).error().reason == Reason::conflict);
  CHECK(made.changes.add(made.change(2, 3, 3), 3).error().reason == Reason::conflict);
  CHECK(made.changes.add(made.change(1, 0, 3), 3).error().reason == Reason::conflict);
  CHECK(made.changes.add(made.change(1, 2, 2), 3).error().reason == Reason::conflict);
  CHECK(made.changes.add(made.change(1, 2, 3), 3));
}
