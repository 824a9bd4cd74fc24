#include "vault_copy.h"

#include "base/check.h"
#include "node/shell/keys.h"

namespace liaison::simulation {

crypto::KeyVault copy_without_sealing_keys(const crypto::KeyVault& vault) {
  auto copy = crypto::KeyVault::in_memory();
  for (const auto& name : vault.names()) {
    if (name.rfind(node::sealing_key_prefix, 0) == 0) continue;
    if (const auto signing = vault.private_key(name)) {
      copy.keep(name, *signing);
    } else if (const auto witness = vault.ed25519(name)) {
      copy.keep(name, *witness);
    } else {
      // Secrets are kept as X25519 keys too.
      const auto curve = vault.curve(name);
      LIAISON_CHECK(curve.has_value());
      copy.keep(name, *curve);
    }
  }
  return copy;
}

}  // namespace liaison::simulation
