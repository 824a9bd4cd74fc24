#pragma once

#include <string>
#include <vector>

#include "crypto/certificate.h"
#include "crypto/der.h"

/// X.509 pieces that certificates, requests and revocation lists share, over our own DER.
namespace liaison::crypto {

/// SEQUENCE { to be signed, ecdsa-with-SHA256, BIT STRING signature }: all three have this shape.
struct SignedObject {
  ByteView signed_part;  ///< the whole element, as it was signed
  der::Reader inside;    ///< what is in it
  ByteView signature;
};
std::optional<SignedObject> read_signed_object(ByteView der);
/// One with a signature that is there already.
Bytes signed_object(ByteView signed_part, ByteView signature);
Bytes make_signed_object(ByteView signed_part, const PrivateKey& key);
/// One that is a certificate: signed until the signature is low (crypto/signature.h).
Bytes make_signed_certificate(ByteView signed_part, const PrivateKey& key);

struct Extension {
  ByteView oid;  ///< with tag and length
  bool critical = false;
  ByteView value;
};
/// Reads SEQUENCE OF Extension to the end of `reader`; nothing if one occurs twice or there are
/// over 16.
std::optional<std::vector<Extension>> read_extensions(der::Reader reader);
const Extension* find_extension(const std::vector<Extension>& extensions, ByteView oid);

enum class Critical { no, yes };
Bytes extension(ByteView oid, Critical critical, std::initializer_list<ByteView> value);

/// Name of RDNs with one UTF8String each, in this order.
struct NamePart {
  ByteView oid;
  std::string_view text;
};
Bytes name(std::initializer_list<NamePart> parts);
/// The texts of a name that has exactly these types, in this order.
std::optional<std::vector<std::string>> read_name(ByteView whole,
                                                  std::initializer_list<ByteView> oids);

/// GeneralNames of URIs, and back.
Bytes uris(std::initializer_list<std::string_view> list);
std::optional<std::vector<std::string>> read_uris(ByteView value);

/// Subject key identifier: the first 20 octets of SHA-256 of the point (RFC 7093, 2, method 1).
Bytes key_id_of(const PublicKey& key);
/// The extensions' values.
Bytes subject_key_id_extension(ByteView key_id);
Bytes authority_key_id_extension(ByteView key_id);

struct Certificate::Parts {
  Bytes der;
  Fingerprint fingerprint;
  Serial serial;
  Bytes serial_integer;  ///< as INTEGER, as in a CMS signer identifier
  Instant not_before;
  Instant not_after;
  PublicKey key;
  Bytes subject;
  Bytes issuer;
  Bytes key_id;
  ByteView signed_part;  ///< these point into `der`
  ByteView signature;
  ByteView extension_list;  ///< what is inside the SEQUENCE OF Extension
  std::vector<Extension> extensions;
};

/// What a new certificate is to say.
struct CertificateParts {
  ByteView issuer;
  Instant not_before;
  Instant not_after;
  ByteView subject;
  ByteView spki;
  ByteView extension_list;
};
/// A certificate with a random serial of 16 octets.
Certificate make_certificate(const CertificateParts& parts, const PrivateKey& issuer_key);

}  // namespace liaison::crypto
