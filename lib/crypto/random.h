#pragma once

#include "base/entropy.h"

namespace liaison::crypto {

/// The system's randomness (OpenSSL's generator). Ends the process if it fails.
class SystemEntropy final : public Entropy {
 public:
  void fill(std::span<std::uint8_t> out) override;
};

/// From here on every random octet that OpenSSL uses (keys, ECDSA nonces, content keys, IVs) is
/// drawn from `entropy`, for the whole process: the simulation's bytes then repeat for a seed.
/// nullptr gives the system's back. The caller keeps `entropy` alive and calls from one thread at a
/// time. For tests and the simulation only.
void use_entropy(Entropy* entropy);

}  // namespace liaison::crypto
