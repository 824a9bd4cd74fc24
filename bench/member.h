#pragma once

#include <deque>
#include <functional>
#include <memory>

#include "bench/broker_process.h"
#include "crypto/profile.h"
#include "net/exchange_client.h"
#include "wire/frame.h"

namespace liaison::bench {

/// A node's keys and certificates on the exchange, without a node behind them: it speaks the link
/// itself, so that what is measured is the broker.
struct Identity {
  NodeId node;
  CurveKey broker;
  std::vector<std::string> exchange;
  crypto::CurvePair curve = crypto::CurvePair::generate();
  crypto::PrivateKey signing = crypto::PrivateKey::generate();
  crypto::PrivateKey sealing = crypto::PrivateKey::generate();
  std::vector<crypto::WitnessKey> log_keys;
  std::optional<crypto::Certificate> authority;
  std::optional<crypto::Certificate> signing_certificate;
  std::optional<crypto::Certificate> sealing_certificate;
};

/// Joins with fresh keys over the joining socket.
Identity join(net::Context& context, const certs::Invitation& invitation);

/// A connection of an identity to its broker.
class Member {
 public:
  Member(net::Context& context, const Identity& identity, Entropy& entropy,
         std::uint32_t credit_letters);

  /// Sends what waits, reads what came; calls `take` with each frame but welcome and registry
  /// matters, which it handles itself.
  void step(const std::function<void(const wire::Frame&)>& take);
  /// Whether the broker has said welcome and the sealing certificate stands in the registry.
  [[nodiscard]] bool is_ready() const { return welcomed_ && published_; }
  [[nodiscard]] bool is_welcome() const { return welcomed_; }
  [[nodiscard]] std::uint64_t epoch() const { return epoch_; }
  void send(const wire::Frame& frame);
  /// Frames that still wait to be sent.
  [[nodiscard]] std::size_t backlog() const { return outgoing_.size(); }
  [[nodiscard]] const Identity& identity() const { return identity_; }
  [[nodiscard]] net::ExchangeClient& client() { return client_; }
  void publish_sealing_key() { publishes_ = true; }

 private:
  void flush();

  const Identity& identity_;
  std::uint32_t credit_letters_;
  net::ExchangeClient client_;
  std::deque<Bytes> outgoing_;
  std::uint64_t epoch_ = 0;
  bool welcomed_ = false;
  bool publishes_ = false;
  bool published_ = false;
};

/// Steps all members until `done` or `patience` is over; whether it was done.
bool step_until(const std::vector<std::unique_ptr<Member>>& members, Duration patience,
                const std::function<bool()>& done);

/// Joins and connects `count` members, ready to send and receive.
struct Crowd {
  std::vector<std::unique_ptr<Identity>> identities;
  std::vector<std::unique_ptr<Member>> members;
};
Crowd make_crowd(BrokerProcess& broker, net::Context& context, Entropy& entropy, std::size_t count,
                 std::uint32_t credit_letters, const std::string& prefix);

}  // namespace liaison::bench
