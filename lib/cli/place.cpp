#include "cli/place.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

namespace liaison::cli {

bool makes_no_hard_links(int error) {
  return error == EPERM || error == EOPNOTSUPP || error == ENOSYS;
}

Result<void> check_hard_links(const std::string& path) {
  auto first = (std::filesystem::absolute(path).parent_path() / ".liaison-XXXXXX").string();
  const int descriptor = ::mkostemp(first.data(), O_CLOEXEC);
  if (descriptor < 0) return {};
  ::close(descriptor);
  const auto second = first + "-link";
  const int error = ::link(first.c_str(), second.c_str()) == 0 ? 0 : errno;
  if (error == 0) ::unlink(second.c_str());
  ::unlink(first.c_str());
  if (!makes_no_hard_links(error)) return {};
  return fail(Reason::unavailable,
              path +
                  ": a backup gets its name by a hard link, and the file system there makes "
                  "none; nothing was written: write it to another, and copy it there");
}

std::string absolute_directory(const std::string& path) {
  const auto whole = std::filesystem::absolute(path).lexically_normal();
  return (whole.has_filename() ? whole : whole.parent_path()).string();
}

std::string with_one_slash(std::string path) {
  const auto slashes = std::min(path.find_first_not_of('/'), path.size());
  if (slashes > 1) path.erase(0, slashes - 1);
  return path;
}

}  // namespace liaison::cli
