#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/entropy.h"
#include "base/id.h"
#include "base/secret.h"
#include "base/time.h"
#include "net/context.h"
#include "net/poller.h"

namespace liaison::net {

struct ClientOptions {
  std::vector<std::string> addresses;  ///< of one broker, tried in turn
  CurveKey server_key;
  Secret secret_key;  ///< CURVE, 32 octets
  std::size_t frame_bytes_max = 1u << 20;
  int queued_frames_max = 64;
  Duration handshake_longest{4000};  ///< from dialling to connected, else the next address
  Duration heartbeat_every{10000};
  Duration silence_longest{30000};
  /// The wait doubles from one round of all addresses to the next, up to the longest; each is cut
  /// by a random part of up to half, so that nodes that lost their broker together do not come back
  /// together.
  Duration redial_shortest{100};
  Duration redial_longest{30000};
};

/// A node's end of the link: DEALER with CURVE. Each connection is a socket of its own, so nothing
/// of an ended one is sent or received on the next.
///
///   waiting --(time)--> dialling --(handshake)--> connected
///      ^------------------- (refused, lost, too slow) --'
class ExchangeClient final : public Pollable {
 public:
  /// `entropy` for the jitter; must outlive the client. Dials at the first step().
  ExchangeClient(Context& context, ClientOptions options, Entropy& entropy);
  ~ExchangeClient() override;
  ExchangeClient(const ExchangeClient&) = delete;
  ExchangeClient& operator=(const ExchangeClient&) = delete;

  void add_to(PollSet& set) const override;

  enum class Happened {
    nothing,
    connected,     ///< CURVE handshake done: say hello
    disconnected,  ///< it was connected and is not
    refused,  ///< the broker answered that it does not admit this key; it dials on all the same
  };
  /// Dials when it is time, looks at what became of the connection. Call once around; again until
  /// `nothing`.
  Happened step(Duration steady_now);
  /// When step() has something to do even if nothing arrives, on the steady clock.
  [[nodiscard]] std::optional<Duration> next_deadline() const;
  [[nodiscard]] bool is_connected() const;
  /// The address in use or being dialled.
  [[nodiscard]] const std::string& address() const;
  /// Why it is not connected, for a person: one line; empty while connected or before the first
  /// dial.
  [[nodiscard]] const std::string& trouble() const;

  /// Takes in at most `frames_max` frames, without waiting. Messages of another shape than one
  /// frame are dropped and counted. How many.
  std::size_t receive(std::size_t frames_max, const std::function<void(ByteView)>& take);
  /// False: not connected, or the queue is full.
  bool send(ByteView frame);
  /// Without a copy; the octets are gone whatever the answer.
  bool send(Bytes&& frame);

  /// Ends the connection, as by itself: step() reports `disconnected`.
  enum class Then { dial_again, stay_down };
  void hang_up(Then then);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace liaison::net
