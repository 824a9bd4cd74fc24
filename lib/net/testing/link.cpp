#include "net/testing/link.h"

#include <algorithm>

#include "base/time.h"

namespace liaison::net::testing {
namespace {

constexpr Duration bound{15000};
constexpr Duration look_again{20};  // for what is due by the clock rather than by an event

}  // namespace

bool until(const std::vector<const Pollable*>& what, const std::function<bool()>& once) {
  Poller poller;
  for (const auto* one : what)
    poller.add(*one);
  auto deadline = system_now().steady + bound;
  while (!once()) {
    if (system_now().steady > deadline) return false;
    poller.wait(look_again);
  }
  return true;
}

TestServer::TestServer(const std::function<void(ServerOptions&)>& adjust) {
  options.addresses = {"tcp://127.0.0.1:*"};
  options.secret_key = key.secret_key.clone();
  options.domain = "exchange";
  if (adjust) adjust(options);
  server = std::make_unique<ExchangeServer>(context, doorkeeper, options);
}

ClientOptions TestServer::options_for(const CurvePair& client_key) const {
  ClientOptions out;
  out.addresses = server->addresses();
  out.server_key = key.public_key;
  out.secret_key = client_key.secret_key.clone();
  out.redial_shortest = Duration(10);
  out.redial_longest = Duration(100);
  return out;
}

void TestServer::turn() {
  server->receive(1000, [&](const Received& received) {
    arrived.push_back({received.connection, received.user, std::string(as_text(received.frame))});
  });
  for (auto id : server->closed())
    closed.push_back(id);
}

namespace {

ClientOptions adjusted(ClientOptions options, const std::function<void(ClientOptions&)>& adjust) {
  if (adjust) adjust(options);
  return options;
}

}  // namespace

TestClient::TestClient(TestServer& server, const CurvePair& key,
                       const std::function<void(ClientOptions&)>& adjust)
    : client(server.context, adjusted(server.options_for(key), adjust), entropy) {}

void TestClient::turn() {
  for (;;) {
    auto what = client.step(system_now().steady);
    if (what == ExchangeClient::Happened::nothing) break;
    happened.push_back(what);
  }
  client.receive(1000, [&](ByteView frame) { arrived.emplace_back(as_text(frame)); });
}

bool TestClient::has(ExchangeClient::Happened what) const {
  return std::find(happened.begin(), happened.end(), what) != happened.end();
}

bool until(TestServer& server, const std::vector<TestClient*>& clients,
           const std::function<bool()>& done) {
  std::vector<const Pollable*> what = {server.server.get()};
  // The bound of one wait covers clients' sockets that change as they redial.
  return until(what, [&] {
    server.turn();
    for (auto* client : clients)
      client->turn();
    return done();
  });
}

}  // namespace liaison::net::testing
