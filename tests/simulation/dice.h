#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/check.h"
#include "base/entropy.h"

namespace liaison::simulation {

/// Chance from a seed (xoshiro256**): the same seed throws the same numbers on every machine.
class Dice {
 public:
  explicit Dice(std::uint64_t seed);
  std::uint64_t next();
  /// 0 to `sides` - 1.
  std::uint64_t below(std::uint64_t sides);
  /// `least` to `most`, both included.
  std::int64_t between(std::int64_t least, std::int64_t most);
  /// True in `permille` of a thousand throws.
  bool chance(std::uint64_t permille) { return below(1000) < permille; }
  template <class T>
  const T& pick(const std::vector<T>& from) {
    LIAISON_CHECK(!from.empty());
    return from[below(from.size())];
  }
  /// A stream of its own, so that more throws of one kind do not change those of another.
  Dice split() { return Dice(next()); }

 private:
  std::uint64_t state_[4];
};

/// What takes the place of the system's randomness, for our own ids and for OpenSSL.
class SeededEntropy final : public Entropy {
 public:
  explicit SeededEntropy(std::uint64_t seed) : dice_(seed) {}
  void fill(std::span<std::uint8_t> out) override;

 private:
  Dice dice_;
};

}  // namespace liaison::simulation
