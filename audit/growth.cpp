#include "audit/growth.h"

#include <algorithm>
#include <bit>
#include <functional>

namespace liaison::audit {
namespace {

struct Prover {
  std::uint64_t from;
  const std::vector<std::uint64_t>& wanted;
  const SubtreeRoot& subtree;
  std::vector<Digest> hashes;

  [[nodiscard]] bool wants_of(std::uint64_t begin, std::uint64_t end) const {
    const auto next = std::lower_bound(wanted.begin(), wanted.end(), begin);
    return next != wanted.end() && *next < end;
  }
  /// The complete subtree over 2^height entries from `begin` on; `within`: it lies in a larger one
  /// whose root is known.
  Result<void> visit(std::uint64_t begin, unsigned height, bool within = false) {
    const auto end = begin + (std::uint64_t{1} << height);
    const bool wants = wants_of(begin, end);
    const bool is_known = end <= from && !within;
    if (wants ? height == 0 : is_known) return {};
    if (!wants && (within || begin >= from)) {
      const auto root = subtree(height, begin >> height);
      if (!root) return fail(root.error());
      hashes.push_back(*root);
      return {};
    }
    within = within || is_known;
    if (const auto left = visit(begin, height - 1, within); !left) return left;
    return visit(begin + (std::uint64_t{1} << (height - 1)), height - 1, within);
  }
};

}  // namespace

Result<std::vector<Digest>> prove_growth(std::uint64_t from, std::uint64_t to,
                                         const std::vector<std::uint64_t>& wanted,
                                         const SubtreeRoot& subtree) {
  const bool is_ordered =
      std::adjacent_find(wanted.begin(), wanted.end(), std::greater_equal<>()) == wanted.end();
  if (from > to || !is_ordered || (!wanted.empty() && wanted.back() >= to))
    return fail(Reason::malformed, "that growth is none, or has not these entries");
  Prover prover{from, wanted, subtree, {}};
  for (std::uint64_t begin = 0; begin < to;) {
    const auto width = std::bit_floor(to - begin);
    if (const auto good = prover.visit(begin, static_cast<unsigned>(std::countr_zero(width)));
        !good)
      return fail(good.error());
    begin += width;
  }
  return std::move(prover.hashes);
}

}  // namespace liaison::audit
