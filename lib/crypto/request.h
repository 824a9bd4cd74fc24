#pragma once

#include "crypto/certificate.h"

namespace liaison::crypto {

inline constexpr std::size_t request_bytes_max = 8 * 1024;

/// A PKCS#10 request for a signing certificate: names the node and its CURVE and witness keys;
/// signed by the new key, which proves that the asker has it. Organisation, role and capabilities
/// are the authority's to say, so a request has none.
struct CertificateRequest {
  Bytes der;
  NodeId node;
  CurveKey curve;
  WitnessKey witness;
  PublicKey public_key;

  static CertificateRequest make(const PrivateKey& key, const NodeId& node, const CurveKey& curve,
                                 const WitnessKey& witness);
  /// Reads strict DER of at most request_bytes_max octets and checks its signature. Malformed if it
  /// has not exactly the form that make() gives; untrusted if the signature does not hold.
  static Result<CertificateRequest> parse(ByteView der);
};

}  // namespace liaison::crypto
