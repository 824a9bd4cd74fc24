#include "broker/program/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "net/descriptor.h"

namespace liaison::broker {

namespace fs = std::filesystem;

namespace {

[[noreturn]] void failed(const char* doing, const fs::path& file) {
  throw std::runtime_error(std::string(doing) + " " + file.string() + ": " + std::strerror(errno));
}

}  // namespace

Result<std::string> read_file(const fs::path& file) {
  constexpr std::size_t longest = 16U << 20;
  std::ifstream in(file, std::ios::binary);
  if (!in) {
    const auto missing = errno == ENOENT;
    return fail(missing ? Reason::not_found : Reason::forbidden,
                file.string() + " cannot be read: " + std::strerror(errno));
  }
  std::string out{std::istreambuf_iterator<char>(in), {}};
  if (out.size() > longest) return fail(Reason::too_large, file.string() + " is over 16 MiB");
  return out;
}

void sync_directory(const fs::path& directory) {
  net::Descriptor opened(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened.is_open() || ::fsync(opened.get()) != 0) failed("cannot sync", directory);
}

void write_file(const fs::path& file, std::string_view content) {
  const fs::path beside = file.string() + ".partial";
  net::Descriptor opened(::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!opened.is_open()) failed("cannot write", beside);
  while (!content.empty()) {
    const auto wrote = ::write(opened.get(), content.data(), content.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) failed("cannot write", beside);
    content.remove_prefix(static_cast<std::size_t>(wrote));
  }
  if (::fsync(opened.get()) != 0) failed("cannot sync", beside);
  if (::rename(beside.c_str(), file.c_str()) != 0) failed("cannot put in place", file);
  sync_directory(file.parent_path().empty() ? fs::path(".") : file.parent_path());
}

void make_private_directory(const fs::path& directory) {
  std::error_code error;
  if (directory.has_parent_path()) fs::create_directories(directory.parent_path(), error);
  if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) failed("cannot make", directory);
}

void remove_contents(const fs::path& directory, bool was_there) noexcept {
  std::error_code error;
  for (const auto& each : fs::directory_iterator(directory, error))
    fs::remove_all(each.path(), error);
  if (!was_there) fs::remove(directory, error);
}

}  // namespace liaison::broker
