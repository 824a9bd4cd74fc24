#pragma once

#include <vector>

#include "broker/core/id_hash.h"
#include "broker/shell/log_store.h"

namespace liaison::broker {

/// Where in the message log each letter's entries are, so that one is found among millions without
/// reading them. Written behind, with the checkpoints, a block of entries at a time: each block is
/// spread over the buckets of its letters' hashes, and what the blocks have of one bucket lies
/// together, so that neither writing nor finding touches the store at a place for each letter.
/// docs/decisions/0026-where-a-letter-is-in-the-log.md has the figures.
class LetterIndex {
 public:
  LetterIndex(store::Database& database, Entropy& entropy);

  /// At start: takes in the entries that no block has yet, keeping blocks in transactions of its
  /// own. Throws store::Failure.
  void load(LogStore& log);
  /// An entry was written behind the last; of that letter, or of none if it is zero.
  void append(std::uint64_t leaf, const LetterId& letter);
  /// Keeps the blocks that are full; within a transaction of the caller's, which makes them known
  /// by committed().
  void keep();
  /// The same, and what there is of the open block: entries are about to leave the store, and could
  /// not be read again at a start.
  void keep_all();
  void committed();

  /// The entries that may be of that letter, rising. Some may be another's.
  [[nodiscard]] std::vector<std::uint64_t> find(const LetterId& letter);

  static constexpr std::uint64_t block_entries = 1U << 14;

 private:
  struct Entry {
    std::uint64_t hash;
    std::uint64_t leaf;
  };
  void keep_block(std::uint64_t block);
  [[nodiscard]] IdSecret secret_of_store();

  store::Database& database_;
  Entropy& entropy_;
  store::Statement keep_, find_;
  IdSecret secret_{};
  std::vector<Entry> open_;        ///< of the blocks that are not kept yet
  std::uint64_t open_from_ = 0;    ///< it has those from there on; rows have what is before
  std::uint64_t end_ = 0;          ///< the entry that comes next
  std::uint64_t all_kept_to_ = 0;  ///< entries, by keep_all()
  std::uint64_t kept_ = 0;         ///< blocks
  std::uint64_t keeping_ = 0;      ///< blocks, with the transaction under way
};

}  // namespace liaison::broker
