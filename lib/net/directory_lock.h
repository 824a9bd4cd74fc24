#pragma once

#include <string>

#include "net/descriptor.h"

namespace liaison::net {

/// Keeps a directory, a daemon's or an authority's, to one process, by a lock on DIR/lock that the
/// kernel drops when the process ends. Made before anything in the directory is opened.
class DirectoryLock {
 public:
  /// Throws std::runtime_error with one line if another process has it, or the directory cannot be
  /// used.
  explicit DirectoryLock(const std::string& directory);

 private:
  Descriptor descriptor_;
};

/// Whether some process holds the lock of `directory` now (the commands' way to know that a daemon
/// serves).
bool is_locked(const std::string& directory);

}  // namespace liaison::net
