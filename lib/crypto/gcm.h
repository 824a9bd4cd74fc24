#pragma once

#include "base/bytes.h"

namespace liaison::crypto {

inline constexpr std::size_t gcm_nonce_bytes = 12;
inline constexpr std::size_t gcm_tag_bytes = 16;

/// AES-256-GCM in one call. `out` is as long as `plain`, `tag` 16 octets.
void gcm_encrypt(ByteView key, ByteView nonce, ByteView aad, ByteView plain,
                 std::span<std::uint8_t> out, std::span<std::uint8_t> tag);
/// False if the tag does not hold; `out` has been wiped then.
bool gcm_decrypt(ByteView key, ByteView nonce, ByteView aad, ByteView sealed, ByteView tag,
                 std::span<std::uint8_t> out);

}  // namespace liaison::crypto
