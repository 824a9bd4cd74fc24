#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"

namespace liaison::crypto {

/// RFC 7468 text of one block, 64 characters a line.
std::string to_pem(std::string_view label, ByteView der);
/// The octets of the one block of this label; only white space may stand around it. `bytes_max`
/// bounds them.
Result<Bytes> from_pem(std::string_view label, std::string_view text, std::size_t bytes_max);

}  // namespace liaison::crypto
