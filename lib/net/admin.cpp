#include "net/admin.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>

#include "base/check.h"

namespace liaison::net {
namespace {

constexpr const char* socket_name = "admin.sock";

Descriptor open_directory(const std::string& directory) {
  return Descriptor(::open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
}

/// The address of the socket in an open directory. A socket's path has at most 107 characters, a
/// directory's may have more; by way of its descriptor it is always short.
sockaddr_un address_in(const Descriptor& directory) {
  sockaddr_un out{};
  out.sun_family = AF_UNIX;
  auto path = "/proc/self/fd/" + std::to_string(directory.get()) + "/" + socket_name;
  LIAISON_CHECK(path.size() < sizeof out.sun_path);
  std::memcpy(out.sun_path, path.c_str(), path.size());
  return out;
}

/// Whether the process at the other end is this user's or root's.
bool is_trusted(int descriptor) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (::getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return false;
  return peer.uid == 0 || peer.uid == ::geteuid();
}

}  // namespace

AdminServer::AdminServer(const std::string& directory) : directory_(open_directory(directory)) {
  auto refuse = [&](const char* doing) {
    throw std::runtime_error(std::string(doing) + " " + directory + "/" + socket_name + ": " +
                             std::strerror(errno));
  };
  if (!directory_.is_open()) refuse("cannot make");
  struct stat status {};
  if (::fstatat(directory_.get(), socket_name, &status, AT_SYMLINK_NOFOLLOW) == 0) {
    if (!S_ISSOCK(status.st_mode)) {
      throw std::runtime_error(directory + "/" + socket_name +
                               " is not a socket; nothing was changed: move it away");
    }
    if (::unlinkat(directory_.get(), socket_name, 0) != 0) refuse("cannot replace");
  }
  listener_ = Descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!listener_.is_open()) refuse("cannot make");
  // Before bind: the file then never exists with a wider mode.
  if (::fchmod(listener_.get(), 0600) != 0) refuse("cannot protect");
  auto address = address_in(directory_);
  if (::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    refuse("cannot make");
  }
  if (::listen(listener_.get(), connections_max) != 0) refuse("cannot listen at");
}

AdminServer::~AdminServer() {
  ::unlinkat(directory_.get(), socket_name, 0);
}

void AdminServer::add_to(PollSet& set) const {
  if (connections_.size() < connections_max) set.add_descriptor(listener_.get());
  for (const auto& [id, connection] : connections_) {
    bool asked_already = !connection.awaits && connection.in.find('\n') != std::string::npos;
    if (!connection.out.empty() || asked_already) {
      // For a question that came with the one before: nothing more need arrive for it, so wake at
      // once.
      set.add_descriptor(connection.socket.get(), PollSet::For::writing);
    } else if (!connection.awaits) {
      set.add_descriptor(connection.socket.get());
    }
  }
}

void AdminServer::accept_all() {
  while (connections_.size() < connections_max) {
    Descriptor socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!socket.is_open()) return;
    if (!is_trusted(socket.get())) continue;
    Connection connection;
    connection.socket = std::move(socket);
    connections_.emplace(next_id_++, std::move(connection));
  }
}

bool AdminServer::read_from(Connection& connection) {
  std::array<char, 65536> buffer;
  while (connection.in.size() <= line_bytes_max) {
    auto size = ::recv(connection.socket.get(), buffer.data(), buffer.size(), 0);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return errno == EAGAIN;
    if (size == 0) return false;
    connection.in.append(buffer.data(), static_cast<std::size_t>(size));
    if (connection.in.find('\n') != std::string::npos) return true;
  }
  return false;
}

bool AdminServer::write_to(Connection& connection) {
  while (!connection.out.empty()) {
    auto size =
        ::send(connection.socket.get(), connection.out.data(), connection.out.size(), MSG_NOSIGNAL);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return errno == EAGAIN;
    connection.out.erase(0, static_cast<std::size_t>(size));
  }
  return true;
}

std::vector<AdminCall> AdminServer::receive() {
  accept_all();
  std::vector<AdminCall> calls;
  for (auto at = connections_.begin(); at != connections_.end();) {
    auto& [id, connection] = *at;
    bool keep = write_to(connection);
    if (keep && connection.out.empty() && !connection.awaits) {
      auto end = connection.in.find('\n');
      if (end == std::string::npos) {
        keep = read_from(connection);
        end = connection.in.find('\n');
      }
      if (keep && end != std::string::npos) {
        keep = end <= line_bytes_max;
        if (keep) calls.push_back({id, connection.in.substr(0, end)});
        connection.in.erase(0, end + 1);
        connection.awaits = true;
      }
    }
    at = keep ? std::next(at) : connections_.erase(at);
  }
  return calls;
}

void AdminServer::answer(std::uint64_t id, std::string_view line) {
  LIAISON_CHECK(line.find('\n') == std::string_view::npos);
  auto found = connections_.find(id);
  if (found == connections_.end()) return;
  auto& connection = found->second;
  LIAISON_CHECK(connection.awaits);
  connection.awaits = false;
  connection.out.assign(line);
  connection.out += '\n';
  if (!write_to(connection)) connections_.erase(found);
}

Result<std::string> admin_call(const std::string& directory, std::string_view line,
                               Duration longest) {
  auto none = [&] {
    return fail(Reason::unavailable, "nothing serves " + directory + ": start it first");
  };
  auto opened = open_directory(directory);
  if (!opened.is_open()) return none();
  Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  auto address = address_in(opened);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    if (errno == EACCES || errno == EPERM) {
      return fail(Reason::forbidden,
                  directory + " is served by another user: run this as that user");
    }
    return none();
  }
  if (::geteuid() != 0 && !is_trusted(socket.get())) {
    return fail(Reason::forbidden, directory + " is served by another user: run this as that user");
  }
  if (line.size() > AdminServer::line_bytes_max || line.find('\n') != std::string_view::npos) {
    return fail(Reason::too_large, "the request is over 1 MiB");
  }
  auto deadline = system_now().steady + longest;
  // True once the socket is ready; false when time is up.
  auto wait_for = [&](short events) {
    pollfd item{socket.get(), events, 0};
    auto left = deadline - system_now().steady;
    int code = 0;
    do {
      left = std::max(deadline - system_now().steady, Duration::zero());
      code = ::poll(&item, 1, static_cast<int>(left.count()));
    } while (code < 0 && errno == EINTR);
    return code > 0;
  };
  auto late = [&] {
    return fail(Reason::busy,
                "the process that serves " + directory +
                    " gave no answer in time; whether it did what was asked is not known");
  };
  auto gone = [&] {
    return fail(Reason::unavailable,
                "the process that serves " + directory +
                    " ended before it answered; whether it did what was asked is "
                    "not known");
  };
  std::string out(line);
  out += '\n';
  for (std::size_t sent = 0; sent < out.size();) {
    if (!wait_for(POLLOUT)) return late();
    auto size =
        ::send(socket.get(), out.data() + sent, out.size() - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (size < 0 && errno != EAGAIN && errno != EINTR) return gone();
    if (size > 0) sent += static_cast<std::size_t>(size);
  }
  std::string in;
  std::array<char, 65536> buffer;
  while (in.empty() || in.back() != '\n') {
    if (!wait_for(POLLIN)) return late();
    auto size = ::recv(socket.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (size == 0) return gone();
    if (size < 0 && errno != EAGAIN && errno != EINTR) return gone();
    if (size > 0) in.append(buffer.data(), static_cast<std::size_t>(size));
  }
  in.pop_back();
  return in;
}

}  // namespace liaison::net
