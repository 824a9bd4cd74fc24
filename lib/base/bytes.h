#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace liaison {

/// Owned octets.
using Bytes = std::vector<std::uint8_t>;
/// Borrowed octets; whoever passes one keeps what it points to alive for the call.
using ByteView = std::span<const std::uint8_t>;

/// The octets of `text`, borrowed.
ByteView as_bytes(std::string_view text);
/// `bytes` seen as characters, borrowed. Not checked to be UTF-8.
std::string_view as_text(ByteView bytes);
/// A copy of `bytes`.
Bytes copy_of(ByteView bytes);
bool equal(ByteView a, ByteView b);

/// Lower-case hexadecimal, two digits an octet.
std::string to_hex(ByteView bytes);
/// Reads what to_hex writes (either case). Malformed: odd length or another character.
Result<Bytes> from_hex(std::string_view text);

/// RFC 4648 base64 with padding.
std::string to_base64(ByteView bytes);
Result<Bytes> from_base64(std::string_view text);
/// RFC 4648 base64url without padding.
std::string to_base64url(ByteView bytes);
Result<Bytes> from_base64url(std::string_view text);

/// Whether `text` is well-formed UTF-8 (no surrogates, no overlong forms).
bool is_utf8(std::string_view text);

}  // namespace liaison
