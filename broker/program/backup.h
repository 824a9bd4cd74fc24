#pragma once

#include <filesystem>

#include "base/result.h"
#include "base/time.h"

namespace liaison::store {
class Database;
}

namespace liaison::broker {

/// Writes everything a broker is to one file, mode 0600: the store as it is now, with the key files
/// (encrypted as they lie), the configuration and the authority's certificate in a table of their
/// own. Conflict if the file is there. Throws when the machine fails; no half a backup is left.
Result<void> make_backup(store::Database& database, const std::filesystem::path& directory,
                         const std::filesystem::path& file);

/// Makes a broker's directory from a backup. The broker starts in a new epoch and first collects
/// what its nodes know. Conflict if the directory has anything in it.
Result<void> restore_backup(const std::filesystem::path& file,
                            const std::filesystem::path& directory, Now now);

}  // namespace liaison::broker
