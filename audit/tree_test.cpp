#include "audit/tree.h"

#include <catch2/catch.hpp>

#include "audit/proof.h"
#include "audit/testing/entries.h"

using namespace liaison;
using namespace liaison::audit;
using namespace liaison::audit::testing;

TEST_CASE("a tree that grows has the published roots at each size", "[audit]") {
  const auto roots = hashes({"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                             "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
                             "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
                             "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                             "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
                             "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
                             "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
                             "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"});
  Tree tree;
  CHECK(tree.root() == empty_root());
  std::size_t at = 0;
  for (const auto& entry : reference_entries()) {
    tree.append(leaf_hash(entry));
    CHECK(tree.size() == at + 1);
    CHECK(tree.root() == roots[at++]);
  }
}

TEST_CASE("a tree goes on from where it stood", "[audit]") {
  const auto entries = numbered_entries(70);
  Tree tree;
  for (const auto& entry : entries) {
    auto again = Tree::from(tree.size(), tree.subtrees());
    REQUIRE(again);
    tree.append(leaf_hash(entry));
    again->append(leaf_hash(entry));
    CHECK(again->root() == tree.root());
    CHECK(again->size() == tree.size());
  }
  CHECK(tree.root() == root_by_definition(entries));
  CHECK(Tree::from(3, {empty_root()}).error().reason == Reason::malformed);
}

TEST_CASE("inclusion is proved as published", "[audit]") {
  const auto entries = reference_entries();
  const auto subtrees = subtrees_of(entries);
  CHECK(prove_inclusion(0, 1, subtrees) == std::vector<Digest>{});
  CHECK(prove_inclusion(0, 8, subtrees) ==
        hashes({"96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"}));
  CHECK(prove_inclusion(5, 8, subtrees) ==
        hashes({"bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"}));
  CHECK(prove_inclusion(2, 3, subtrees) ==
        hashes({"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"}));
  CHECK(prove_inclusion(1, 5, subtrees) ==
        hashes({"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"}));
  CHECK(prove_inclusion(8, 8, subtrees).error().reason == Reason::not_found);
}

TEST_CASE("consistency is proved as published", "[audit]") {
  const auto entries = reference_entries();
  const auto subtrees = subtrees_of(entries);
  CHECK(prove_consistency(1, 1, subtrees) == std::vector<Digest>{});
  CHECK(prove_consistency(1, 8, subtrees) ==
        hashes({"96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"}));
  CHECK(prove_consistency(6, 8, subtrees) ==
        hashes({"0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"}));
  CHECK(prove_consistency(2, 5, subtrees) ==
        hashes({"5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"}));
  CHECK(prove_consistency(0, 5, subtrees).error().reason == Reason::malformed);
  CHECK(prove_consistency(6, 5, subtrees).error().reason == Reason::malformed);
}

TEST_CASE("a proof is not made of what cannot be read", "[audit]") {
  const auto entries = numbered_entries(9);
  const auto some = subtrees_of(std::span(entries).first(6));
  CHECK(prove_inclusion(0, 9, some).error().reason == Reason::not_found);
  CHECK(prove_consistency(4, 9, some).error().reason == Reason::not_found);
}
