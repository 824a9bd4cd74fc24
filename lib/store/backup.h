#pragma once

#include <string>

#include "store/database.h"

struct sqlite3_backup;

namespace liaison::store {

/// A copy of a store, made a piece at a time between what else its one thread does. It is the store
/// as it stands when the last piece is done: what is written meanwhile goes into the copy too. The
/// copy appears at `path` (mode 0600, synced, put in place by one rename) at the end, or not at
/// all.
class Backup {
 public:
  /// Refuses to write over an existing file. `database` must outlive this. Throws Failure.
  Backup(Database& database, std::string path);
  /// Removes what is not finished.
  ~Backup();
  Backup(const Backup&) = delete;
  Backup& operator=(const Backup&) = delete;

  enum class Step { more, done };
  /// Copies that many pages more; not within a transaction. Throws Failure, after which the
  /// Database stays usable unless reading it was what failed.
  Step copy(int pages);

 private:
  [[noreturn]] void failed(int code);
  void give_up();

  Database& database_;
  std::string path_;
  std::string partial_;
  sqlite3* to_ = nullptr;
  sqlite3_backup* copy_ = nullptr;
  int descriptor_ = -1;  ///< of the copy, to have the disk begin with it
};

}  // namespace liaison::store
