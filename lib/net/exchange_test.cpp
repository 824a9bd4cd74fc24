#include <catch2/catch.hpp>
#include <memory>
#include <set>

#include "net/testing/link.h"
#include "net/testing/relay.h"

using namespace liaison;
using namespace liaison::net;
using namespace liaison::net::testing;
using Happened = ExchangeClient::Happened;
using Sent = ExchangeServer::Sent;

TEST_CASE("a known key connects, and frames go both ways with its identity", "[net]") {
  TestServer server;
  auto key = generate_curve_pair();
  server.doorkeeper.admit("exchange", key.public_key);
  TestClient client(server, key);
  CHECK_FALSE(client.client.send(as_bytes("too early")));
  REQUIRE(until(server, {&client}, [&] { return client.client.is_connected(); }));
  CHECK(client.client.send(as_bytes("hello")));
  CHECK(client.client.send(Bytes(100000, 'x')));
  REQUIRE(until(server, {&client}, [&] { return server.arrived.size() == 2; }));
  CHECK(server.arrived[0].text == "hello");
  CHECK(server.arrived[0].user == key.public_key);
  CHECK(server.arrived[1].text == std::string(100000, 'x'));
  CHECK(server.arrived[1].connection == server.arrived[0].connection);
  CHECK(server.server->send(server.arrived[0].connection, as_bytes("welcome")) == Sent::queued);
  CHECK(server.server->send(server.arrived[0].connection, Bytes(100000, 'y')) == Sent::queued);
  REQUIRE(until(server, {&client}, [&] { return client.arrived.size() == 2; }));
  CHECK(client.arrived[0] == "welcome");
  CHECK(client.arrived[1] == std::string(100000, 'y'));
  CHECK(client.happened == std::vector{Happened::connected});
}

TEST_CASE("an unknown key is refused, and is told so", "[net]") {
  TestServer server;
  TestClient client(server, generate_curve_pair());
  REQUIRE(until(server, {&client}, [&] { return client.has(Happened::refused); }));
  CHECK_FALSE(client.has(Happened::connected));
  CHECK(client.client.trouble().find("does not admit") != std::string::npos);
  CHECK(server.doorkeeper.counts().refused >= 1);
  CHECK(server.doorkeeper.counts().admitted == 0);
}

TEST_CASE("a key known in another domain is refused", "[net]") {
  TestServer server;
  auto key = generate_curve_pair();
  server.doorkeeper.admit("joining", key.public_key);
  TestClient client(server, key);
  REQUIRE(until(server, {&client}, [&] { return client.has(Happened::refused); }));
}

TEST_CASE("where any key may connect, frames still carry the key", "[net]") {
  TestServer server([](ServerOptions& options) { options.domain = "joining"; });
  server.doorkeeper.admit_all("joining");
  auto key = generate_curve_pair();
  TestClient client(server, key);
  REQUIRE(until(server, {&client}, [&] { return client.client.is_connected(); }));
  client.client.send(as_bytes("let me join"));
  REQUIRE(until(server, {&client}, [&] { return server.arrived.size() == 1; }));
  CHECK(server.arrived[0].user == key.public_key);
}

TEST_CASE("a client that expects another broker's key gets nowhere", "[net]") {
  TestServer server;
  auto key = generate_curve_pair();
  server.doorkeeper.admit("exchange", key.public_key);
  TestClient client(server, key, [](ClientOptions& options) {
    options.server_key = generate_curve_pair().public_key;
    options.handshake_longest = Duration(300);
  });
  REQUIRE(until(server, {&client}, [&] { return !client.client.trouble().empty(); }));
  CHECK(client.happened.empty());
  CHECK(server.doorkeeper.counts().admitted == 0);
}

TEST_CASE("when nobody checks who may connect, nobody may", "[net]") {
  auto server = std::make_unique<TestServer>();
  auto key = generate_curve_pair();
  server->doorkeeper.admit("exchange", key.public_key);
  bool failed = false;
  Context context;
  auto handler = std::make_unique<Doorkeeper>(context, [&] { failed = true; });
  handler->admit("exchange", key.public_key);
  ServerOptions options;
  options.addresses = {"tcp://127.0.0.1:*"};
  options.secret_key = server->key.secret_key.clone();
  options.domain = "exchange";
  ExchangeServer guarded(context, *handler, options);

  SECTION("because it ended by itself, of which the process is told") {
    handler->fail_for_test();
    handler.reset();  // joins
    CHECK(failed);
  }
  SECTION("because it was taken away") {
    handler.reset();
    CHECK_FALSE(failed);
  }
  TestClient client(*server, key, [&](ClientOptions& adjusted) {
    adjusted.addresses = guarded.addresses();
    adjusted.handshake_longest = Duration(300);
  });
  int rounds = 0;
  REQUIRE(until({&guarded, &client.client}, [&] {
    guarded.receive(10, [](const Received&) { FAIL("a frame came through"); });
    client.turn();
    if (!client.client.trouble().empty()) ++rounds;
    return guarded.counts().handshakes_failed >= 2 && rounds > 2;
  }));
  CHECK_FALSE(client.has(Happened::connected));
  CHECK(guarded.counts().frames_received == 0);
}

TEST_CASE("a revoked key is cut off at once and refused when it comes back", "[net]") {
  TestServer server;
  auto key = generate_curve_pair();
  auto other_key = generate_curve_pair();
  server.doorkeeper.admit_only("exchange", {key.public_key, other_key.public_key});
  TestClient client(server, key);
  TestClient other(server, other_key);
  REQUIRE(until(server, {&client, &other},
                [&] { return client.client.is_connected() && other.client.is_connected(); }));
  client.client.send(as_bytes("hello"));
  REQUIRE(until(server, {&client, &other}, [&] { return server.arrived.size() == 1; }));
  auto connection = server.arrived[0].connection;

  server.doorkeeper.refuse("exchange", key.public_key);
  server.server->drop(connection);
  CHECK(server.server->send(connection, as_bytes("late")) == Sent::gone);
  client.client.send(as_bytes("still here?"));
  REQUIRE(until(server, {&client, &other},
                [&] { return client.has(Happened::refused) && !server.closed.empty(); }));
  CHECK(client.happened[1] == Happened::disconnected);
  CHECK(client.happened[2] == Happened::refused);
  CHECK(server.closed == std::vector{connection});
  CHECK(server.server->counts().shut_down == 1);

  // The other one noticed nothing.
  CHECK(other.happened == std::vector{Happened::connected});
  other.client.send(as_bytes("hello from the other"));
  REQUIRE(until(server, {&other}, [&] { return server.arrived.size() == 2; }));
  CHECK(server.arrived[1].text == "hello from the other");

  server.doorkeeper.admit("exchange", key.public_key);
  client.happened.clear();
  REQUIRE(until(server, {&client}, [&] { return client.has(Happened::connected); }));
}

TEST_CASE("dropping many, while as many come and go, ends exactly those dropped", "[net]") {
  // Descriptors' numbers are used again all the while; a drop must never hit who has one now.
  TestServer server;
  std::vector<CurvePair> keys;
  for (int i = 0; i < 8; ++i) {
    keys.push_back(generate_curve_pair());
    server.doorkeeper.admit("exchange", keys.back().public_key);
  }
  TestClient steady(server, keys[0]);
  REQUIRE(until(server, {&steady}, [&] { return steady.client.is_connected(); }));
  steady.client.send(as_bytes("steady"));
  REQUIRE(until(server, {&steady}, [&] { return server.arrived.size() == 1; }));
  std::set<ConnectionId> ids;
  for (int round = 0; round < 6; ++round) {
    std::vector<std::unique_ptr<TestClient>> clients;
    std::vector<TestClient*> all = {&steady};
    for (std::size_t i = 1; i < keys.size(); ++i) {
      clients.push_back(std::make_unique<TestClient>(server, keys[i]));
      all.push_back(clients.back().get());
    }
    server.arrived.clear();
    std::size_t greeted = 0;
    std::set<TestClient*> greeters;
    REQUIRE(until(server, all, [&] {
      for (std::size_t i = 1; i < all.size(); ++i) {
        if (all[i]->client.is_connected() && greeters.insert(all[i]).second) {
          all[i]->client.send(as_bytes("hello"));
          ++greeted;
        }
      }
      return greeted == 7 && server.arrived.size() == 7;
    }));
    for (const auto& arrived : server.arrived) {
      CHECK(ids.insert(arrived.connection).second);
    }
    // Every other one leaves by itself, and at the same moment is dropped as well.
    std::size_t number = 0;
    for (const auto& arrived : server.arrived) {
      if (++number % 2 == 0) clients[number - 1].reset();
      server.server->drop(arrived.connection);
    }
    std::vector<TestClient*> left = {&steady};
    for (auto& client : clients) {
      if (client) left.push_back(client.get());
    }
    for (std::size_t i = 1; i < left.size(); ++i)
      left[i]->happened.clear();
    REQUIRE(until(server, left, [&] { return server.closed.size() == ids.size(); }));
  }
  CHECK(std::set(server.closed.begin(), server.closed.end()) == ids);
  CHECK(steady.happened == std::vector{Happened::connected});
  steady.client.send(as_bytes("steady still"));
  REQUIRE(until(server, {&steady}, [&] {
    return !server.arrived.empty() && server.arrived.back().text == "steady still";
  }));
}

TEST_CASE("a connection's end is reported once, after all it sent, and its id is not used again",
          "[net]") {
  TestServer server;
  auto key = generate_curve_pair();
  server.doorkeeper.admit("exchange", key.public_key);
  auto first = std::make_unique<TestClient>(server, key);
  REQUIRE(until(server, {first.get()}, [&] { return first->client.is_connected(); }));
  for (int i = 0; i < 50; ++i)
    first->client.send(as_bytes("frame"));
  REQUIRE(until(server, {first.get()}, [&] { return server.arrived.size() == 50; }));
  first.reset();
  REQUIRE(until(server, {}, [&] { return !server.closed.empty(); }));
  auto id = server.arrived[0].connection;
  CHECK(server.closed == std::vector{id});
  CHECK(server.server->send(id, as_bytes("late")) == Sent::gone);
  CHECK(server.server->counts().connections == 0);
  TestClient second(server, key);
  REQUIRE(until(server, {&second}, [&] { return second.client.is_connected(); }));
  second.client.send(as_bytes("again"));
  REQUIRE(until(server, {&second}, [&] { return server.arrived.size() == 51; }));
  CHECK(server.arrived.back().connection != id);
  CHECK(server.closed.size() == 1);
}

TEST_CASE("a peer that takes nothing fills its own queue only, and sending never blocks", "[net]") {
  TestServer server([](ServerOptions& options) { options.queued_frames_max = 4; });
  auto key = generate_curve_pair();
  auto other_key = generate_curve_pair();
  server.doorkeeper.admit_only("exchange", {key.public_key, other_key.public_key});
  TestClient idle(server, key, [](ClientOptions& options) { options.queued_frames_max = 4; });
  TestClient other(server, other_key);
  REQUIRE(until(server, {&idle, &other},
                [&] { return idle.client.is_connected() && other.client.is_connected(); }));
  idle.client.send(as_bytes("from idle"));
  REQUIRE(until(server, {&idle}, [&] { return server.arrived.size() == 1; }));
  auto to_idle = server.arrived[0].connection;
  Sent sent = Sent::queued;
  for (int i = 0; i < 1000 && sent == Sent::queued; ++i) {
    sent = server.server->send(to_idle, Bytes(900000, 'x'));
  }
  CHECK(sent == Sent::full);
  other.client.send(as_bytes("from other"));
  REQUIRE(until(server, {&other}, [&] { return server.arrived.size() == 2; }));
  CHECK(server.server->send(server.arrived[1].connection, as_bytes("answer")) == Sent::queued);
  REQUIRE(until(server, {&other}, [&] { return other.arrived.size() == 1; }));
}

TEST_CASE("a client tries the addresses of its broker in turn", "[net]") {
  TestServer server;
  auto key = generate_curve_pair();
  server.doorkeeper.admit("exchange", key.public_key);
  DeadPort nobody;
  TestClient client(server, key, [&](ClientOptions& options) {
    options.addresses.insert(options.addresses.begin(), nobody.address());
    options.handshake_longest = Duration(500);
  });
  REQUIRE(until(server, {&client}, [&] { return client.client.is_connected(); }));
  CHECK(client.client.address() == server.server->addresses()[0]);
}

TEST_CASE("a client comes back to a broker that was away", "[net]") {
  TestServer server;
  auto key = generate_curve_pair();
  server.doorkeeper.admit("exchange", key.public_key);
  TestClient client(server, key);
  REQUIRE(until(server, {&client}, [&] { return client.client.is_connected(); }));
  auto address = server.server->addresses()[0];
  server.server.reset();
  REQUIRE(until({&client.client}, [&] {
    client.turn();
    return client.has(Happened::disconnected);
  }));
  CHECK_FALSE(client.client.is_connected());
  CHECK_FALSE(client.client.send(as_bytes("nobody there")));
  server.options.addresses = {address};
  server.server =
      std::make_unique<ExchangeServer>(server.context, server.doorkeeper, server.options);
  REQUIRE(until(server, {&client}, [&] { return client.client.is_connected(); }));
  client.client.send(as_bytes("back"));
  REQUIRE(until(server, {&client}, [&] { return server.arrived.size() == 1; }));
  CHECK(server.arrived[0].text == "back");
}

TEST_CASE("a client that was told to stay down does", "[net]") {
  TestServer server;
  auto key = generate_curve_pair();
  server.doorkeeper.admit("exchange", key.public_key);
  TestClient client(server, key);
  REQUIRE(until(server, {&client}, [&] { return client.client.is_connected(); }));
  client.client.hang_up(ExchangeClient::Then::dial_again);
  REQUIRE(until(server, {&client}, [&] { return client.happened.size() == 3; }));
  CHECK(client.happened ==
        std::vector{Happened::connected, Happened::disconnected, Happened::connected});
  client.client.hang_up(ExchangeClient::Then::stay_down);
  client.turn();
  CHECK(client.happened.back() == Happened::disconnected);
  CHECK_FALSE(client.client.next_deadline().has_value());
  CHECK(client.client.step(Duration(1'000'000'000'000)) == Happened::nothing);
}

TEST_CASE("the wait before dialling again doubles, within bounds, and differs", "[net]") {
  TestServer server;
  DeadPort nobody;
  Context context;
  FixedEntropy entropy;
  ClientOptions options = server.options_for(generate_curve_pair());
  options.addresses = {nobody.address()};
  options.redial_shortest = Duration(1000);
  options.redial_longest = Duration(16000);
  ExchangeClient client(context, std::move(options), entropy);
  Duration now(0);  // a clock of the test's own
  std::vector<Duration> waits;
  for (int i = 0; i < 7; ++i) {
    REQUIRE(until({&client}, [&] {
      auto before = client.next_deadline();
      client.step(now);
      // A failed dial shows as a new deadline with the trouble named.
      return before != client.next_deadline() && !client.trouble().empty() &&
             client.next_deadline() != now + Duration(4000);
    }));
    waits.push_back(*client.next_deadline() - now);
    now = *client.next_deadline();
  }
  std::set<std::int64_t> shares;
  for (std::size_t i = 0; i < waits.size(); ++i) {
    auto whole = std::min<std::int64_t>(16000, 1000ll << i);
    CHECK(waits[i].count() <= whole);
    CHECK(waits[i].count() >= whole / 2);
    shares.insert(waits[i].count() * 1000 / whole);
  }
  // A thousand nodes whose broker comes back do not dial it in the same moment.
  CHECK(shares.size() > 3);
}

TEST_CASE("an address in use is one line that names it", "[net]") {
  TestServer server;
  server.options.addresses = server.server->addresses();
  CHECK_THROWS_WITH(ExchangeServer(server.context, server.doorkeeper, server.options),
                    Catch::Contains("cannot listen at " + server.options.addresses[0]));
}
