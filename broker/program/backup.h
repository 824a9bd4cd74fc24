#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/time.h"

namespace liaison::store {
class Backup;
class Database;
}  // namespace liaison::store

namespace liaison::broker {

/// Writes everything a broker is to one file, mode 0600: the store, with the key files (encrypted
/// as they lie), the configuration and the authority's certificate in a table of their own. A piece
/// at a time, between the turns of a broker that serves: it is the store as it stands at the last
/// piece. No half a backup is left.
class BackupInPieces {
 public:
  BackupInPieces(store::Database& database, std::filesystem::path directory,
                 std::filesystem::path file);
  ~BackupInPieces();
  /// One piece more, of a few milliseconds; not within a transaction. The outcome when it has
  /// ended: conflict if the file is there. Throws when the machine fails, and has ended then.
  std::optional<Result<void>> step();

 private:
  Result<void> finish();

  store::Database& database_;
  std::filesystem::path directory_;
  std::filesystem::path file_;
  std::filesystem::path copy_;
  std::unique_ptr<store::Backup> running_;
};

/// The same at once.
Result<void> make_backup(store::Database& database, const std::filesystem::path& directory,
                         const std::filesystem::path& file);

/// Makes a broker's directory from a backup. The broker starts in a new epoch and first collects
/// what its nodes know. Conflict if the directory has anything in it. Malformed if the file is
/// damaged, or a store that is no backup: nothing is kept then. Interrupted, it leaves what nothing
/// serves: the configuration is written last.
Result<void> restore_backup(const std::filesystem::path& file,
                            const std::filesystem::path& directory, Now now);
/// Its steps up to that, in an empty directory; gives the configuration that is to be written.
Result<std::string> restore_all_but_settings(const std::filesystem::path& file,
                                             const std::filesystem::path& directory, Now now);

}  // namespace liaison::broker
