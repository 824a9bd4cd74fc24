#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/id.h"
#include "base/role.h"
#include "crypto/certificate.h"

namespace liaison::store {
class Database;
}

namespace liaison::node {

/// What joining settled: who this node is and which exchange it belongs to. Kept in the store, one
/// row; the private keys lie in the key vault under the names of keys.h.
struct Installation {
  NodeId node;
  std::vector<std::string> exchange;  ///< the broker's addresses, best first
  CurveKey broker;                    ///< the broker's CURVE key
  Bytes authority;                    ///< the exchange's authority certificate, DER
  Bytes certificate;                  ///< this node's signing certificate in use, DER
  /// By which the exchange's logs are signed; none: joined by an invitation that named none.
  std::vector<crypto::WitnessKey> log_keys;
  friend bool operator==(const Installation&, const Installation&) = default;
};

/// The installation that the store holds; none before joining.
std::optional<Installation> read_installation(store::Database& database);
/// Writes it; a second one for another node or another authority is the caller's to refuse.
void write_installation(store::Database& database, const Installation& installation);

}  // namespace liaison::node
