#pragma once

#include <memory>
#include <optional>
#include <string>

#include "counters.h"
#include "world.h"

namespace liaison::simulation {

/// How a run came out.
struct Outcome {
  std::optional<int> invariant;  ///< the one that did not hold
  std::string text;
  std::uint64_t fingerprint = 0;  ///< of all that happened: equal for equal seeds
  Counters counters;
};

/// The whole story of one seed: the exchange is founded; people work while faults strike; days go
/// by; then all is put right, first but for one node, and everything must arrive.
Outcome run(const Plan& plan);

}  // namespace liaison::simulation
