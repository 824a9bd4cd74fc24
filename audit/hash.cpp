#include "audit/hash.h"

#include "crypto/digest.h"

namespace liaison::audit {
namespace {
constexpr std::uint8_t of_leaf[] = {0};
constexpr std::uint8_t of_node[] = {1};
}  // namespace

Digest leaf_hash(ByteView entry) {
  return crypto::sha256({of_leaf, entry});
}

Digest node_hash(const Digest& left, const Digest& right) {
  return crypto::sha256({of_node, left.view(), right.view()});
}

Digest empty_root() {
  return crypto::sha256(ByteView{});
}

}  // namespace liaison::audit
