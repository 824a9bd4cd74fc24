#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "web/bounded_stream.h"
#include "web/channel.h"

namespace liaison::web {

struct RoomLimits {
  std::size_t connections_max = 512;
  std::size_t per_peer_max = 128;  ///< connections of one address (counted_as, address.h)
  std::size_t unsent_bytes_max = std::size_t{128} << 20;  ///< of answers that peers do not take
  std::size_t threads = 0;
  StreamLimits stream;
};

/// Accepts connections and keeps those for which there is nothing to do: new ones, idle ones, those
/// whose request is not all there, and those that do not take their answer. One thread polls them
/// all; a request that is gathered goes to one of `threads`. So who dribbles octets, or reads none,
/// holds a place here, and no thread.
///
///   accepted -> waiting --gathered--> answering --> sending --+--> closed
///                 ^                                           |
///                 +-------- next request, or body ------------+--> draining -> closed
///
/// Places are bounded, of one address and in all. Whoever comes when they are full takes the place
/// of who has waited longest; when all are being answered, the newcomer is refused with 503. A
/// request arrives whole within a moment, so those put out are the slow and the idle. What waits to
/// be sent is bounded alike; who is signed in and is being sent something goes last.
class WaitingRoom {
 public:
  using OpenChannel = std::function<std::unique_ptr<Channel>(int socket)>;
  /// Answers one request, on one of the threads.
  enum class Then : std::uint8_t { close, wait_for_body, wait_for_next };
  using Serve = std::function<Then(BoundedStream&)>;

  WaitingRoom(RoomLimits limits, OpenChannel open, Serve serve);
  ~WaitingRoom();
  WaitingRoom(const WaitingRoom&) = delete;
  WaitingRoom& operator=(const WaitingRoom&) = delete;

  /// Accepts from `listening`, a bound socket, which stays its owner's.
  void start(int listening);
  /// Refuses new requests, ends those that are not all there, waits for what is being answered.
  void stop();

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace liaison::web
