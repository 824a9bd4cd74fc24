#pragma once

#include <cstdint>
#include <span>

namespace liaison {

/// Where random octets come from: the system (crypto/random.h) or, in the simulation, a seed.
class Entropy {
 public:
  virtual ~Entropy() = default;
  virtual void fill(std::span<std::uint8_t> out) = 0;

  /// A fresh value of a fixed-size type: `entropy.fresh<LetterId>()`.
  template <class T>
  T fresh() {
    T out;
    fill(out.octets);
    return out;
  }
};

}  // namespace liaison
