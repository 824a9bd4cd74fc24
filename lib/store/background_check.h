#pragma once

#include <sqlite3.h>

#include <atomic>
#include <string>
#include <thread>

#include "store/database.h"

namespace liaison::store {

/// A quick_check on a thread and connection of its own, of the main file alone. The connection is
/// `immutable`: it takes no locks and does not look at the WAL, which is right while, and only
/// while, the Database copies nothing from the WAL into the file.
struct Database::BackgroundCheck {
  BackgroundCheck(const std::string& path, const std::string& vfs, std::uint64_t wal_bytes_limit);
  ~BackgroundCheck();  ///< interrupts it

  std::uint64_t wal_bytes_max;
  std::atomic<Check> state{Check::running};
  std::string finding;  ///< valid once state is not running

 private:
  void run();
  sqlite3* handle_ = nullptr;
  std::thread thread_;
};

}  // namespace liaison::store
