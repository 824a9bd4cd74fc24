#include "audit/follower.h"

#include <catch2/catch.hpp>

#include "audit/growth.h"
#include "audit/proof.h"
#include "audit/testing/entries.h"

using namespace liaison;
using namespace liaison::audit;
using namespace liaison::audit::testing;

namespace {

constexpr std::uint64_t largest = 21;

struct Log {
  std::vector<Bytes> entries = numbered_entries(largest);
  SubtreeRoot subtrees = subtrees_of(entries);

  [[nodiscard]] Digest root(std::uint64_t size) const {
    return root_by_definition(std::span(entries).first(size));
  }
  [[nodiscard]] Follower follower(std::uint64_t size) const {
    Tree tree;
    for (std::uint64_t i = 0; i < size; ++i)
      tree.append(leaf_hash(entries[i]));
    return Follower::from(size, tree.subtrees()).value();
  }
  [[nodiscard]] std::map<std::uint64_t, Digest> leaves(
      const std::vector<std::uint64_t>& wanted) const {
    std::map<std::uint64_t, Digest> out;
    for (const auto each : wanted)
      out.emplace(each, leaf_hash(entries[each]));
    return out;
  }
};

/// Of the entries from `from` on: none, or each first, second, third ... of them.
std::vector<std::uint64_t> some(std::uint64_t from, std::uint64_t to, std::uint64_t each) {
  std::vector<std::uint64_t> out;
  for (auto i = from; each != 0 && i < to; i += each)
    out.push_back(i);
  return out;
}

}  // namespace

TEST_CASE("a log is followed from each size to each other, with some of its entries", "[audit]") {
  const Log log;
  for (std::uint64_t from = 0; from <= largest; ++from)
    for (auto to = from; to <= largest; ++to)
      for (std::uint64_t each = 0; each < 10; ++each) {
        // Of those that came, and then of those that were there before as well.
        const auto wanted = each < 5 ? some(from, to, each) : some(each % 3, to, each - 4);
        const auto proof = prove_growth(from, to, wanted, log.subtrees).value();
        auto follower = log.follower(from);
        INFO(from << " to " << to << ", " << wanted.size() << " of them");
        const auto proofs = follower.follow(to, log.root(to), log.leaves(wanted), proof).value();
        REQUIRE(follower.size() == to);
        REQUIRE(follower.subtrees() == log.follower(to).subtrees());
        REQUIRE(follower.root() == log.root(to));
        REQUIRE(proofs.size() == wanted.size());
        for (const auto& [index, hashes] : proofs)
          REQUIRE(check_inclusion(leaf_hash(log.entries[index]), index, to, hashes, log.root(to)));
      }
}

TEST_CASE("entries that lie together share their proof", "[audit]") {
  const Log log;
  std::vector<std::uint64_t> all;
  for (std::uint64_t i = 5; i < largest; ++i)
    all.push_back(i);
  CHECK(prove_growth(5, largest, all, log.subtrees)->empty());
  CHECK(prove_growth(0, 16, {}, log.subtrees)->size() == 1);
  CHECK(prove_growth(16, 16, {}, log.subtrees)->empty());
}

TEST_CASE("what was altered is not followed, and nothing changes", "[audit]") {
  const Log log;
  const std::vector<std::uint64_t> wanted{2, 7, 11, 12};
  const auto good = prove_growth(6, 19, wanted, log.subtrees).value();
  const auto refuses = [&](std::uint64_t to, const Digest& root,
                           const std::map<std::uint64_t, Digest>& leaves,
                           const std::vector<Digest>& proof) {
    auto follower = log.follower(6);
    const bool refused = !follower.follow(to, root, leaves, proof);
    return refused && follower.size() == 6 && follower.root() == log.root(6);
  };
  const auto leaves = log.leaves(wanted);
  REQUIRE_FALSE(refuses(19, log.root(19), leaves, good));
  CHECK(refuses(19, log.root(18), leaves, good));
  CHECK(refuses(18, log.root(18), leaves, good));
  CHECK(refuses(5, log.root(5), {}, {}));
  for (std::size_t i = 0; i < good.size(); ++i) {
    auto proof = good;
    proof[i].octets[0] ^= 1;
    CHECK(refuses(19, log.root(19), leaves, proof));
    proof.erase(proof.begin() + static_cast<std::ptrdiff_t>(i));
    CHECK(refuses(19, log.root(19), leaves, proof));
  }
  auto longer = good;
  longer.push_back(good.front());
  CHECK(refuses(19, log.root(19), leaves, longer));
  auto others = leaves;
  others[11].octets[0] ^= 1;
  CHECK(refuses(19, log.root(19), others, good));
  others = leaves;
  others.erase(7);
  CHECK(refuses(19, log.root(19), others, good));
  others = leaves;
  others[2].octets[0] ^= 1;
  CHECK(refuses(19, log.root(19), others, good));
  // Another entry than the proof is for, or one that is not there yet, is not shown by this.
  others = leaves;
  others.emplace(3, leaf_hash(log.entries[3]));
  CHECK(refuses(19, log.root(19), others, good));
  others = leaves;
  others.emplace(20, leaf_hash(log.entries[20]));
  CHECK(refuses(19, log.root(19), others, good));
  // A past that was rewritten.
  auto entries = log.entries;
  entries[3].push_back('!');
  const auto proof = prove_growth(6, 19, wanted, subtrees_of(entries)).value();
  CHECK(refuses(19, root_by_definition(std::span(entries).first(19)), leaves, proof));
}

TEST_CASE("a growth that is none is not proved", "[audit]") {
  const Log log;
  CHECK(prove_growth(6, 5, {}, log.subtrees).error().reason == Reason::malformed);
  CHECK(prove_growth(6, 9, {9}, log.subtrees).error().reason == Reason::malformed);
  CHECK(prove_growth(6, 9, {8, 7}, log.subtrees).error().reason == Reason::malformed);
  CHECK(prove_growth(6, 9, {7, 7}, log.subtrees).error().reason == Reason::malformed);
  CHECK(Follower::from(7, {empty_root()}).error().reason == Reason::malformed);
}
