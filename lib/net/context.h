#pragma once

#include <memory>

namespace liaison::net {

/// ZeroMQ's own threads and sockets; one a process (tests: one each). Outlives everything made from
/// it. Destroying it does not wait for unsent frames: every socket has linger 0.
class Context {
 public:
  /// A client takes three of its sockets; ZeroMQ's own bound, 1,023, is little for a crowd.
  explicit Context(int io_threads = 1, int sockets_max = 1023);
  ~Context();
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  struct Native;  ///< inside lib/net only
  [[nodiscard]] Native& native() const { return *native_; }

 private:
  std::unique_ptr<Native> native_;
};

}  // namespace liaison::net
