#include "store/files.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "store/failure.h"

namespace liaison::store {
namespace {

[[noreturn]] void fail_at(const std::string& doing, const std::string& path) {
  int error = errno;
  auto kind = error == ENOSPC || error == EDQUOT ? Failure::Kind::disk_full : Failure::Kind::io;
  throw Failure(kind, "cannot " + doing + " " + path + ": " + std::strerror(error));
}

void sync_path(const std::string& path, int flags) {
  int descriptor = ::open(path.c_str(), flags | O_CLOEXEC);
  if (descriptor < 0) fail_at("open", path);
  int outcome = ::fsync(descriptor);
  int error = errno;
  ::close(descriptor);
  if (outcome != 0) {
    errno = error;
    fail_at("sync", path);
  }
}

void sync_directory_of(const std::string& path) {
  auto slash = path.rfind('/');
  std::string directory = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  sync_path(directory, O_RDONLY | O_DIRECTORY);
}

}  // namespace

void make_private_file(const std::string& path) {
  int descriptor = ::open(path.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
  if (descriptor < 0) fail_at("make", path);
  ::close(descriptor);
  sync_directory_of(path);
}

void remove_store(const std::string& path) {
  for (const char* suffix : {"-wal", "-shm", "-journal", ""})
    ::unlink((path + suffix).c_str());
}

void put_in_place(const std::string& from, const std::string& to) {
  sync_path(from, O_RDONLY);
  // link, unlike rename, refuses to write over a file.
  if (::link(from.c_str(), to.c_str()) != 0) fail_at("make", to);
  if (::unlink(from.c_str()) != 0) fail_at("remove", from);
  sync_directory_of(to);
}

}  // namespace liaison::store
