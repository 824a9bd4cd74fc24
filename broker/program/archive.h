#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>

#include "broker/program/export.h"
#include "broker/shell/engine.h"
#include "broker/shell/log_store.h"

namespace liaison::broker {

/// Moves the older part of the message log from the store to an archive, a directory of
///
///     exchange                        whose it is: "liaison/A", the beginning of its logs' names
///     message/tile/entries/...        full bundles of entries, as c2sp.org/tlog-tiles lays them
///     out
///
/// which a verifier reads with an export as one log. A piece at a time, between the turns of a
/// broker that serves: the files of each are synced, read again and compared with the hashes that
/// stay in the store before its entries leave the store in one transaction. Killed at any moment
/// each entry is in one of the two, or both; a repeat goes on.
class ArchiveInPieces {
 public:
  /// Of entries from before `before`, at most so many pieces.
  ArchiveInPieces(Engine& engine, std::filesystem::path directory, Instant before, int pieces_max);
  /// One piece more; the outcome when it has ended. Conflict if the directory has another
  /// exchange's, or another log's entries; nothing that was in it is changed. Throws when the disk
  /// of the archive fails (std::exception), or the store's (store::Failure).
  std::optional<Result<void>> step();

  /// Entries that this moved so far, all that are archived, and whether more could be now.
  [[nodiscard]] std::uint64_t moved() const { return moved_; }
  [[nodiscard]] std::uint64_t archived() const { return engine_to_; }
  [[nodiscard]] bool is_more() const { return is_more_; }

 private:
  Result<void> begin();
  std::optional<Result<void>> take_over();
  Result<void> write(std::uint64_t from, std::uint64_t to);
  Result<void> verify(std::uint64_t from, std::uint64_t to) const;
  [[nodiscard]] LogStore& store();
  [[nodiscard]] std::filesystem::path path_of(std::uint64_t index) const;

  Engine& engine_;
  std::filesystem::path directory_;
  Instant before_;
  int pieces_left_;
  bool begun_ = false;
  bool is_more_ = false;
  std::uint64_t moved_ = 0;
  std::uint64_t engine_to_ = 0;
  std::uint64_t taken_over_ = 0;  ///< entries of it that were found to be whole
};

/// So many pieces of 8,192 entries are moved for one request, so that who asked hears how far it
/// is.
inline constexpr int archive_pieces_a_call = 32;

/// What a request for an archive says: entries from before when; and what is answered to one, and
/// to one for an export.
Result<Instant> before_of(const nlohmann::json& request, Now now);
nlohmann::json told(const ArchiveInPieces& done, Engine& engine, const std::string& directory);
nlohmann::json told(const ExportInPieces& done, Engine& engine, const std::string& directory);

/// A bundle of an archive; not found if it is not there.
Result<Bytes> read_archived(const std::string& archive, std::uint64_t index);

}  // namespace liaison::broker
