#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

#include "web/changes.h"
#include "web/problem.h"
#include "web/server.h"

/// A desk for the tests of this folder, and connections to it that say what they like.
namespace liaison::web::testing {

inline Route route(Method method, std::string pattern, Access access, Handler handler) {
  Route out;
  out.method = method;
  out.pattern = std::move(pattern);
  out.access = access;
  out.body_bytes_max = 100;
  out.handler = std::move(handler);
  return out;
}

inline Response text(std::string body) {
  Response out;
  out.content_type = "text/plain";
  out.body = std::move(body);
  return out;
}

/// More than a socket takes that nobody reads from.
inline constexpr std::size_t large_bytes = std::size_t{16} << 20;

/// All that still comes before the connection closes.
inline std::string read_all(int socket) {
  std::string out;
  std::vector<char> buffer(std::size_t{64} << 10);
  for (ssize_t got = 0; (got = recv(socket, buffer.data(), buffer.size(), 0)) > 0;)
    out.append(buffer.data(), static_cast<std::size_t>(got));
  return out;
}

/// A server with one route of each sort, on a free port.
struct Desk {
  std::shared_ptr<ChangeFeed> feed = std::make_shared<ChangeFeed>();
  std::atomic<bool> may_listen{true};
  Server server;

  explicit Desk(ServerOptions options = {}) : server(std::move(options), router(), gate()) {
    server.start();
  }
  ~Desk() { feed->close(); }

  Router router() {
    Router out;
    out.add(route(Method::get, "/hello/{name}", Access::open,
                  [](const Request& r) { return text("hello " + r.parameter("name")); }));
    out.add(
        route(Method::post, "/echo", Access::open, [](const Request& r) { return text(r.body); }));
    out.add(route(Method::post, "/secret", Access::signed_in,
                  [](const Request&) { return text("in"); }));
    out.add(route(Method::get, "/large", Access::open, [](const Request&) {
      auto large = text(std::string(large_bytes, 'x'));
      large.content_type = "application/octet-stream";  // cpp-httplib compresses no such
      return large;
    }));
    out.add(route(Method::get, "/throws", Access::open,
                  [](const Request&) -> Response { throw std::runtime_error("disk full"); }));
    out.add(route(Method::get, "/changes", Access::open, [this](const Request&) {
      Response stream;
      stream.changes = feed;
      stream.may_listen = [this] { return may_listen.load(); };
      return stream;
    }));
    return out;
  }
  static Gate gate() {
    return [](const Request& request, const Route& to) -> std::optional<Response> {
      if (to.access == Access::open || request.header("Authorization") == "Bearer good")
        return std::nullopt;
      return problem(401, "sign-in", "Sign in", "sign in first");
    };
  }

  /// Sends octets as they are and returns all that comes back before the connection closes.
  std::string raw(const std::string& bytes) const {
    const int fd = open_connection();
    send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    auto out = read_all(fd);
    ::close(fd);
    return out;
  }
  int open_connection() const {
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<std::uint16_t>(server.port()));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0);
    const timeval patience{10, 0};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    return fd;
  }
  std::string host() const { return "Host: 127.0.0.1:" + std::to_string(server.port()) + "\r\n"; }
};

}  // namespace liaison::web::testing
