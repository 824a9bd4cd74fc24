#pragma once

#include <string>

namespace liaison::store {

// The few things with the system's files that SQLite does not do itself. They throw Failure.

/// Makes an empty file, mode 0600, which must not exist, and syncs the directory's entry for it.
void make_private_file(const std::string& path);
/// Removes an unfinished store, with what SQLite lays beside it: a write-ahead log left over from
/// an earlier attempt would be written into the next file of that name. What is not there, or does
/// not go away, is no failure.
void remove_store(const std::string& path);
/// Syncs `from`, gives it the name `to` (which must not exist) and syncs the directory.
void put_in_place(const std::string& from, const std::string& to);

}  // namespace liaison::store
