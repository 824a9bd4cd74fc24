#pragma once

#include <httplib.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <string>

namespace liaison::web {

/// A connection that reads one request at a time within limits that cpp-httplib 0.11 does not
/// have: octets of all headers together (it bounds a line, not their number) and the time for a
/// whole request (it bounds the wait for each octet, which a slow sender stretches without end).
class BoundedStream final : public httplib::Stream {
 public:
  using Clock = std::chrono::steady_clock;
  using httplib::Stream::write;

  BoundedStream(socket_t socket, std::size_t header_bytes_max, std::chrono::milliseconds time_max)
      : socket_(socket), header_bytes_max_(header_bytes_max), time_max_(time_max) {}

  /// Starts the limits anew, for the next request on this connection.
  void begin_request();
  /// The headers are in and were accepted: a body of this many octets may follow.
  void expect_body(std::size_t bytes);
  /// Waits for the next request to begin; false: nothing came in `patience`, or the peer left.
  [[nodiscard]] bool wait_for_request(std::chrono::milliseconds patience) const;
  /// The answer left part of the request unread: what follows on the connection is no request.
  void end_after_answer() { ends_ = true; }
  [[nodiscard]] bool ends() const { return ends_; }

  [[nodiscard]] bool is_readable() const override;
  [[nodiscard]] bool is_writable() const override;
  ssize_t read(char* to, std::size_t size) override;
  ssize_t write(const char* from, std::size_t size) override;
  void get_remote_ip_and_port(std::string& ip, int& port) const override;
  void get_local_ip_and_port(std::string& ip, int& port) const override;
  [[nodiscard]] socket_t socket() const override { return socket_; }

 private:
  [[nodiscard]] bool wait(short what, std::chrono::milliseconds patience) const;
  [[nodiscard]] std::chrono::milliseconds time_left() const;

  socket_t socket_;
  std::size_t header_bytes_max_;
  std::chrono::milliseconds time_max_;
  Clock::time_point until_ = Clock::now();
  std::size_t bytes_left_ = 0;
  bool ends_ = false;
  std::array<char, 4096> buffer_{};
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace liaison::web
