#pragma once

#include <cstddef>
#include <cstdint>

namespace liaison::web {

/// How far one try at reading or writing came.
struct Moved {
  enum class State : std::uint8_t {
    some,            ///< `bytes` of them, at least one
    wants_readable,  ///< nothing until the socket can be read
    wants_writable,  ///< nothing until it can be written
    ended,           ///< the peer left, or broke the protocol
  };
  State state = State::ended;
  std::size_t bytes = 0;
};

/// The octets of one connection, plain or under TLS; never waits. The socket is its owner's.
class Channel {
 public:
  Channel() = default;
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;
  virtual ~Channel() = default;

  virtual Moved read(char* to, std::size_t size) = 0;
  virtual Moved write(const char* from, std::size_t size) = 0;
  /// Says that no more will be written.
  virtual void end_writing() = 0;
};

}  // namespace liaison::web
