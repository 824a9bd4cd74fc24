#pragma once

#include "base/id.h"
#include "base/secret.h"

namespace liaison::audit {

/// One letter as a party to it hands it to an auditor, of its own will: the octets that were sealed
/// and the key that opens them, and no other letter. What was logged of it (its digest, and the
/// commitment to the key) shows that it is the letter that was sent.
struct Disclosure {
  LetterId letter;
  Secret content_key;  ///< 32 octets
  Bytes sealed;
};

/// A disclosure of the largest letter.
inline constexpr std::size_t disclosure_bytes_max = 1u << 20;

/// The file: docs/PROTOCOL.md, section 10.
std::string encode(const Disclosure& disclosure);
/// What it gives, encode() writes again octet by octet. Malformed, or too_large before it is looked
/// at; of the letter nothing is believed.
Result<Disclosure> parse_disclosure(std::string_view text);

}  // namespace liaison::audit
