#pragma once

#include "base/id.h"
#include "base/time.h"
#include "wire/frame.h"

namespace liaison::wire {

/// "signing_certificate": as logs and listings call it.
const char* name_of(EntryKind kind);

/// What the registry log has of an entry of the registry: not its body, which may be larger than
/// an entry of a log may be.
struct RegistryLeaf {
  EntryKind kind{};
  Instant at;   ///< the broker's clock
  Digest body;  ///< SHA-256
  friend bool operator==(const RegistryLeaf&, const RegistryLeaf&) = default;
};
/// "liaison registry 1" 00 || kind (16 bits) || at (ms, 64 bits) || body; numbers big-endian.
Bytes encode(const RegistryLeaf& leaf);
Result<RegistryLeaf> decode_registry_leaf(ByteView bytes);

}  // namespace liaison::wire
