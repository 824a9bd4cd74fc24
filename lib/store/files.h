#pragma once

#include <string>

namespace liaison::store {

// The few things with the system's files that SQLite does not do itself. All throw Failure.

/// Makes an empty file, mode 0600, which must not exist, and syncs the directory's entry for it.
void make_private_file(const std::string& path);
/// Syncs `from`, gives it the name `to` (which must not exist) and syncs the directory.
void put_in_place(const std::string& from, const std::string& to);

}  // namespace liaison::store
