#pragma once

#include <cstdint>

namespace liaison::store {

/// The file control, answered by this VFS and by testing::FaultyDisk, that gives how often a
/// store's files were synced, as a std::uint64_t. SQLite leaves the numbers above 100 to
/// applications.
constexpr int sync_count_control = 7100;

/// Registers, once a process, a VFS over SQLite's own for this system that counts syncs; its name.
const char* counting_vfs();

}  // namespace liaison::store
