#pragma once

#include <array>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "audit/cosignature.h"
#include "base/time.h"
#include "broker/core/ids.h"
#include "broker/shell/logs.h"

namespace liaison::broker {

/// What witnesses have cosigned of the broker's checkpoints (c2sp.org/tlog-cosignature). A node is
/// asked along with the proofs that it wanted; each log's newest checkpoints that have any are kept
/// with them.
class Cosignatures {
 public:
  /// Of nodes, on one checkpoint.
  static constexpr std::size_t of_nodes_max = 16;
  static constexpr std::size_t of_outside_max = 8;  ///< besides
  /// A node is asked again when so long has passed since its last.
  static constexpr Duration asked_every = std::chrono::minutes(1);
  /// Checkpoints of each log that are kept with what was cosigned of them.
  static constexpr std::size_t kept_max = 16;
  /// Checkpoints that may still be cosigned: of the last seconds.
  static constexpr std::size_t open_max = 64;

  explicit Cosignatures(store::Database& database);
  /// At start, and when the logs have another name: goes on with what was kept of that.
  void set_epoch(std::uint64_t epoch);

  /// Whether a node that is shown these checkpoints is to cosign them: there is room, and it has
  /// not just done so.
  bool asks(NodeNumber node, const Logs& logs, Now now);
  /// Whether that node was asked for these; once: one answer to each question is looked at.
  bool take_asked(NodeNumber node, const wire::Cosigned& answer);
  /// A node's cosignature of the checkpoint of that size; whether there is something to keep().
  /// Untrusted: it is none of that key. A checkpoint that has enough, or is too old, is left as it
  /// is.
  Result<bool> add(LogName name, std::uint64_t size, std::string_view line,
                   const audit::NoteKey& witness);
  /// The same of a witness outside the exchange, which was asked for this one.
  Result<bool> add_outside(LogName name, const audit::SignedCheckpoint& checkpoint,
                           const audit::NoteSignature& line, const audit::NoteKey& witness);
  /// Within a transaction.
  void keep(LogName name, std::uint64_t size);
  /// A node gave some that hold.
  void came_from(NodeNumber node, Now now) { last_[node] = now.steady; }

  /// A checkpoint with what was cosigned of it.
  [[nodiscard]] std::string with_cosignatures(LogName name,
                                              const audit::SignedCheckpoint& checkpoint) const;
  /// The kept ones, by their size.
  [[nodiscard]] std::map<std::uint64_t, std::string> kept(LogName name) const;

 private:
  struct Checkpoint {
    audit::SignedCheckpoint signed_;
    std::vector<audit::NoteSignature> lines;
    [[nodiscard]] std::string note() const;
  };
  /// If it holds, and there is room for `most`.
  static Result<bool> put(Checkpoint& checkpoint, const audit::NoteSignature& line,
                          const audit::NoteKey& witness, std::size_t most);
  using Open = std::map<std::uint64_t, Checkpoint>;
  [[nodiscard]] Open& open(LogName name) { return open_[static_cast<std::size_t>(name)]; }
  [[nodiscard]] const Open& open(LogName name) const {
    return open_[static_cast<std::size_t>(name)];
  }
  void show(LogName name, const audit::SignedCheckpoint& checkpoint);

  store::Database& database_;
  std::uint64_t epoch_ = 0;
  std::array<Open, 2> open_;  ///< by size
  struct Asked {
    std::uint64_t registry_size = 0;
    std::uint64_t message_size = 0;
  };
  std::map<NodeNumber, Asked> asked_;
  std::map<NodeNumber, Duration> last_;  ///< steady
};

}  // namespace liaison::broker
