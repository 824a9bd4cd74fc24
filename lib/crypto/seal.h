#pragma once

#include "base/secret.h"
#include "crypto/certificate.h"

namespace liaison::crypto {

/// A sealed letter, whole.
inline constexpr std::size_t sealed_bytes_max = 512 * 1024;
/// Content that always fits one, whatever its signer's certificate.
inline constexpr std::size_t content_bytes_max = 436 * 1024;

struct Sealed {
  Bytes der;
  Commitment commitment;
  Secret content_key;  ///< opens this letter and no other
};

/// Signs and encrypts `content` for one recipient, in the one profile (docs/PROTOCOL.md, "Sealed
/// letters"): CMS SignedData with the signer's certificate and the signing time (kept to the
/// second), padded with zeros to a size bucket, in CMS AuthEnvelopedData. `signer` is the key of
/// `signer_certificate`. Too large above content_bytes_max. About 0.2 ms for 1 KiB.
Result<Sealed> seal(ByteView content, const PrivateKey& signer,
                    const Certificate& signer_certificate, const Certificate& recipient_sealing,
                    Instant signing_time);

struct Opened {
  Bytes content;
  Certificate signer;  ///< its key signed the content; whose it is and whether it holds is the
                       ///< caller's question
  Instant signed_at;   ///< what the signer claims, to the second
  Secret content_key;  ///< opens this letter and no other
};

/// Opens what seal() or another maker within the profile made for `sealing_certificate`. Everything
/// that fails is Reason::untrusted with one text, be it form, key, tag, commitment, padding or
/// signature, so that a sender learns nothing from the difference. The caller then checks the
/// signer's certificate (ChainCache, RevocationList, registry) and that id, sender and recipient in
/// the content agree with the letter's. `known`, if given, saves parsing the signer's certificate
/// again.
Result<Opened> open(ByteView sealed, const PrivateKey& sealing,
                    const Certificate& sealing_certificate, const Commitment& commitment,
                    CertificateCache* known = nullptr);

/// The same for who was handed the letter's content key alone, and knows from the message log to
/// which key its sender had committed. One that opens the octets to another text is untrusted.
Result<Opened> open_with(ByteView sealed, Secret content_key, const Commitment& commitment);

/// What the profile's padding makes of a SignedData of `size` octets.
std::size_t padded_size(std::size_t size);

/// SHA-256("liaison cek" || content key).
Commitment commitment_of(ByteView content_key);
/// The content key of a letter in the profile, by its recipient's key: for a maker without one of
/// our programs (openssl cms) to compute the commitment, and for disclosing one letter to an
/// auditor.
Result<Secret> content_key_of(ByteView sealed, const PrivateKey& sealing,
                              const Certificate& sealing_certificate);

}  // namespace liaison::crypto
