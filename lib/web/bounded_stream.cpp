#include "web/bounded_stream.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace liaison::web {
namespace {

constexpr auto write_patience = std::chrono::seconds(5);
constexpr auto drain_patience = std::chrono::seconds(2);
/// So that who is refused an upload can end it, and reads why.
constexpr std::size_t drained_bytes_max = std::size_t{40} << 20;
/// In one turn of the waiting room's, in which the others wait.
constexpr std::size_t sent_a_turn = std::size_t{1} << 20;
constexpr std::size_t slowest_bytes_per_second = std::size_t{16} << 10;

/// What moves is given the time that a slow line needs for it.
std::chrono::milliseconds time_for(std::size_t bytes) {
  return std::chrono::milliseconds(bytes * 1000 / slowest_bytes_per_second);
}

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

std::string peer_address(int socket) {
  std::string ip;
  int port = 0;
  name_of_end(getpeername, socket, ip, port);
  return ip;
}

BoundedStream::BoundedStream(int socket, std::unique_ptr<Channel> channel,
                             const StreamLimits& limits)
    : socket_(socket),
      channel_(std::move(channel)),
      limits_(limits),
      requests_left_(limits.requests_max),
      gather_max_(limits.header_bytes_max),
      bytes_left_(limits.header_bytes_max),
      awaited_(POLLIN),
      until_(Clock::now() + limits.time_max) {}

BoundedStream::~BoundedStream() {
  if (!ends_) channel_->end_writing();
  ::close(socket_);
}

bool BoundedStream::is_gathered() const {
  if (whole_ != 0) return in_.size() >= whole_;
  // cpp-httplib ends the headers at a line that holds CR LF alone. More than it may read: it is to
  // refuse them.
  return in_.size() >= gather_max_ || in_.find("\n\r\n") != std::string::npos;
}

BoundedStream::Progress BoundedStream::gather() {
  std::array<char, 4096> some{};
  while (!is_gathered()) {
    const auto moved = channel_->read(some.data(), std::min(some.size(), gather_max_ - in_.size()));
    if (moved.state == Moved::State::ended) return Progress::ended;
    if (moved.state != Moved::State::some) {
      awaited_ = moved.state == Moved::State::wants_writable ? POLLOUT : POLLIN;
      return Progress::incomplete;
    }
    if (!begun_) until_ = Clock::now() + limits_.time_max;
    begun_ = true;
    in_.append(some.data(), moved.bytes);
  }
  return Progress::ready;
}

std::optional<std::size_t> BoundedStream::push(std::string_view bytes, std::size_t enough) {
  std::size_t sent = 0;
  while (sent < std::min(bytes.size(), enough)) {
    const auto moved = channel_->write(bytes.data() + sent, bytes.size() - sent);
    if (moved.state == Moved::State::ended) return std::nullopt;
    if (moved.state != Moved::State::some) {
      awaited_ = moved.state == Moved::State::wants_readable ? POLLIN : POLLOUT;
      return sent;
    }
    sent += moved.bytes;
    until_ += time_for(moved.bytes);
  }
  awaited_ = POLLOUT;
  return sent;
}

BoundedStream::Progress BoundedStream::send() {
  const auto sent = push(std::string_view(unsent_).substr(sent_), sent_a_turn);
  if (!sent) return Progress::ended;
  sent_ += *sent;
  if (sent_ < unsent_.size()) return Progress::incomplete;
  std::string().swap(unsent_);
  sent_ = 0;
  return Progress::ready;
}

void BoundedStream::begin_draining() {
  channel_->end_writing();
  awaited_ = POLLIN;
  until_ = Clock::now() + drain_patience;
}

bool BoundedStream::drain() {
  std::array<char, 4096> some{};
  for (;;) {
    const auto moved = channel_->read(some.data(), some.size());
    if (moved.state == Moved::State::ended) return false;
    if (moved.state != Moved::State::some) return true;
    drained_ += moved.bytes;
    until_ += time_for(moved.bytes);
    if (drained_ > drained_bytes_max) return false;
  }
}

bool BoundedStream::expect_body(std::size_t bytes) {
  bytes_left_ = bytes;
  until_ += time_for(bytes);
  if (bytes > gathered_body_bytes_max || in_.size() - used_ >= bytes) return true;
  whole_ = used_ + bytes;
  put_off_ = true;
  return false;
}

void BoundedStream::read_again() {
  put_off_ = false;
  used_ = 0;
  gather_max_ = whole_;
  bytes_left_ = limits_.header_bytes_max;
  answering_ = false;
  answer_has_end_ = true;
  for_somebody_known_ = false;
}

void BoundedStream::next_request() {
  in_.erase(0, used_);
  used_ = 0;
  whole_ = 0;
  gather_max_ = limits_.header_bytes_max;
  bytes_left_ = limits_.header_bytes_max;
  begun_ = !in_.empty();
  answering_ = false;
  answer_has_end_ = true;
  for_somebody_known_ = false;
  --requests_left_;
  awaited_ = POLLIN;
  until_ = Clock::now() + (begun_ ? limits_.time_max : limits_.idle_max);
}

bool BoundedStream::wait(short what, Clock::time_point until) const {
  pollfd one{socket_, what, 0};
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now());
    const int ready = poll(&one, 1, std::max(0, static_cast<int>(left.count())));
    if (ready >= 0 || errno != EINTR) return ready > 0;
  }
}

bool BoundedStream::is_readable() const {
  return used_ < in_.size() || (bytes_left_ > 0 && wait(POLLIN, until_));
}

bool BoundedStream::is_writable() const {
  if (put_off_) return true;
  if (!wait(POLLOUT, Clock::now() + write_patience)) return false;
  // A peer that closed its end is readable with nothing to read.
  pollfd one{socket_, POLLRDHUP, 0};
  return poll(&one, 1, 0) == 0;
}

ssize_t BoundedStream::read(char* to, std::size_t size) {
  const auto most = std::min(size, bytes_left_);
  if (most == 0) return -1;
  if (used_ < in_.size()) {
    const auto count = std::min(most, in_.size() - used_);
    std::memcpy(to, in_.data() + used_, count);
    used_ += count;
    bytes_left_ -= count;
    return static_cast<ssize_t>(count);
  }
  for (;;) {
    if (Clock::now() >= until_) return -1;
    const auto moved = channel_->read(to, most);
    if (moved.state == Moved::State::ended) return 0;
    if (moved.state == Moved::State::some) {
      bytes_left_ -= moved.bytes;
      return static_cast<ssize_t>(moved.bytes);
    }
    if (!wait(moved.state == Moved::State::wants_writable ? POLLOUT : POLLIN, until_)) return -1;
  }
}

ssize_t BoundedStream::write(const char* from, std::size_t size) {
  if (put_off_) return static_cast<ssize_t>(size);
  if (!std::exchange(answering_, true)) until_ = Clock::now() + limits_.time_max;
  if (!answer_has_end_) return write_to_stream(from, size);
  const std::string_view bytes(from, size);
  const auto sent = unsent_.empty() ? push(bytes, size) : std::size_t{0};
  if (!sent) return -1;
  unsent_.append(bytes.substr(*sent));
  return static_cast<ssize_t>(size);
}

/// Waits for a peer that reads slowly, on the thread that the event stream has.
ssize_t BoundedStream::write_to_stream(const char* from, std::size_t size) {
  if (!unsent_.empty()) return -1;  // it has not even taken what was said before the stream
  for (;;) {
    const auto moved = channel_->write(from, size);
    if (moved.state == Moved::State::ended) return -1;
    if (moved.state == Moved::State::some) return static_cast<ssize_t>(moved.bytes);
    const short what = moved.state == Moved::State::wants_readable ? POLLIN : POLLOUT;
    if (!wait(what, Clock::now() + write_patience)) return -1;
  }
}

void BoundedStream::get_remote_ip_and_port(std::string& ip, int& port) const {
  name_of_end(getpeername, socket_, ip, port);
}

void BoundedStream::get_local_ip_and_port(std::string& ip, int& port) const {
  name_of_end(getsockname, socket_, ip, port);
}

}  // namespace liaison::web
