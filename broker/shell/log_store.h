#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "audit/tile_edge.h"
#include "store/database.h"
#include "store/statement.h"
#include "wire/log_name.h"

namespace liaison::broker {

using wire::LogName;

/// What the broker's store has of one log: its entries, which are the registry or the message log
/// itself, and what is derived from them.
class LogStore {
 public:
  LogStore(store::Database& database, LogName name);

  [[nodiscard]] LogName name() const { return name_; }
  [[nodiscard]] std::uint64_t size();
  /// Entries from one on that is not archived, as they are hashed; fewer at the end.
  [[nodiscard]] std::vector<Bytes> entries(std::uint64_t first, std::uint32_t count);

  /// The log's older part may have moved to an archive: so many entries, in whole tiles, of which
  /// the hashes stay here; and where to, as of the last move.
  [[nodiscard]] std::uint64_t archived() const { return archived_; }
  [[nodiscard]] std::string archive();
  /// Who reads a bundle of entries from that directory (c2sp.org/tlog-tiles).
  using ReadBundle = std::function<Result<Bytes>(const std::string& archive, std::uint64_t index)>;
  void read_archive_by(ReadBundle read) { read_archive_ = std::move(read); }
  /// Entries from one on, wherever they are; fewer at the end, or at the end of a bundle that is
  /// archived. Not found: the archive is not at hand; untrusted: what is there is not this log's.
  [[nodiscard]] Result<std::vector<Bytes>> read(std::uint64_t first, std::uint32_t count);
  /// A full tile; not found if it is not kept, malformed if what is kept is no tile.
  [[nodiscard]] Result<std::vector<Digest>> tile(const audit::Tile& tile);
  /// The newest checkpoint, of the newest epoch that has one.
  struct KeptCheckpoint {
    std::uint64_t epoch = 0;
    std::string note;
  };
  [[nodiscard]] std::optional<KeptCheckpoint> checkpoint();

  // Within a transaction of the caller's.
  void keep(const audit::TileEdge::Filled& tile);
  void keep_checkpoint(std::uint64_t epoch, const std::string& note);
  /// The entries before `to` lie in that archive, durable: they are not here any more.
  void drop_archived(std::uint64_t to, const std::string& archive);
  /// And that has been committed.
  void archived_to(std::uint64_t to) { archived_ = to; }

 private:
  [[nodiscard]] std::int64_t key_of(const audit::Tile& tile) const;

  store::Database& database_;
  LogName name_;
  store::Statement entries_, keep_tile_, tile_, keep_checkpoint_;
  ReadBundle read_archive_;
  std::uint64_t archived_ = 0;
};

}  // namespace liaison::broker
