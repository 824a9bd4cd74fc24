#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "web/http.h"
#include "web/router.h"

namespace liaison::web {

struct ServerOptions {
  std::string address = "127.0.0.1";
  int port = 0;                     ///< 0: any free one
  std::string called = "the desk";  ///< in errors
  /// PEM files. Needed, both, when `address` is no loopback address; served with TLS then.
  std::string certificate_file;
  std::string key_file;
  [[nodiscard]] bool with_tls() const { return !certificate_file.empty(); }
  std::vector<std::string> host_names;  ///< further names by which the desk is reached
  /// Threads that answer requests even when all streams are open; until then the streams' do too.
  std::size_t pages_at_once = 16;
  std::size_t streams_max = 64;  ///< open event streams; one more is answered 503
  std::size_t connections_max = 512;
  std::size_t connections_per_peer_max = 128;  ///< of one address, or IPv6 network of 64 bits
  /// Of answers that peers do not take; half of it for one address that is not signed in.
  std::size_t unsent_bytes_max = std::size_t{128} << 20;
  std::size_t header_bytes_max = std::size_t{16} << 10;
  /// A body of more octets is large: what is made of it takes many times its size. So many are
  /// taken in at the same time, one more is answered 503, and one at a time is handled.
  std::size_t large_body_bytes = std::size_t{1} << 20;
  std::size_t large_bodies_max = 8;
  /// For headers and body together, and again for the answer; large ones have a second more for
  /// each 16 KiB.
  std::chrono::milliseconds request_time_max = std::chrono::seconds(30);
  std::chrono::milliseconds stream_heartbeat = std::chrono::seconds(15);
};

/// Whether it may listen there: beyond this machine only with TLS. One line for people if not; a
/// Server of such options throws it.
Result<void> check_listening(const ServerOptions& options);

/// Looks at a request after its headers, before its body is read: an answer refuses it. May leave
/// in `identity` whom it found.
using Gate = std::function<std::optional<Response>(Request&, const Route&)>;

/// An HTTP/1.1 server on threads of its own. What reaches a handler has passed the host guard, the
/// route's limits and the gate; handlers run at the same time on several threads.
///
/// An event stream holds a thread for as long as it is open, so there are `pages_at_once +
/// streams_max` threads (docs/decisions/0007-http-library.md has the measurements).
class Server {
 public:
  /// Binds; throws std::runtime_error, one line, when the address is taken or none of ours.
  Server(ServerOptions options, Router router, Gate gate);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  void start();
  /// Ends the streams, finishes what is being answered, joins the threads, and sends what still
  /// waits to be sent for at most 5 seconds.
  void stop();

  [[nodiscard]] int port() const;
  /// "http://127.0.0.1:7681", by which the machine itself reaches the desk.
  [[nodiscard]] std::string url() const;

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace liaison::web
