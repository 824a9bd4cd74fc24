#pragma once

#include <compare>
#include <cstdint>
#include <functional>

#include "base/connection_id.h"
#include "base/id.h"

namespace liaison::broker {

/// A node's place in the order in which nodes were first admitted, from 0. The same at every start,
/// because the registry's order is.
struct NodeNumber {
  std::uint32_t value = 0;
  friend auto operator<=>(const NodeNumber&, const NodeNumber&) = default;
  friend bool operator==(const NodeNumber&, const NodeNumber&) = default;
};

/// Where a thing stands in the order in which the broker kept letters and reports, from 1. One
/// count for all mailboxes, so that it goes up within each.
using Sequence = std::uint64_t;
/// Index of an entry of the message log, from 0.
using Leaf = std::uint64_t;

}  // namespace liaison::broker

template <>
struct std::hash<liaison::broker::NodeNumber> {
  std::size_t operator()(const liaison::broker::NodeNumber& number) const noexcept {
    return number.value;
  }
};
