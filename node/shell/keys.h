#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "crypto/certificate.h"
#include "crypto/key_vault.h"

/// Names under which a node's private keys lie in its vault.
namespace liaison::node {

inline constexpr const char* joining_key = "joining";  ///< the signing key that joining asked with
inline constexpr const char* renewal_key =
    "renewal";  ///< the next signing key, while it is asked for
inline constexpr const char* curve_key = "curve";
inline constexpr const char* witness_key = "witness";
/// In the store's meta: the witness key that the store knows everything of which was signed by it.
/// Not there after a restore, or when the store was lost: then that key signs nothing more.
inline constexpr const char* witness_meta = "witness";
inline constexpr const char* store_key = "store";  ///< wraps every case's key

/// "signing-" and the beginning of the SHA-256 of the public key, so that a certificate finds its
/// key and a renewal replaces nothing before it is kept.
std::string signing_key_name(const crypto::PublicKey& key);
/// "sealing-" and the certificate's fingerprint.
std::string sealing_key_name(const Fingerprint& certificate);
inline constexpr std::string_view sealing_key_prefix = "sealing-";

struct SealingPair {
  crypto::PrivateKey key;
  crypto::Certificate certificate;
};

}  // namespace liaison::node
