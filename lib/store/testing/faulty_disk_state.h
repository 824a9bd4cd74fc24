#pragma once

#include <sqlite3.h>

#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "store/testing/faulty_disk.h"
#include "store/testing/faulty_file.h"

namespace liaison::store::testing {

/// A file with who has which of SQLite's locks on it.
struct DiskFile {
  FaultyFile content;
  std::map<const void*, int> locks;  ///< handle to level
};

/// What faulty_disk.cpp (what tests do to the disk) and faulty_vfs.cpp (what SQLite does with
/// it) share.
struct FaultyDisk::State {
  State(std::string disk_name, std::uint64_t seed) : name(std::move(disk_name)), dice(seed) {}

  std::string name;
  sqlite3_vfs vfs{};
  std::mutex mutex;  ///< a background check reads from its own thread
  Dice dice;

  using Entries = std::map<std::string, std::shared_ptr<DiskFile>>;
  Entries entries;       ///< as a running process sees the directory
  Entries safe_entries;  ///< as the last directory sync left it
  struct Change {
    std::string file;
    std::shared_ptr<DiskFile> made;  ///< nullptr: deleted
  };
  std::list<Change> unsafe_changes;  ///< since then, in order

  std::uint64_t generation = 0;  ///< of processes: handles of an earlier one fail
  bool power_is_off = false;
  std::uint64_t operations = 0;
  std::uint64_t crash_at_operation = 0;  ///< 0: none
  std::uint64_t syncs = 0;
  std::uint64_t sectors_lost = 0;
  std::uint64_t temporary_files = 0;
  std::uint32_t failing_syncs = 0;
  std::uint32_t failing_writes = 0;
  std::uint32_t short_reads = 0;
  std::optional<std::uint64_t> capacity;

  void make(const std::string& file);
  void remove(const std::string& file);
  void sync_directory();
  [[nodiscard]] std::uint64_t bytes_used() const;
  /// Counts a change to the disk. False: the power is off. `last`: it goes off with this one.
  bool operate(bool& last);
  void end_processes();
};

/// Fills in `state.vfs` and registers it.
void register_vfs(FaultyDisk::State& state);

}  // namespace liaison::store::testing
