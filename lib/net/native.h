#pragma once

#include <zmq.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "net/context.h"

namespace liaison::net {

// Inside lib/net only.

struct Context::Native {
  void* handle;
};

/// In the draft part of zmq.h, which Debian's build hides; its library takes it. A server socket
/// with it refuses every connection while no ZAP handler answers, rather than admit all.
constexpr int zap_enforce_domain = 93;

/// Throws std::runtime_error: "`doing`: what ZeroMQ says".
[[noreturn]] void zmq_failed(const std::string& doing);

/// A ZeroMQ socket, closed when it goes, with nothing of it lingering.
class Socket {
 public:
  Socket() = default;
  Socket(const Context& context, int type);
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  Socket(Socket&& other) noexcept;
  Socket& operator=(Socket&& other) noexcept;
  ~Socket();

  [[nodiscard]] void* get() const { return handle_; }
  [[nodiscard]] bool is_open() const { return handle_ != nullptr; }
  void set(int option, int value);
  void set_int64(int option, std::int64_t value);
  void set(int option, ByteView value);
  void set(int option, std::string_view value) { set(option, as_bytes(value)); }
  /// Whether it can be sent to (ZMQ_POLLOUT) or received from; also lets pending commands take
  /// effect at once.
  [[nodiscard]] int events() const;
  [[nodiscard]] std::string last_endpoint() const;
  /// Binds to the address and gives the one really bound. Throws std::runtime_error.
  std::string bind(const std::string& address);
  void connect(const std::string& address);

 private:
  void* handle_ = nullptr;
};

/// One ZeroMQ message part.
class Message {
 public:
  Message() { zmq_msg_init(&message_); }
  explicit Message(ByteView copied);
  /// Takes the octets over; they are freed when ZeroMQ has sent them.
  explicit Message(Bytes&& taken);
  Message(const Message&) = delete;
  Message& operator=(const Message&) = delete;
  ~Message() { zmq_msg_close(&message_); }

  [[nodiscard]] ByteView view();
  [[nodiscard]] std::string_view text() { return as_text(view()); }
  [[nodiscard]] bool has_more() const { return zmq_msg_more(&message_) != 0; }
  /// False: nothing there now. Throws for anything else.
  bool receive(const Socket& socket);
  /// 0, or the errno: EAGAIN, EHOSTUNREACH. Throws for anything else. What was sent is empty after.
  int send(const Socket& socket, int flags);
  [[nodiscard]] zmq_msg_t* raw() { return &message_; }

 private:
  zmq_msg_t message_;
};

/// What became of connections of a socket, as libzmq's threads saw it, in their order.
class Monitor {
 public:
  struct Event {
    int what;   ///< ZMQ_EVENT_...
    int value;  ///< a descriptor, or an error, by kind of event
  };
  Monitor() = default;
  Monitor(const Monitor&) = delete;
  Monitor& operator=(const Monitor&) = delete;
  Monitor(Monitor&& other) noexcept;
  Monitor& operator=(Monitor&& other) noexcept;
  /// Must go before the socket it watches: it tells libzmq to stop first, since libzmq's thread,
  /// and all connections with it, would wait for ever to tell a reader that has gone.
  ~Monitor();
  /// Before the socket is bound or connected, so that nothing is missed.
  Monitor(const Context& context, const Socket& watched, int events);
  /// False: nothing new.
  bool next(Event& out);
  [[nodiscard]] void* get() const { return socket_.get(); }

 private:
  void* watched_ = nullptr;
  Socket socket_;
};

}  // namespace liaison::net
