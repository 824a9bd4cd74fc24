#pragma once

#include <filesystem>
#include <string_view>

#include "base/secret.h"

/// The few file operations that keys and the offline authority need, done so that a crash leaves
/// the old file or the new one, whole.
namespace liaison::crypto {

/// Writes beside, syncs, renames, syncs the directory. `mode` as for open(2). Throws
/// std::runtime_error.
void write_file(const std::filesystem::path& path, ByteView content, unsigned mode);

enum class Readers { anyone, owner_alone };
/// The whole file of at most `bytes_max`. One line says what is wrong: not there (not_found), not
/// readable or readable by others although `owner_alone` is asked for (forbidden), longer
/// (too_large).
Result<Secret> read_file(const std::filesystem::path& path, std::size_t bytes_max, Readers readers);

/// Moves it to a hidden name (.NAME.going), overwrites with zeros, removes, each synced. Throws
/// std::runtime_error; not if it is not there.
void destroy_file(const std::filesystem::path& path);
/// Does the rest for the files of a directory whose destruction did not end. Throws likewise.
void finish_destroying(const std::filesystem::path& directory);

void sync_directory(const std::filesystem::path& path);

}  // namespace liaison::crypto
