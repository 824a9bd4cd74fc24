#pragma once

#include "base/secret.h"

/// AES-GCM does not commit to its key: ciphertexts that open under two.
namespace liaison::crypto::testing {

/// The tag of a ciphertext under a key.
Bytes tag_of(const Secret& key, ByteView nonce, ByteView ciphertext);
/// Changes the block at `index` so that the ciphertext has one tag under both keys.
void make_collision(const Secret& first, const Secret& second, ByteView nonce, Bytes& ciphertext,
                    std::size_t index);

}  // namespace liaison::crypto::testing
