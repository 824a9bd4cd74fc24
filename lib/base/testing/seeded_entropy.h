#pragma once

#include <cstdint>

#include "base/entropy.h"

namespace liaison::testing {

/// Octets that repeat for a seed (SplitMix64): tests and the simulation. Nothing secret comes from
/// here.
class SeededEntropy final : public Entropy {
 public:
  explicit SeededEntropy(std::uint64_t seed) : state_(seed) {}

  void fill(std::span<std::uint8_t> out) override {
    for (auto& octet : out) {
      if (left_ == 0) {
        word_ = next();
        left_ = sizeof word_;
      }
      octet = static_cast<std::uint8_t>(word_);
      word_ >>= 8U;
      --left_;
    }
  }

  std::uint64_t next() {
    state_ += 0x9e3779b97f4a7c15U;
    std::uint64_t mixed = state_;
    mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9U;
    mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebU;
    return mixed ^ (mixed >> 31U);
  }

 private:
  std::uint64_t state_;
  std::uint64_t word_ = 0;
  unsigned left_ = 0;
};

}  // namespace liaison::testing
