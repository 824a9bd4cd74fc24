#include "node/shell/keys.h"

#include "crypto/digest.h"

namespace liaison::node {

std::string signing_key_name(const crypto::PublicKey& key) {
  return "signing-" + crypto::sha256(key.spki()).text().substr(0, 32);
}

std::string sealing_key_name(const Fingerprint& certificate) {
  return std::string(sealing_key_prefix) + certificate.text();
}

}  // namespace liaison::node
