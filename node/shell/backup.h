#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"
#include "base/time.h"

namespace liaison::node {

/// Makes a new directory of a node from a backup file (Engine::backup). The next start asks the
/// broker for a new incarnation, makes a fresh sealing key, asks every node for what the backup
/// lacks and decides nothing in a case until its participants have answered. Conflict: `directory`
/// has a node already. Malformed: not a backup, or damaged. Throws when the disk fails.
Result<void> restore(const std::string& file, const std::filesystem::path& directory, Now now);

class RegistryStore;
/// What makes a store a restored one: for restore(), and for a simulation that puts an old disk
/// back.
void mark_restored(RegistryStore& registry);

}  // namespace liaison::node
