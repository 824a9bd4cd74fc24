#pragma once

#include <optional>
#include <string>

#include "audit/checkpoint.h"
#include "node/shell/log_store.h"

namespace liaison::node {

/// This node as a witness of the exchange's logs: it cosigns a checkpoint that it has verified
/// (c2sp.org/tlog-cosignature), and never two trees of one log of which one does not continue the
/// other. So it keeps what it cosigned last, and a key cosigns only with the one store that has
/// been with it since it was made: who was restored, or lost its store, does not know what it
/// cosigned.
///
/// What it writes is within the caller's transaction; a cosignature may leave when that has ended.
class Witness {
 public:
  Witness(LogStore& store, std::string name, crypto::Ed25519Key key);

  /// The tree of a log's epoch that was cosigned last: who follows the log anew has to see that it
  /// begins with this one.
  [[nodiscard]] std::optional<LogStore::Cosigned> last(wire::LogName log, std::uint64_t epoch);
  /// What is followed now does not begin with what was cosigned, or this cannot be seen: nothing
  /// of this epoch is cosigned any more.
  void never_again(wire::LogName log, std::uint64_t epoch, Now now);
  /// A signature line; nothing if it may not be given. `verified`: the newest that was followed,
  /// which continues what was cosigned last.
  [[nodiscard]] std::optional<std::string> cosign(wire::LogName log, std::uint64_t epoch,
                                                  const audit::SignedCheckpoint& verified, Now now);

 private:
  LogStore& store_;
  std::string name_;
  crypto::Ed25519Key key_;
};

}  // namespace liaison::node
