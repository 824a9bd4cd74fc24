#pragma once

#include "base/bytes.h"

namespace liaison::crypto {

/// Whether it is the one form of a certificate's signature: the shortest DER of r and s, with s at
/// most half the order n of P-256's group.
///
/// ECDSA takes (r, s) and (r, n - s) alike (SEC 1, 4.1.4: the other sign of s gives the point of
/// the same x), so whoever sees a signature can write its twin, without any key. The twin of a
/// certificate would be a second one with the same content and another fingerprint, which nobody
/// had issued.
bool is_low(ByteView signature);

}  // namespace liaison::crypto
