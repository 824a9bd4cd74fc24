#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/connection_id.h"
#include "base/id.h"
#include "base/secret.h"
#include "net/context.h"
#include "net/doorkeeper.h"
#include "net/poller.h"

namespace liaison::net {

struct ServerOptions {
  /// As ZeroMQ writes them: "tcp://127.0.0.1:7601", "tcp://[::]:7601"; port `*`: any free one.
  std::vector<std::string> addresses;
  Secret secret_key;   ///< CURVE, 32 octets
  std::string domain;  ///< at the Doorkeeper: who may connect
  std::size_t frame_bytes_max = 1u << 20;
  int queued_frames_max =
      64;  ///< each way and peer; frames, not octets: credit is the sender's own matter
  int backlog = 1024;
  unsigned strikes_max =
      3;  ///< messages of another shape than one frame before the connection is dropped
  Duration handshake_longest{4000};
  Duration silent_start_longest{
      15000};  ///< from connecting to the first frame, else it is shut down
  /// Connections that have not sent a frame: beyond so many, those silent longest are shut down.
  /// 0: no bound.
  std::size_t silent_connections_max = 0;
  Duration heartbeat_every{10000};
  Duration silence_longest{30000};  ///< a peer that does not even answer heartbeats is cut off
};

/// One frame of a peer. `user` is who the CURVE handshake proved it to be: the only identity there
/// is; nothing in the frame says who sent it.
struct Received {
  ConnectionId connection;
  const CurveKey& user;
  ByteView frame;  ///< borrowed for the call
};

/// The exchange's listening socket: ROUTER with CURVE, admission by the Doorkeeper (fails closed),
/// mandatory routing that never blocks, no handover, bounded frames and queues. Used from one
/// thread, but the Doorkeeper's from any.
class ExchangeServer final : public Pollable {
 public:
  /// Throws std::runtime_error with one line that names the address if it cannot be bound.
  ExchangeServer(Context& context, Doorkeeper& doorkeeper, const ServerOptions& options);
  ~ExchangeServer() override;
  ExchangeServer(const ExchangeServer&) = delete;
  ExchangeServer& operator=(const ExchangeServer&) = delete;

  /// The addresses really bound, with port numbers.
  [[nodiscard]] const std::vector<std::string>& addresses() const;
  void add_to(PollSet& set) const override;

  /// Takes in at most `frames_max` frames that have arrived, without waiting; `take` is called for
  /// each in order of arrival within a connection. How many; frames_max means there may be more.
  std::size_t receive(std::size_t frames_max, const std::function<void(const Received&)>& take);
  /// Connections that have ended since the last call (each at most once; all that they sent was
  /// received first). Also those ended by drop().
  std::vector<ConnectionId> closed();

  /// Who sent a message of another shape than one frame since the last call, one member for each
  /// message. The connection is dropped at strikes_max; every other frame of it counts all the
  /// same.
  struct Misshapen {
    ConnectionId connection;
    CurveKey user;
  };
  std::vector<Misshapen> misshapen();

  enum class Sent {
    queued,  ///< handed to libzmq; says nothing about arrival
    full,    ///< the peer does not take what waits for it already; drop it, or try later
    gone,    ///< no such connection any more
  };
  Sent send(ConnectionId to, ByteView frame);
  /// Without a copy; the octets are gone whatever the answer.
  Sent send(ConnectionId to, Bytes&& frame);

  /// Ends one connection: nothing of it is received from here on, nothing is sent to it, and its
  /// socket is shut down as soon as it is certain which descriptor is its own.
  void drop(ConnectionId connection);

  struct Counts {
    std::uint64_t connections;  ///< now, of those that have sent a frame
    std::uint64_t frames_received;
    std::uint64_t frames_sent;
    std::uint64_t without_user;        ///< dropped: no User-Id
    std::uint64_t chosen_routing_ids;  ///< dropped: the peer named its own routing id
    std::uint64_t multipart;           ///< strikes
    std::uint64_t handshakes_failed;
    std::uint64_t handshakes_denied;  ///< of those: not admitted by the Doorkeeper
    std::uint64_t ended_unheard;      ///< ended without a frame, those denied among them
    std::uint64_t shut_down;          ///< descriptors shut down by drop()
  };
  [[nodiscard]] Counts counts() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace liaison::net
