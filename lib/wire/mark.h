#pragma once

#include <algorithm>
#include <array>

#include "base/id.h"

namespace liaison::wire {

/// Ids say whose they are, so that nobody can open a case that another opened, or get in first with
/// an event under an id that another used: the first 8 octets of an event's id are random, the last
/// 8 the mark of its author; a case's id bears the mark of the node that opened it, a referral's of
/// the office that requests it. decode_event() refuses an event whose id is not its author's, and a
/// request under a referral's id that is not. The mark is FNV-1a, 64 bit, big-endian, of the
/// node id. Two ids of one mark are easily computed, so the exchange refuses the second.
std::array<std::uint8_t, 8> mark_of(const NodeId& node);

/// `random` with the mark of `node`.
template <class Id>
Id marked(Id random, const NodeId& node) {
  auto mark = mark_of(node);
  std::copy(mark.begin(), mark.end(), random.octets.end() - mark.size());
  return random;
}
template <class Id>
bool bears_mark(const Id& id, const NodeId& node) {
  return marked(id, node) == id;
}

}  // namespace liaison::wire
