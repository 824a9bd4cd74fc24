#pragma once

#include <string>

#include "base/result.h"

/// Paths that the programs were given.
namespace liaison::cli {

/// A backup gets its name at the end by a hard link, which takes no other file's. Before it is
/// begun: unavailable, in one line, if the file system that `path` is to lie on makes none.
/// Whatever else may be in the way shows when the backup is written.
Result<void> check_hard_links(const std::string& path);
/// Whether link() failed with `error` because the file system makes no hard links.
bool makes_no_hard_links(int error);

/// A directory as a program that runs elsewhere finds it: from the root on, without a slash at the
/// end.
std::string absolute_directory(const std::string& path);

/// The same path beginning with one slash where it begins with several: of what follows two, the
/// check of a store takes the first word for the name of a host.
std::string with_one_slash(std::string path);

}  // namespace liaison::cli
