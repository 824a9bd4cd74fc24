#pragma once

#include <optional>

#include "crypto/certificate.h"

/// CMS SignedData in the one profile (docs/PROTOCOL.md, "Sealed letters"; RFC 5652): one signer,
/// ECDSA P-256 with SHA-256, its certificate alone inside, the content inside.
namespace liaison::crypto {

/// A ContentInfo of SignedData over `content`.
Bytes make_signed_data(ByteView content, const PrivateKey& signer, const Certificate& certificate,
                       Instant signing_time);

/// What make_signed_data() adds to a content at most, given the certificate's size.
std::size_t signed_data_overhead_max(std::size_t certificate_size);

/// A SignedData whose form holds and whose digest and signature hold by the certificate inside;
/// whether that certificate is to be believed is another question.
struct VerifiedData {
  ByteView content;  ///< points into what was read
  Certificate signer;
  Instant signed_at;
};
/// Reads it from the front of `padded`; nothing unless all after it are zero octets.
std::optional<VerifiedData> verify_signed_data(ByteView padded, CertificateCache* known);

}  // namespace liaison::crypto
