#pragma once

#include <initializer_list>
#include <memory>

#include "base/id.h"

namespace liaison::crypto {

Digest sha256(ByteView bytes);
/// SHA-256 of the parts, one after the other, nothing between them.
Digest sha256(std::initializer_list<ByteView> parts);

/// SHA-256 of what comes in pieces.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;
  void add(ByteView bytes);
  /// The digest of all that was added; starts afresh.
  Digest finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// HMAC-SHA-256.
Digest hmac_sha256(ByteView key, ByteView message);

/// Compares without telling by its time where the two differ. Lengths are not secret.
bool constant_time_equal(ByteView a, ByteView b);

}  // namespace liaison::crypto
