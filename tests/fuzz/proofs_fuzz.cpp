// Lists of hashes that are said to show that a log grew, or that an entry is in it. Sizes and
// places come from the first octets, hashes from the rest.
#include <algorithm>
#include <bit>

#include "audit/follower.h"
#include "audit/proof.h"
#include "base/check.h"

namespace {

using liaison::ByteView;
using liaison::Digest;

struct Input {
  ByteView rest;

  std::uint64_t number() {
    std::uint64_t out = 0;
    const auto count = std::min<std::size_t>(rest.size(), 8);
    for (std::size_t at = 0; at < count; ++at)
      out = out << 8 | rest[at];
    rest = rest.subspan(count);
    return out;
  }
  Digest hash() {
    std::array<std::uint8_t, Digest::size> octets{};
    const auto count = std::min(rest.size(), octets.size());
    std::copy_n(rest.begin(), count, octets.begin());
    rest = rest.subspan(count);
    return *Digest::from(octets);
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace liaison::audit;
  Input input{{data, size}};
  const auto from = input.number();
  const auto to = input.number();
  std::map<std::uint64_t, Digest> leaves;
  for (auto count = input.number() % 4; count > 0; --count)
    leaves.insert_or_assign(input.number(), input.hash());
  const auto root = input.hash();
  std::vector<Digest> subtrees;
  for (auto count = std::popcount(from); count > 0; --count)
    subtrees.push_back(input.hash());
  std::vector<Digest> proof;
  while (!input.rest.empty())
    proof.push_back(input.hash());

  auto follower = Follower::from(from, subtrees);
  LIAISON_CHECK(follower.has_value());
  const auto before = follower->root();
  if (const auto proofs = follower->follow(to, root, leaves, proof)) {
    LIAISON_CHECK(follower->size() == to && follower->root() == root);
    for (const auto& [index, leaf] : leaves)
      LIAISON_CHECK(check_inclusion(leaf, index, to, proofs->at(index), root));
  } else {
    LIAISON_CHECK(follower->size() == from && follower->root() == before);
  }
  (void)check_consistency(from, before, to, root, proof);
  for (const auto& [index, leaf] : leaves)
    (void)check_inclusion(leaf, index, to, proof, root);
  return 0;
}
