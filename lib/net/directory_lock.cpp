#include "net/directory_lock.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace liaison::net {
namespace {

// A lock of the open file description: unlike flock it can be asked about without being taken, and
// unlike a classic record lock it does not go when some other descriptor of the file is closed.
struct flock whole_file() {
  struct flock out {};
  out.l_type = F_WRLCK;
  out.l_whence = SEEK_SET;
  return out;
}

std::string holder(int descriptor) {
  std::array<char, 32> text{};
  auto size = ::pread(descriptor, text.data(), text.size() - 1, 0);
  std::string out;
  for (ssize_t i = 0; i < size && text[static_cast<std::size_t>(i)] >= '0' &&
                      text[static_cast<std::size_t>(i)] <= '9';
       ++i) {
    out += text[static_cast<std::size_t>(i)];
  }
  return out.empty() ? "another process" : "process " + out;
}

}  // namespace

DirectoryLock::DirectoryLock(const std::string& directory) {
  auto path = directory + "/lock";
  descriptor_ = Descriptor(::open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!descriptor_.is_open()) {
    throw std::runtime_error("cannot use " + directory + ": " + std::strerror(errno));
  }
  auto lock = whole_file();
  if (::fcntl(descriptor_.get(), F_OFD_SETLK, &lock) != 0) {
    if (errno == EAGAIN || errno == EACCES) {
      throw std::runtime_error(directory + " is in use by " + holder(descriptor_.get()) +
                               "; nothing was changed: stop that one first");
    }
    throw std::runtime_error("cannot lock " + directory + ": " + std::strerror(errno));
  }
  // For the message above, nothing else: the lock is what counts.
  auto text = std::to_string(::getpid()) + "\n";
  if (::ftruncate(descriptor_.get(), 0) == 0) {
    [[maybe_unused]] auto written = ::pwrite(descriptor_.get(), text.data(), text.size(), 0);
  }
}

bool is_locked(const std::string& directory) {
  auto path = directory + "/lock";
  Descriptor descriptor(::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW));
  if (!descriptor.is_open()) return false;
  auto lock = whole_file();
  return ::fcntl(descriptor.get(), F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

}  // namespace liaison::net
