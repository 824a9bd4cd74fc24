#pragma once

#include "certs/authority.h"

namespace liaison::certs {

/// The statement by a node's previous signing key that the keys in the new certificate are its own
/// too: ECDSA over "liaison continuity 1" 00 || fingerprint of the previous certificate || SHA-256
/// of the new SubjectPublicKeyInfo || new CURVE key || new witness key. A registry entry carries
/// it, so that every peer can check by itself; a change without it waits for a person or 24 hours.
struct Continuity {
  Fingerprint previous;
  Bytes signature;
  friend bool operator==(const Continuity&, const Continuity&) = default;
};

/// A request for a certificate of fresh keys, with continuity.
struct Renewal {
  Bytes request;  ///< PKCS#10, signed by the new key
  Continuity continuity;
};

/// What a node sends to renew. `curve` and `witness` are those the new certificate is to name (new
/// or the same).
Renewal make_renewal(const NodeId& node, const crypto::PrivateKey& new_key, const CurveKey& curve,
                     const crypto::WitnessKey& witness, const crypto::PrivateKey& previous_key,
                     const crypto::Certificate& previous);

/// The authority's check: the request is whole, for the node of `previous`, with another key than
/// before, and signed by the previous key. That `previous` is the node's registered certificate and
/// not revoked is the caller's to know; it may have expired (a node that was away connects to do
/// nothing but renew).
Result<crypto::CertificateRequest> check_renewal(const Renewal& renewal,
                                                 const crypto::Certificate& previous);

/// A peer's check, later: `next` continues `previous`. Both have been checked against the
/// authority.
Result<void> check_continuity(const Continuity& continuity, const crypto::Certificate& previous,
                              const crypto::Certificate& next);

}  // namespace liaison::certs
