#pragma once

#include "base/id.h"
#include "base/time.h"

/// Values that tests of the cores share.
namespace liaison::node::testing {

inline const NodeId leeds = *NodeId::parse("jcp-leeds");
inline const NodeId able = *NodeId::parse("able-futures");
inline const NodeId acorn = *NodeId::parse("acorn-surgery");

/// So many hours after the tests' beginning, by both clocks.
inline Now at(std::int64_t hours) {
  return {from_ms(1'700'000'000'000) + std::chrono::hours(hours), std::chrono::hours(1000 + hours)};
}

template <class Id>
Id id_of(std::uint8_t number) {
  Id out;
  out.octets[0] = number;
  return out;
}

}  // namespace liaison::node::testing
