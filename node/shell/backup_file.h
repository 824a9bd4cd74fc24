#pragma once

#include <string>

#include "base/result.h"
#include "base/time.h"
#include "store/database.h"

namespace liaison::node {

/// Writes the backup of an open store to `path`: a copy of it, with the key files that lie beside
/// it put in, but for the sealing keys. Conflict: `path` exists. Unavailable: it cannot be written
/// there; the store is as it was.
Result<void> write_backup(store::Database& database, const std::string& path, Now now);

}  // namespace liaison::node
