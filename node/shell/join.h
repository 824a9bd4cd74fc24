#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/entropy.h"
#include "base/role.h"
#include "base/secret.h"
#include "certs/invitation.h"
#include "crypto/key_vault.h"
#include "wire/join.h"

namespace liaison::store {
class Database;
}

/// Joining an exchange: keys made here and never leaving, one request, one answer, repeatable.
namespace liaison::node {

/// The files of a node within its directory.
std::filesystem::path store_path(const std::filesystem::path& directory);  // DIR/node.db
std::filesystem::path keys_path(const std::filesystem::path& directory);   // DIR/keys
std::filesystem::path admin_path(const std::filesystem::path& directory);  // DIR/admin.sock

/// The request for `invitation`. Makes the keys that are missing in the vault (signing, CURVE,
/// witness, store) and keeps them first; the same vault gives the same request again, so that
/// joining can be repeated after any failure.
wire::JoinRequest prepare_join(crypto::KeyVault& keys, const certs::Invitation& invitation);

/// Checks the answer (the authority is the invitation's, the certificate is of that authority, for
/// this node and these keys) and writes the installation. Durable on return. Untrusted: it is not
/// the exchange of the invitation. Conflict: the directory belongs to another node or exchange.
Result<void> complete_join(store::Database& database, const crypto::KeyVault& keys,
                           const certs::Invitation& invitation, const wire::Joined& joined,
                           Now now);

struct JoinOptions {
  std::optional<Secret> passphrase;              ///< none: keys lie plain (--unprotected)
  Duration patience = std::chrono::seconds(20);  ///< for one address's answer
};

struct JoinOutcome {
  NodeId node;
  std::string organisation;
  NodeRole role = NodeRole::adviser;
  bool pending = false;  ///< an offline authority has yet to sign: run join again later
};

/// All of it: keys, request over the joining socket (each address in turn), answer, store. Safe to
/// repeat. Expired, untrusted, unavailable (nobody answers) or what the broker said, in one line.
/// Throws when the disk fails.
Result<JoinOutcome> join(const std::filesystem::path& directory,
                         const certs::Invitation& invitation, JoinOptions options, Now now);

}  // namespace liaison::node
