#pragma once

#include "base/secret.h"

namespace liaison::crypto {

/// 32 random octets: a key for records.
Secret fresh_key();

/// AES-256-GCM under a 32-octet `key`: random 12-octet nonce, ciphertext, 16-octet tag. `aad` names
/// what the record is and where it belongs, so that one cannot be put in another's place. At most
/// 2^32 records under one key.
Bytes seal_record(const Secret& key, ByteView aad, ByteView plain);
/// Untrusted if key, aad or octets differ.
Result<Bytes> open_record(const Secret& key, ByteView aad, ByteView sealed);

}  // namespace liaison::crypto
