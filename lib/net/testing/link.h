#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/entropy.h"
#include "net/context.h"
#include "net/curve.h"
#include "net/doorkeeper.h"
#include "net/exchange_client.h"
#include "net/exchange_server.h"
#include "net/poller.h"

namespace liaison::net::testing {

/// Jitter that repeats.
class FixedEntropy final : public Entropy {
 public:
  void fill(std::span<std::uint8_t> out) override {
    for (auto& octet : out)
      octet = next_++;
  }

 private:
  std::uint8_t next_ = 0;
};

/// Polls `what` and calls `once` until it says it is done; false after a bound far beyond need,
/// which a test fails on. Nothing else in tests waits.
bool until(const std::vector<const Pollable*>& what, const std::function<bool()>& once);

/// A server on a free port of the loopback interface with what it needs.
struct TestServer {
  explicit TestServer(const std::function<void(ServerOptions&)>& adjust = {});

  [[nodiscard]] ClientOptions options_for(const CurvePair& key) const;

  Context context;
  CurvePair key = generate_curve_pair();
  Doorkeeper doorkeeper{context, [] {}};
  ServerOptions options;
  std::unique_ptr<ExchangeServer> server;

  // What arrived so far.
  struct Arrived {
    ConnectionId connection;
    CurveKey user;
    std::string text;
  };
  std::vector<Arrived> arrived;
  std::vector<ConnectionId> closed;
  /// Takes in what is there.
  void turn();
};

/// A client of a TestServer.
struct TestClient {
  TestClient(TestServer& server, const CurvePair& key,
             const std::function<void(ClientOptions&)>& adjust = {});

  FixedEntropy entropy;
  ExchangeClient client;
  std::vector<std::string> arrived;
  std::vector<ExchangeClient::Happened> happened;
  void turn();
  [[nodiscard]] bool has(ExchangeClient::Happened what) const;
};

/// Turns the server and its clients until `done`.
bool until(TestServer& server, const std::vector<TestClient*>& clients,
           const std::function<bool()>& done);

}  // namespace liaison::net::testing
