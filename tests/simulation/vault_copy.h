#pragma once

#include "crypto/key_vault.h"

namespace liaison::simulation {

/// What a backup holds of a node's keys: all but its sealing keys.
crypto::KeyVault copy_without_sealing_keys(const crypto::KeyVault& vault);

}  // namespace liaison::simulation
