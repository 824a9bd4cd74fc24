#include "node/shell/log_store.h"

#include <catch2/catch.hpp>

#include "base/testing/temporary_directory.h"
#include "node/shell/schema.h"

using namespace liaison;
using namespace liaison::node;

namespace {

struct Fixture {
  liaison::testing::TemporaryDirectory directory;
  store::Database database{store::Options{.path = directory.file("node.db")}, schema()};
  Sql sql{database};
  LogStore store{sql};
  LetterId letter;
  Instant at = from_ms(1'800'000'000'000);

  bool place(std::uint64_t epoch, std::uint64_t leaf) {
    return store.keep_place({letter, epoch, leaf, Bytes{static_cast<std::uint8_t>(epoch)}, at});
  }
};

}  // namespace

TEST_CASE("the proof of before a restore stays until the restored log has one", "[node]") {
  Fixture fixture;
  auto& store = fixture.store;
  const auto& letter = fixture.letter;
  CHECK(fixture.place(1, 10));
  CHECK_FALSE(fixture.place(1, 11));
  store.keep_proof(letter, 1, 20, {Digest{}}, "first note");
  CHECK(store.proof(letter)->note == "first note");

  CHECK(fixture.place(2, 30));
  CHECK(store.place(letter)->epoch == 2);
  CHECK(store.place(letter)->leaf == 30);
  CHECK(store.unproved(1).empty());
  CHECK(store.unproved(2).size() == 1);
  REQUIRE(store.proof(letter));
  CHECK(store.proof(letter)->leaf == 10);
  CHECK(store.proof(letter)->entry == Bytes{1});
  CHECK(store.proof(letter)->note == "first note");
  CHECK(store.proved() == 1);

  store.keep_proof(letter, 2, 40, {}, "second note");
  CHECK(store.proof(letter)->leaf == 30);
  CHECK(store.proof(letter)->entry == Bytes{2});
  CHECK(store.proof(letter)->note == "second note");
  CHECK(store.proved() == 1);
  store.prune(fixture.at + std::chrono::hours(1));
  CHECK_FALSE(store.proof(letter));
}

TEST_CASE("others' checkpoints are kept for one epoch's logs", "[node]") {
  Fixture fixture;
  auto& store = fixture.store;
  const auto leeds = *NodeId::parse("jcp-leeds");
  store.keep_other(1, {wire::LogName::message, 5, leeds, "a note"});
  store.keep_other(1, {wire::LogName::registry, 5, leeds, "another"});
  store.keep_other(1, {wire::LogName::message, 5, leeds, "of the same size"});
  REQUIRE(store.others(1).size() == 2);
  CHECK(store.others(2).empty());
  store.drop_other(wire::LogName::registry, 5);
  REQUIRE(store.others(1).size() == 1);
  CHECK(store.others(1).front().note == "a note");
  CHECK(store.others(1).front().from == leeds);
  store.keep_other(2, {wire::LogName::message, 7, leeds, "newer"});
  CHECK(store.others(1).empty());
  CHECK(store.others(2).size() == 1);
}
