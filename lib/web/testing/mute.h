#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <string>
#include <thread>

#include "base/check.h"

namespace liaison::web::testing {

/// A port of this machine that gives no answer.
class Mute {
 public:
  enum class Is : std::uint8_t {
    absent,     ///< nobody listens: a connection is refused
    listening,  ///< every request's headers are read, then the connection is closed
  };

  explicit Mute(Is is) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    LIAISON_CHECK(::bind(socket_, reinterpret_cast<const sockaddr*>(&at), size) == 0);
    LIAISON_CHECK(::getsockname(socket_, reinterpret_cast<sockaddr*>(&at), &size) == 0);
    port_ = ntohs(at.sin_port);
    if (is == Is::absent) return;
    LIAISON_CHECK(::listen(socket_, 8) == 0);
    thread_ = std::thread([this] { hear(); });
  }
  Mute(const Mute&) = delete;
  Mute& operator=(const Mute&) = delete;
  ~Mute() {
    ::shutdown(socket_, SHUT_RDWR);
    if (thread_.joinable()) thread_.join();
    ::close(socket_);
  }

  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

 private:
  void hear() const {
    for (int peer = -1; (peer = ::accept(socket_, nullptr, nullptr)) >= 0; ::close(peer)) {
      std::string headers;
      char next = 0;
      while (headers.find("\r\n\r\n") == std::string::npos && ::recv(peer, &next, 1, 0) == 1)
        headers += next;
    }
  }

  int socket_;
  int port_ = 0;
  std::thread thread_;
};

}  // namespace liaison::web::testing
