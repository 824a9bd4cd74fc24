#include "audit/proof.h"

#include <optional>

#include "audit/hash.h"

namespace liaison::audit {
namespace {

tl::unexpected<Error> not_shown(const char* what) {
  return fail(Reason::untrusted, what);
}

/// A walk from a node to the root: its index at its level, and that of the level's last.
struct Climb {
  std::uint64_t at;
  std::uint64_t last;

  [[nodiscard]] bool is_at_root() const { return last == 0; }
  /// Goes up past the next sibling; whether that is on the left.
  bool passes_left() {
    const bool left = (at & 1) != 0 || at == last;
    // Levels where the last node has no sibling are passed over.
    while (left && (at & 1) == 0 && at != 0)
      up();
    up();
    return left;
  }
  void up() {
    at >>= 1;
    last >>= 1;
  }
};

}  // namespace

Result<void> check_inclusion(const Digest& leaf, std::uint64_t index, std::uint64_t size,
                             std::span<const Digest> proof, const Digest& root) {
  const auto wrong = not_shown("the proof does not show that the log has the entry there");
  if (index >= size) return wrong;
  Climb climb{index, size - 1};
  auto hash = leaf;
  for (const auto& sibling : proof) {
    if (climb.is_at_root()) return wrong;
    hash = climb.passes_left() ? node_hash(sibling, hash) : node_hash(hash, sibling);
  }
  if (!climb.is_at_root() || hash != root) return wrong;
  return {};
}

Result<void> check_consistency(std::uint64_t from, const Digest& from_root, std::uint64_t to,
                               const Digest& to_root, std::span<const Digest> proof) {
  const auto wrong = not_shown("the proof does not show that the log only grew");
  if (from == 0 || from > to)
    return fail(Reason::malformed, "from no entries, or more than there are, nothing is proved");
  if (from == to) {
    if (proof.empty() && from_root == to_root) return {};
    return wrong;
  }
  // A tree that is complete is a subtree of the larger one: its root is the first of the path.
  const bool is_complete = (from & (from - 1)) == 0;
  if (!is_complete && proof.empty()) return wrong;
  auto old_hash = is_complete ? from_root : proof.front();
  auto new_hash = old_hash;
  Climb climb{from - 1, to - 1};
  while ((climb.at & 1) != 0)
    climb.up();
  for (const auto& hash : proof.subspan(is_complete ? 0 : 1)) {
    if (climb.is_at_root()) return wrong;
    if (climb.passes_left()) {
      old_hash = node_hash(hash, old_hash);
      new_hash = node_hash(hash, new_hash);
    } else {
      new_hash = node_hash(new_hash, hash);
    }
  }
  if (!climb.is_at_root() || old_hash != from_root || new_hash != to_root) return wrong;
  return {};
}

void RootOf::add(const Digest& leaf) {
  stack_.push_back(leaf);
  // As many merges as the number of entries before has ones at its end.
  for (auto before = size_; (before & 1) != 0; before >>= 1) {
    const auto right = stack_.back();
    stack_.pop_back();
    stack_.back() = node_hash(stack_.back(), right);
  }
  ++size_;
}

Digest RootOf::root() const {
  std::optional<Digest> out;
  for (auto left = stack_.rbegin(); left != stack_.rend(); ++left)
    out = out ? node_hash(*left, *out) : *left;
  return out ? *out : empty_root();
}

}  // namespace liaison::audit
