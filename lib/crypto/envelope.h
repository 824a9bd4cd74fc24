#pragma once

#include <optional>

#include "base/secret.h"
#include "crypto/certificate.h"
#include "crypto/gcm.h"

/// CMS AuthEnvelopedData in the one profile (docs/PROTOCOL.md, "Sealed letters"; RFC 5083, 5084,
/// 5753), built and opened over EVP: OpenSSL's CMS calls do not give the content key, take tags of
/// 4 and 8 octets, and default to a SHA-1 key derivation.
namespace liaison::crypto {

inline constexpr std::size_t content_key_bytes = 32;

/// An envelope whose form holds; nothing in it is believed. The views point into what was read.
struct Envelope {
  ByteView ephemeral;    ///< the sender's ephemeral point, 65 octets
  ByteView recipient;    ///< subject key identifier
  ByteView wrapped_key;  ///< 40 octets
  ByteView nonce;        ///< 12 octets
  ByteView ciphertext;
  ByteView tag;  ///< 16 octets
};

/// Nothing unless `der` has exactly the profile's form: strict DER; one recipient by ECDH with an
/// uncompressed P-256 point, SHA-256 key derivation and AES-256 key wrap, named by key identifier;
/// AES-256-GCM with a nonce of 12 and a tag of 16 octets; no attributes; nothing after it.
std::optional<Envelope> read_envelope(ByteView der);

struct MadeEnvelope {
  Bytes der;
  Commitment commitment;
  Secret content_key;
};
/// Encrypts `plain` under a fresh content key for the certificate's key.
MadeEnvelope make_envelope(ByteView plain, const Certificate& recipient);

/// The content key, by the recipient's private key. If the wrapping does not hold, a random key
/// comes back, so that the answer, and the time it takes, is that of a tag that does not hold.
Secret unwrap_content_key(const Envelope& envelope, const PrivateKey& recipient);

}  // namespace liaison::crypto
