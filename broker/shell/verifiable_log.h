#pragma once

#include "audit/checkpoint.h"
#include "audit/proof_file.h"
#include "audit/tile_subtrees.h"
#include "broker/shell/log_store.h"

namespace liaison::broker {

/// One of the broker's logs as a tree that it signs (c2sp.org/tlog-checkpoint). Entries are durable
/// with the change that they record; what this derives from them is written behind: full tiles and
/// a checkpoint in one transaction, and nobody sees a checkpoint before that has ended.
class VerifiableLog {
 public:
  struct Identity {
    std::string origin;  ///< and the key's name
    std::uint64_t epoch = 0;
    crypto::WitnessKey key;
    std::optional<crypto::Ed25519Key> sign;  ///< that key's private half, where it is at hand
  };
  VerifiableLog(store::Database& database, LogName name, Identity identity);

  /// At start: rebuilds what memory holds of the tree, and checks it against the newest checkpoint,
  /// of this epoch or the one before.
  /// Tiles that do not fit are built anew of the entries if those do (within a transaction of its
  /// own). Throws store::Failure::corrupt, one line that names the first entry that is not what was
  /// signed, if they do not.
  void load();

  /// The exchange has another epoch now, and the log another name: nothing is signed by that yet.
  void rename(std::string origin, std::uint64_t epoch);

  /// An entry was written behind the last.
  void append(const Digest& leaf);
  /// Entries so far, also those that no checkpoint has.
  [[nodiscard]] std::uint64_t size() const { return edge_.size(); }
  /// Whether there is something to sign: entries that no checkpoint has, or a name that has none.
  [[nodiscard]] bool has_grown() const { return !newest_ || edge_.size() > signed_size(); }
  /// Signs a checkpoint of all entries (the private key must be at hand); within a transaction of
  /// the caller's, which makes it known by newest() when it has ended (committed()).
  void sign();
  /// Another key signs from now on. The checkpoint that is signed with this, of all entries, bears
  /// the signatures of both, so that who knows the former one alone can still follow to here.
  void change_key(const crypto::Ed25519Key& key);
  void committed();
  /// The newest checkpoint that is durable; none: nothing was ever signed for this origin.
  [[nodiscard]] const std::optional<audit::SignedCheckpoint>& newest() const { return newest_; }

  /// Compares at most `count` more entries, from the first on, with the tree that memory has, so
  /// that an entry that was altered where it lies does not stay unseen for long. Whether it is
  /// through. Throws like load().
  bool check_more(std::uint32_t count);

  /// That an entry is in the newest checkpoint's tree. Not found: it is not, or not yet.
  [[nodiscard]] Result<audit::ProofFile> prove(std::uint64_t index);
  /// What shows that the newest checkpoint's tree continues that of `from` entries, and that these
  /// are in it (audit/growth.h).
  [[nodiscard]] Result<std::vector<Digest>> prove_growth(std::uint64_t from,
                                                         const std::vector<std::uint64_t>& leaves);
  /// What shows that the tree of `from` entries is its beginning (audit/tree.h).
  [[nodiscard]] Result<std::vector<Digest>> prove_consistency(std::uint64_t from);
  /// Tiles that proofs have read so far.
  [[nodiscard]] std::uint64_t tiles_read() const { return subtrees_.reads(); }
  [[nodiscard]] audit::NoteKey key() const;
  [[nodiscard]] LogStore& store() { return store_; }

  /// As many hashes of that tile as its width says, from what is kept or what memory holds.
  [[nodiscard]] Result<std::vector<Digest>> tile(const audit::Tile& tile);

 private:
  [[nodiscard]] std::uint64_t signed_size() const { return newest_ ? newest_->checkpoint.size : 0; }
  [[nodiscard]] std::vector<Digest> leaves(std::uint64_t first, std::uint64_t last);
  [[nodiscard]] bool load_edge(std::uint64_t size);
  void rebuild(const audit::Checkpoint& from);
  void keep_signed();
  [[noreturn]] void disagrees(const std::string& what) const;

  LogStore store_;
  Identity identity_;
  audit::TileEdge edge_;
  audit::TileSubtrees subtrees_;
  std::vector<audit::TileEdge::Filled> filled_;  ///< not kept yet
  std::optional<audit::SignedCheckpoint> newest_;
  std::optional<audit::SignedCheckpoint> signed_;  ///< in the transaction under way
  std::uint64_t checked_ = 0;
};

}  // namespace liaison::broker
