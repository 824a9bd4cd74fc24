#include "cli/input.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <stdexcept>

#include "base/terminal.h"

namespace liaison::cli {
namespace {

constexpr std::size_t password_bytes_max = 1024;

struct Descriptor {
  int fd = -1;
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  explicit Descriptor(int number) : fd(number) {}
  ~Descriptor() {
    if (fd > 2) ::close(fd);
  }
};

std::string why() {
  return std::strerror(errno);
}

Result<std::string> read_all(int fd, const std::string& name, std::size_t bytes_max) {
  std::string out;
  std::array<char, 65536> buffer{};
  for (;;) {
    const auto got = ::read(fd, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(Reason::unavailable, "cannot read " + name + ": " + why());
    if (got == 0) return out;
    out.append(buffer.data(), static_cast<std::size_t>(got));
    if (out.size() > bytes_max) {
      return fail(Reason::too_large,
                  name + " is larger than " + std::to_string(bytes_max) + " octets");
    }
  }
}

/// False, with errno, if not all could be written.
bool write_all(int fd, std::string_view octets) {
  while (!octets.empty()) {
    const auto put = ::write(fd, octets.data(), octets.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return false;
    octets.remove_prefix(static_cast<std::size_t>(put));
  }
  return true;
}

std::string first_line(std::string text) {
  const auto end = text.find_first_of("\r\n");
  if (end != std::string::npos) text.resize(end);
  return text;
}

std::string ask(const std::string& prompt) {
  std::cerr << prompt << ": " << std::flush;
  const SilentTerminal silent(STDIN_FILENO);
  std::string out;
  std::getline(std::cin, out);
  std::cerr << "\n";
  return out;
}

}  // namespace

Result<std::string> read_input(const std::string& path, std::size_t bytes_max) {
  if (path == "-") return read_all(STDIN_FILENO, "standard input", bytes_max);
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.fd < 0) return fail(Reason::not_found, "cannot read " + path + ": " + why());
  return read_all(file.fd, path, bytes_max);
}

Result<std::string> read_password(const std::string& prompt, Confirm confirm) {
  std::string out;
  if (isatty(STDIN_FILENO) != 0) {
    out = ask(prompt);
    if (confirm == Confirm::yes && ask(prompt + " again") != out) {
      return fail(Reason::malformed, "the two passwords differ; nothing was changed");
    }
  } else {
    // Octet by octet: what follows the line belongs to whoever reads standard input next.
    char c = 0;
    while (out.size() <= password_bytes_max && ::read(STDIN_FILENO, &c, 1) == 1 && c != '\n')
      out += c;
    if (!out.empty() && out.back() == '\r') out.pop_back();
  }
  if (out.empty())
    return fail(Reason::malformed,
                "no password was given: type it, or pass it as one line on standard input");
  if (out.size() > password_bytes_max)
    return fail(Reason::too_large, "the password is over 1024 octets");
  return out;
}

Result<std::string> read_private_line(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.fd < 0) return fail(Reason::not_found, "cannot read " + path + ": " + why());
  struct stat status {};
  if (fstat(file.fd, &status) != 0)
    return fail(Reason::unavailable, "cannot read " + path + ": " + why());
  if (S_ISREG(status.st_mode) && (status.st_mode & 077) != 0) {
    return fail(Reason::forbidden,
                path + " can be read by others: chmod 600 it, and replace what is in it");
  }
  auto text = read_all(file.fd, path, 65536);
  if (!text) return text;
  auto line = first_line(std::move(*text));
  if (line.empty()) return fail(Reason::malformed, path + " is empty");
  return line;
}

void write_private(const std::string& path, std::string_view octets) {
  const auto beside = path + ".new";
  const auto failed = [&] { return std::runtime_error("cannot write " + path + ": " + why()); };
  struct stat there {};
  if (::stat(path.c_str(), &there) == 0 && !S_ISREG(there.st_mode))
    throw std::runtime_error("cannot write " + path + ": it is there, and is not a file");
  ::unlink(beside.c_str());
  const Descriptor file(::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (file.fd < 0) throw failed();
  if (!write_all(file.fd, octets) || ::fsync(file.fd) != 0 ||
      ::rename(beside.c_str(), path.c_str()) != 0) {
    const auto problem = failed();  // before another call changes errno
    ::unlink(beside.c_str());
    throw problem;
  }
  auto parent = std::filesystem::path(path).parent_path();
  if (parent.empty()) parent = ".";
  const Descriptor directory(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.fd < 0 || ::fsync(directory.fd) != 0) throw failed();
}

void write_private_line(const std::string& path, const std::string& line) {
  write_private(path, line + "\n");
}

}  // namespace liaison::cli
