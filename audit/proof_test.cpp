#include "audit/proof.h"

#include <catch2/catch.hpp>

#include "audit/testing/entries.h"

using namespace liaison;
using namespace liaison::audit;
using namespace liaison::audit::testing;

namespace {

constexpr std::size_t largest = 40;

struct Roots {
  std::vector<Bytes> entries = numbered_entries(largest);
  SubtreeRoot subtrees = subtrees_of(entries);
  [[nodiscard]] Digest at(std::size_t size) const {
    return root_by_definition(std::span(entries).first(size));
  }
};

Digest altered(Digest hash) {
  hash.octets[7] ^= 0x10;
  return hash;
}

}  // namespace

TEST_CASE("what a tree proves of its entries holds, of each in trees of each size", "[audit]") {
  const Roots roots;
  for (std::uint64_t size = 1; size <= largest; ++size)
    for (std::uint64_t index = 0; index < size; ++index) {
      const auto leaf = leaf_hash(roots.entries[index]);
      auto proof = prove_inclusion(index, size, roots.subtrees).value();
      INFO(index << " of " << size);
      REQUIRE(check_inclusion(leaf, index, size, proof, roots.at(size)));
      // And nothing else does.
      CHECK_FALSE(check_inclusion(altered(leaf), index, size, proof, roots.at(size)));
      CHECK_FALSE(check_inclusion(leaf, index, size, proof, altered(roots.at(size))));
      CHECK_FALSE(check_inclusion(leaf, index + 1, size, proof, roots.at(size)));
      CHECK_FALSE(check_inclusion(leaf, index, index, proof, roots.at(size)));
      for (auto& hash : proof) {
        const auto before = hash;
        hash = altered(hash);
        CHECK_FALSE(check_inclusion(leaf, index, size, proof, roots.at(size)));
        hash = before;
      }
      proof.push_back(leaf);
      CHECK_FALSE(check_inclusion(leaf, index, size, proof, roots.at(size)));
      proof.pop_back();
      if (proof.empty()) continue;
      proof.pop_back();
      CHECK_FALSE(check_inclusion(leaf, index, size, proof, roots.at(size)));
    }
}

TEST_CASE("what a tree proves of its past holds, between each two sizes", "[audit]") {
  const Roots roots;
  for (std::uint64_t to = 1; to <= largest; ++to)
    for (std::uint64_t from = 1; from <= to; ++from) {
      auto proof = prove_consistency(from, to, roots.subtrees).value();
      const auto old_root = roots.at(from);
      const auto new_root = roots.at(to);
      INFO(from << " to " << to);
      REQUIRE(check_consistency(from, old_root, to, new_root, proof));
      CHECK_FALSE(check_consistency(from, altered(old_root), to, new_root, proof));
      CHECK_FALSE(check_consistency(from, old_root, to, altered(new_root), proof));
      for (auto& hash : proof) {
        const auto before = hash;
        hash = altered(hash);
        CHECK_FALSE(check_consistency(from, old_root, to, new_root, proof));
        hash = before;
      }
      proof.push_back(old_root);
      CHECK_FALSE(check_consistency(from, old_root, to, new_root, proof));
      proof.pop_back();
      if (proof.empty()) continue;
      proof.pop_back();
      CHECK_FALSE(check_consistency(from, old_root, to, new_root, proof));
    }
}

TEST_CASE("from nothing, no consistency is shown", "[audit]") {
  const Roots roots;
  const auto no_entries = [&](std::uint64_t to) {
    return check_consistency(0, empty_root(), to, roots.at(to), {}).error().reason;
  };
  CHECK(no_entries(0) == Reason::malformed);
  CHECK(no_entries(5) == Reason::malformed);
  CHECK(check_consistency(6, roots.at(6), 5, roots.at(5), {}).error().reason == Reason::malformed);
}

TEST_CASE("sizes at the end of 64 bits are judged like others", "[audit]") {
  const Roots roots;
  constexpr auto last = ~std::uint64_t{0};
  const std::vector<Digest> proof(proof_hashes_max, roots.at(3));
  CHECK_FALSE(check_inclusion(roots.at(1), last - 1, last, proof, roots.at(2)));
  CHECK_FALSE(check_inclusion(roots.at(1), 0, last, proof, roots.at(2)));
  CHECK_FALSE(check_inclusion(roots.at(1), 0, last, {}, roots.at(1)));
  CHECK_FALSE(check_consistency(last - 1, roots.at(1), last, roots.at(2), proof));
  CHECK_FALSE(check_consistency(last, roots.at(1), last, roots.at(2), {}));
}

TEST_CASE("the root of entries one after the other is the tree's", "[audit]") {
  const Roots roots;
  RootOf root;
  CHECK(root.root() == empty_root());
  for (std::size_t size = 1; size <= largest; ++size) {
    root.add(leaf_hash(roots.entries[size - 1]));
    CHECK(root.size() == size);
    CHECK(root.root() == roots.at(size));
  }
}
