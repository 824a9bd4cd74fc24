#include "web/bounded_stream.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace liaison::web {
namespace {

constexpr auto write_patience = std::chrono::seconds(5);

using NameCall = int (*)(int, sockaddr*, socklen_t*);

void name_of_end(NameCall call, int socket, std::string& ip, int& port) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  ip.clear();
  port = 0;
  if (call(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0) return;
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.ss_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &address, sizeof v4);
    inet_ntop(AF_INET, &v4.sin_addr, text.data(), text.size());
    port = ntohs(v4.sin_port);
  } else if (address.ss_family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, &address, sizeof v6);
    inet_ntop(AF_INET6, &v6.sin6_addr, text.data(), text.size());
    port = ntohs(v6.sin6_port);
  }
  ip = text.data();
}

}  // namespace

void BoundedStream::begin_request() {
  until_ = Clock::now() + time_max_;
  bytes_left_ = header_bytes_max_;
}

void BoundedStream::expect_body(std::size_t bytes) {
  bytes_left_ = bytes;
}

std::chrono::milliseconds BoundedStream::time_left() const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(until_ - Clock::now());
}

bool BoundedStream::wait(short what, std::chrono::milliseconds patience) const {
  pollfd one{socket_, what, 0};
  const auto until = Clock::now() + patience;
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now());
    const int ready = poll(&one, 1, std::max(0, static_cast<int>(left.count())));
    if (ready >= 0 || errno != EINTR) return ready > 0;
  }
}

bool BoundedStream::wait_for_request(std::chrono::milliseconds patience) const {
  return begin_ != end_ || wait(POLLIN, patience);
}

bool BoundedStream::is_readable() const {
  return begin_ != end_ || (bytes_left_ > 0 && wait(POLLIN, time_left()));
}

bool BoundedStream::is_writable() const {
  if (!wait(POLLOUT, write_patience)) return false;
  // A peer that closed its end is readable with nothing to read.
  pollfd one{socket_, POLLRDHUP, 0};
  return poll(&one, 1, 0) == 0;
}

ssize_t BoundedStream::read(char* to, std::size_t size) {
  if (begin_ == end_) {
    if (bytes_left_ == 0 || time_left().count() <= 0 || !wait(POLLIN, time_left())) return -1;
    const auto got = recv(socket_, buffer_.data(), buffer_.size(), 0);
    if (got <= 0) return got;
    begin_ = 0;
    end_ = static_cast<std::size_t>(got);
  }
  const auto count = std::min({size, end_ - begin_, bytes_left_});
  if (count == 0) return -1;
  std::memcpy(to, buffer_.data() + begin_, count);
  begin_ += count;
  bytes_left_ -= count;
  return static_cast<ssize_t>(count);
}

ssize_t BoundedStream::write(const char* from, std::size_t size) {
  if (!wait(POLLOUT, write_patience)) return -1;
  return send(socket_, from, size, MSG_NOSIGNAL | MSG_DONTWAIT);
}

void BoundedStream::get_remote_ip_and_port(std::string& ip, int& port) const {
  name_of_end(getpeername, socket_, ip, port);
}

void BoundedStream::get_local_ip_and_port(std::string& ip, int& port) const {
  name_of_end(getsockname, socket_, ip, port);
}

}  // namespace liaison::web
