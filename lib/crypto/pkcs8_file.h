#pragma once

#include <string>
#include <string_view>

#include "base/secret.h"

/// One private key as the text of a key file: PKCS#8 PEM, plain or encrypted with PBES2 (scrypt N
/// 16384, r 8, p 1; AES-256-CBC), as `openssl pkey` reads and writes it. A line behind the block
/// names the SHA-256 of its octets: half of these keys are 32 octets of which any are a key, so
/// that nothing else shows that one was damaged.
namespace liaison::crypto {

/// What the first line of a key file says about the rest.
enum class KeyText { plain, encrypted, neither };
KeyText kind_of_key_text(std::string_view text);

/// `passphrase` null: plain.
Secret write_key_text(const Secret& pkcs8, const Secret* passphrase);
/// Malformed: not such a text, damaged; untrusted: another passphrase, or a damage that looks like
/// one.
Result<Secret> read_key_text(std::string_view text, const Secret* passphrase);

}  // namespace liaison::crypto
