#include "crypto/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

namespace liaison::crypto {

namespace {

class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  [[nodiscard]] int value() const { return value_; }

 private:
  int value_;
};

[[noreturn]] void failed(const char* what, const std::filesystem::path& path) {
  const std::string why = std::strerror(errno);
  throw std::runtime_error(std::string("cannot ") + what + ' ' + path.string() + ": " + why);
}

void write_all(int descriptor, ByteView content, const std::filesystem::path& path) {
  while (!content.empty()) {
    const auto done = ::write(descriptor, content.data(), content.size());
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) failed("write", path);
    content = content.subspan(static_cast<std::size_t>(done));
  }
  // A sync that failed is not tried again: what it lost would then look kept.
  if (::fsync(descriptor) != 0) failed("sync", path);
}

constexpr const char* going_suffix = ".going";

/// Another process may be at it too, so that the file may be gone at any step.
void overwrite_and_remove(const std::filesystem::path& path) {
  {
    const Descriptor file(::open(path.c_str(), O_WRONLY | O_NOFOLLOW | O_CLOEXEC));
    if (file.value() < 0) {
      if (errno == ENOENT) return;
      failed("overwrite", path);
    }
    struct stat facts {};
    if (::fstat(file.value(), &facts) != 0) failed("overwrite", path);
    write_all(file.value(), Bytes(static_cast<std::size_t>(facts.st_size)), path);
  }
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) failed("remove", path);
  sync_directory(path.parent_path());
}

}  // namespace

void sync_directory(const std::filesystem::path& path) {
  const auto* const name = path.empty() ? "." : path.c_str();
  const Descriptor directory(::open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.value() < 0 || ::fsync(directory.value()) != 0) failed("sync", path);
}

void write_file(const std::filesystem::path& path, ByteView content, unsigned mode) {
  const auto beside = path.parent_path() / ('.' + path.filename().string() + ".new");
  ::unlink(beside.c_str());  // of an earlier attempt that did not end
  {
    const Descriptor file(
        ::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode));
    if (file.value() < 0) failed("create", beside);
    write_all(file.value(), content, beside);
  }
  if (std::rename(beside.c_str(), path.c_str()) != 0) failed("write", path);
  sync_directory(path.parent_path());
}

Result<Secret> read_file(const std::filesystem::path& path, std::size_t bytes_max,
                         Readers readers) {
  // Not blocking: a named pipe would be waited for, and is refused below.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.value() < 0) {
    const int why = errno;
    if (why == ENOENT) return fail(Reason::not_found, "there is no file " + path.string());
    return fail(Reason::forbidden, "cannot read " + path.string() + ": " + std::strerror(why));
  }
  struct stat facts {};
  if (::fstat(file.value(), &facts) != 0 || !S_ISREG(facts.st_mode)) {
    return fail(Reason::forbidden, "cannot read " + path.string() + ": it is not a file");
  }
  if (readers == Readers::owner_alone && (facts.st_mode & 077U) != 0) {
    char mode[8];
    std::snprintf(mode, sizeof mode, "%04o", static_cast<unsigned>(facts.st_mode) & 07777U);
    return fail(Reason::forbidden, path.string() + " is open to others (mode " + mode +
                                       "): chmod 600 " + path.string() +
                                       ", and consider its content known");
  }
  if (static_cast<std::uintmax_t>(facts.st_size) > bytes_max) {
    return fail(Reason::too_large, path.string() + " is too long to be what it should be");
  }
  Secret out(static_cast<std::size_t>(facts.st_size));
  std::size_t at = 0;
  while (at < out.size()) {
    const auto done = ::read(file.value(), out.data() + at, out.size() - at);
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return fail(Reason::forbidden, "cannot read " + path.string() + " to its end");
    at += static_cast<std::size_t>(done);
  }
  return out;
}

void destroy_file(const std::filesystem::path& path) {
  // A crash may leave zeros, which under the file's own name would pass for a damaged key.
  const auto going = path.parent_path() / ('.' + path.filename().string() + going_suffix);
  if (std::rename(path.c_str(), going.c_str()) != 0) {
    if (errno == ENOENT) return;
    failed("remove", path);
  }
  sync_directory(path.parent_path());
  overwrite_and_remove(going);
}

void finish_destroying(const std::filesystem::path& directory) {
  std::vector<std::filesystem::path> left;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    const bool going =
        entry.path().filename().string().front() == '.' && entry.path().extension() == going_suffix;
    if (going && std::filesystem::is_regular_file(entry.symlink_status()))
      left.push_back(entry.path());
  }
  for (const auto& each : left)
    overwrite_and_remove(each);
}

}  // namespace liaison::crypto
