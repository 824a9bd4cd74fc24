#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "net/directory_lock.h"

namespace liaison::node {

/// DIR/serving.json: where the desk of the daemon is that serves the directory.
std::filesystem::path serving_path(const std::filesystem::path& directory);

/// DIR/restoring: there while a restore is not complete; opening the store completes it.
std::filesystem::path restoring_path(const std::filesystem::path& directory);

/// A node's directory, for this process alone. What serving.json says is of a daemon that was
/// killed, and is emptied: a command would give its token to whoever listens at that port since.
/// That it is there stands until a daemon serves again. Throws std::runtime_error with one line if
/// another process has the directory, or it cannot be used.
std::unique_ptr<net::DirectoryLock> take_directory(const std::filesystem::path& directory);

/// The desk's URL; nullopt if no daemon serves the directory.
std::optional<std::string> serving_url(const std::filesystem::path& directory);

}  // namespace liaison::node
