#pragma once

#include <sys/socket.h>

#include <cerrno>

#include "web/channel.h"

namespace liaison::web {

/// A socket as it is.
class PlainChannel final : public Channel {
 public:
  explicit PlainChannel(int socket) : socket_(socket) {}

  Moved read(char* to, std::size_t size) override {
    return moved(recv(socket_, to, size, MSG_DONTWAIT), Moved::State::wants_readable);
  }
  Moved write(const char* from, std::size_t size) override {
    return moved(send(socket_, from, size, MSG_NOSIGNAL | MSG_DONTWAIT),
                 Moved::State::wants_writable);
  }
  void end_writing() override { ::shutdown(socket_, SHUT_WR); }

 private:
  static Moved moved(ssize_t count, Moved::State otherwise) {
    if (count > 0) return {Moved::State::some, static_cast<std::size_t>(count)};
    const bool later = count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);
    return {later ? otherwise : Moved::State::ended, 0};
  }

  int socket_;
};

}  // namespace liaison::web
