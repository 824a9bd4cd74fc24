#pragma once

#include "base/id.h"
#include "base/result.h"
#include "base/secret.h"

namespace liaison::net {

/// A CURVE key pair (X25519): the secret is 32 octets, as crypto's key files keep it.
struct CurvePair {
  CurveKey public_key;
  Secret secret_key;
};

/// A fresh pair from the system's randomness.
CurvePair generate_curve_pair();
/// The public key that belongs to a secret one. Malformed: not 32 octets.
Result<CurveKey> curve_public_of(const Secret& secret);

}  // namespace liaison::net
