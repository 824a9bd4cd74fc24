#pragma once

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
  /// Entries from one on, as they are hashed; fewer at the end.
  [[nodiscard]] std::vector<Bytes> entries(std::uint64_t first, std::uint32_t count);
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

 private:
  [[nodiscard]] std::int64_t key_of(const audit::Tile& tile) const;

  store::Database& database_;
  LogName name_;
  store::Statement entries_, keep_tile_, tile_, keep_checkpoint_;
};

}  // namespace liaison::broker
