#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"

namespace liaison::broker {

/// At most 16 MiB. not_found or forbidden name the file.
Result<std::string> read_file(const std::filesystem::path& file);
/// Written beside, synced, put in place by a rename, the directory synced; mode 0600. Throws
/// std::runtime_error with one line: the machine.
void write_file(const std::filesystem::path& file, std::string_view content);
/// With mode 0700, and those above it. Throws likewise.
void make_private_directory(const std::filesystem::path& directory);
/// Empties a directory that could not be filled; removes it too unless it `was_there`.
void remove_contents(const std::filesystem::path& directory, bool was_there) noexcept;
/// Makes a rename or a new file within it durable.
void sync_directory(const std::filesystem::path& directory);

}  // namespace liaison::broker
