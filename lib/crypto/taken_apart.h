#pragma once

#include "base/secret.h"

namespace liaison::crypto {

/// A sealed letter without its ciphertext, which is made again from the rest octet by octet: for
/// those who keep what stood in it anyway (docs/decisions/0018).
struct TakenApart {
  Bytes before;        ///< the sealed octets up to the ciphertext
  Bytes after;         ///< those behind it
  Secret content_key;  ///< 32 octets
  Secret plain;        ///< what was encrypted, without the zeros at its end
  std::uint32_t zeros = 0;
};
/// Untrusted if it is not of the profile's form, or the key does not open it. Whether the key is
/// the one that the sender committed to, and what is inside, is the caller's question.
Result<TakenApart> take_apart(ByteView sealed, Secret content_key);
/// The sealed octets. Untrusted if these parts are of no sealed letter: the tag does not follow.
Result<Bytes> put_together(const TakenApart& parts);

}  // namespace liaison::crypto
