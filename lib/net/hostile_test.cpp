// What a peer may do that a client of ours would not: each row of the ZeroMQ part of
// docs/SECURITY.md.

#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <memory>

#include "net/native.h"
#include "net/testing/link.h"
#include "net/testing/relay.h"

using namespace liaison;
using namespace liaison::net;
using namespace liaison::net::testing;
using Happened = ExchangeClient::Happened;

namespace {

/// A DEALER without our client's manners, on a Context of its own.
struct RawClient {
  Context context;
  Socket socket{context, ZMQ_DEALER};
  RawClient(const TestServer& server, const CurvePair& key, const std::string& routing_id = {}) {
    if (!routing_id.empty()) socket.set(ZMQ_ROUTING_ID, routing_id);
    socket.set(ZMQ_CURVE_SERVERKEY, server.key.public_key.view());
    socket.set(ZMQ_CURVE_PUBLICKEY, key.public_key.view());
    socket.set(ZMQ_CURVE_SECRETKEY, key.secret_key.view());
    socket.set(ZMQ_RECONNECT_IVL, -1);
    socket.connect(server.server->addresses()[0]);
  }
  void send(std::vector<std::string> parts) {
    for (std::size_t i = 0; i < parts.size(); ++i) {
      Message part(as_bytes(parts[i]));
      REQUIRE(part.send(socket, i + 1 < parts.size() ? ZMQ_SNDMORE : 0) == 0);
    }
  }
};

struct AdmittedServer : TestServer {
  CurvePair client_key = generate_curve_pair();
  explicit AdmittedServer(const std::function<void(ServerOptions&)>& adjust = {})
      : TestServer(adjust) {
    doorkeeper.admit("exchange", client_key.public_key);
  }
};

/// Whether the other end of a plain connection has closed it.
bool is_closed(const Descriptor& descriptor) {
  std::array<char, 4096> buffer;
  for (;;) {
    auto size = ::recv(descriptor.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (size == 0) return true;
    if (size < 0) return errno != EAGAIN;
  }
}

/// A ZMTP 3.0 greeting that claims CURVE.
std::string greeting() {
  std::string out("\xff\0\0\0\0\0\0\0\x01\x7f\x03\0CURVE", 17);
  out.resize(64, '\0');
  return out;
}

}  // namespace

TEST_CASE("a message of more than one frame is dropped, and a few of them cost the connection",
          "[net]") {
  AdmittedServer server;
  RawClient peer(server, server.client_key);
  peer.send({"one"});
  peer.send({"two", "frames"});
  peer.send({"", "empty first"});
  peer.send({"single again"});
  REQUIRE(until(server, {}, [&] { return server.arrived.size() == 2; }));
  CHECK(server.arrived[1].text == "single again");
  CHECK(server.server->counts().multipart == 2);
  CHECK(server.closed.empty());
  peer.send({"the", "third", "strike"});
  REQUIRE(until(server, {}, [&] { return server.closed.size() == 1; }));
  CHECK(server.closed[0] == server.arrived[0].connection);
  CHECK(server.arrived.size() == 2);
  CHECK(server.server->counts().ended_unheard == 0);
  const auto told = server.server->misshapen();
  REQUIRE(told.size() == 3);
  CHECK(told[2].connection == server.arrived[0].connection);
  CHECK(told[2].user == server.client_key.public_key);
  CHECK(server.server->misshapen().empty());
}

TEST_CASE("a peer that names its own routing id gets nothing through and is cut off", "[net]") {
  AdmittedServer server;
  auto victim_key = generate_curve_pair();
  server.doorkeeper.admit("exchange", victim_key.public_key);
  TestClient victim(server, victim_key);
  REQUIRE(until(server, {&victim}, [&] { return victim.client.is_connected(); }));
  victim.client.send(as_bytes("hello"));
  REQUIRE(until(server, {&victim}, [&] { return server.arrived.size() == 1; }));

  RawClient peer(server, server.client_key, "jcp-leeds");
  peer.send({"I am Leeds"});
  REQUIRE(until(server, {}, [&] { return server.server->counts().chosen_routing_ids >= 1; }));
  // What is certain of the descriptor comes with its second frame at the latest.
  peer.send({"I am Leeds, really"});
  REQUIRE(until(server, {&victim}, [&] { return server.server->counts().shut_down == 1; }));
  CHECK(server.arrived.size() == 1);

  CHECK(server.server->send(server.arrived[0].connection, as_bytes("for the victim")) ==
        ExchangeServer::Sent::queued);
  REQUIRE(until(server, {&victim}, [&] { return victim.arrived.size() == 1; }));
  CHECK(victim.happened == std::vector{Happened::connected});
}

TEST_CASE("a frame without a User-Id is dropped", "[net]") {
  // A handler that admits all and names nobody, in the place of ours.
  Context context;
  TestServer other;
  Socket handler(context, ZMQ_REP);
  handler.bind("inproc://zeromq.zap.01");
  ServerOptions options;
  options.addresses = {"tcp://127.0.0.1:*"};
  options.secret_key = other.key.secret_key.clone();
  options.domain = "exchange";
  other.server = std::make_unique<ExchangeServer>(context, other.doorkeeper, options);
  RawClient peer(other, generate_curve_pair());
  peer.send({"who am I?"});
  REQUIRE(until(other, {}, [&] {
    std::vector<std::string> parts;
    bool more = true;
    for (Message part; more && parts.size() < 7 && part.receive(handler);) {
      parts.emplace_back(part.text());
      more = part.has_more();
    }
    if (parts.size() == 7) {
      for (std::size_t i = 0; i < 6; ++i) {
        std::array<std::string, 6> answer = {"1.0", parts[1], "200", "OK", "", ""};
        Message part(as_bytes(answer[i]));
        part.send(handler, i < 5 ? ZMQ_SNDMORE : 0);
      }
    }
    return other.server->counts().without_user == 1;
  }));
  CHECK(other.arrived.empty());
}

TEST_CASE("a frame over the limit ends its connection; one at the limit passes", "[net]") {
  AdmittedServer server([](ServerOptions& options) { options.frame_bytes_max = 10000; });
  RawClient peer(server, server.client_key);
  peer.send({std::string(10000, 'x')});
  REQUIRE(until(server, {}, [&] { return server.arrived.size() == 1; }));
  peer.send({std::string(10001, 'x')});
  REQUIRE(until(server, {}, [&] { return server.server->counts().multipart == 1; }));
  peer.send({std::string(20000, 'x')});
  REQUIRE(until(server, {}, [&] { return server.closed.size() == 1; }));
  CHECK(server.arrived.size() == 1);
}

TEST_CASE("a stranger who announces a giant frame before any handshake is cut off", "[net]") {
  // By its size, long before its time is over.
  TestServer server([](ServerOptions& options) {
    options.handshake_longest = options.silent_start_longest = std::chrono::minutes(2);
  });
  auto stranger = dial_plain(server.server->addresses()[0]);
  auto hello = greeting();
  // A long command frame of 400 MB, of which a little comes.
  std::string frame("\x06\0\0\0\0\x18\0\0\0", 9);
  hello += frame + std::string(5000, 'x');
  REQUIRE(::send(stranger.get(), hello.data(), hello.size(), MSG_NOSIGNAL) ==
          static_cast<ssize_t>(hello.size()));
  REQUIRE(until(server, {}, [&] { return is_closed(stranger); }));
  CHECK(server.doorkeeper.counts().admitted == 0);
}

TEST_CASE("a stranger who says nothing, or half a greeting, is cut off after the handshake's time",
          "[net]") {
  TestServer server([](ServerOptions& options) { options.handshake_longest = Duration(100); });
  auto silent = dial_plain(server.server->addresses()[0]);
  auto slow = dial_plain(server.server->addresses()[0]);
  auto half = greeting().substr(0, 20);
  REQUIRE(::send(slow.get(), half.data(), half.size(), MSG_NOSIGNAL) == 20);
  auto noise = dial_plain(server.server->addresses()[0]);
  std::string get = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
  REQUIRE(::send(noise.get(), get.data(), get.size(), MSG_NOSIGNAL) > 0);
  REQUIRE(
      until(server, {}, [&] { return is_closed(silent) && is_closed(slow) && is_closed(noise); }));
  CHECK(until(server, {}, [&] { return server.server->counts().ended_unheard == 3; }));
  CHECK(server.arrived.empty());
}

TEST_CASE("an admitted peer that never says a word is cut off", "[net]") {
  AdmittedServer server([](ServerOptions& options) { options.silent_start_longest = Duration(0); });
  TestClient peer(server, server.client_key);
  REQUIRE(until(server, {&peer}, [&] { return peer.has(Happened::disconnected); }));
  CHECK(server.server->counts().shut_down >= 1);
}

TEST_CASE("of those who say nothing only so many stay, and who did so longest goes first",
          "[net]") {
  AdmittedServer server([](ServerOptions& options) {
    options.silent_connections_max = 2;
    options.handshake_longest = Duration(60000);
    options.silent_start_longest = Duration(60000);
  });
  const auto late_key = generate_curve_pair();
  server.doorkeeper.admit("exchange", late_key.public_key);
  TestClient heard(server, server.client_key);
  REQUIRE(until(server, {&heard}, [&] { return heard.client.is_connected(); }));
  heard.client.send(as_bytes("hello"));
  REQUIRE(until(server, {&heard}, [&] { return server.arrived.size() == 1; }));

  std::vector<Descriptor> silent;
  for (int i = 0; i < 4; ++i)
    silent.push_back(dial_plain(server.server->addresses()[0]));
  REQUIRE(until(server, {&heard}, [&] { return is_closed(silent[0]) && is_closed(silent[1]); }));
  CHECK_FALSE(is_closed(silent[2]));
  CHECK_FALSE(is_closed(silent[3]));
  CHECK(server.server->counts().shut_down == 2);

  // Places that are taken keep nobody out who says what it came for.
  TestClient late(server, late_key);
  REQUIRE(until(server, {&heard, &late}, [&] { return late.client.is_connected(); }));
  late.client.send(as_bytes("hello too"));
  REQUIRE(until(server, {&heard, &late}, [&] { return server.arrived.size() == 2; }));
  CHECK(late.happened == std::vector{Happened::connected});
  CHECK(heard.happened == std::vector{Happened::connected});
}

TEST_CASE("a link that falls silent is noticed at both ends", "[net]") {
  AdmittedServer server([](ServerOptions& options) {
    options.heartbeat_every = Duration(50);
    options.silence_longest = Duration(200);
  });
  Relay relay(server.server->addresses()[0]);
  TestClient client(server, server.client_key, [&](ClientOptions& options) {
    options.addresses = {relay.address()};
    options.heartbeat_every = Duration(50);
    options.silence_longest = Duration(200);
  });
  REQUIRE(until(server, {&client}, [&] { return client.client.is_connected(); }));
  client.client.send(as_bytes("hello"));
  REQUIRE(until(server, {&client}, [&] { return server.arrived.size() == 1; }));
  relay.fall_silent();
  REQUIRE(until(server, {&client},
                [&] { return client.has(Happened::disconnected) && server.closed.size() == 1; }));
}

TEST_CASE("the check of who may connect fails", "[.dead-doorkeeper]") {
  Context context;
  Doorkeeper doorkeeper(context);
  doorkeeper.fail_for_test();
  ::poll(nullptr, 0, 15000);  // the process ends before this does
  std::_Exit(0);
}

TEST_CASE("the process ends when the check of who may connect does", "[net]") {
  std::string program = "/proc/self/exe";
  std::string test = "[.dead-doorkeeper]";
  std::array<char*, 3> arguments = {program.data(), test.data(), nullptr};
  pid_t child = 0;
  REQUIRE(posix_spawn(&child, program.c_str(), nullptr, nullptr, arguments.data(), environ) == 0);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 1);
}

TEST_CASE("a server with frames that nobody takes still ends at once", "[net]") {
  auto server = std::make_unique<AdmittedServer>();
  auto peer = std::make_unique<RawClient>(*server, server->client_key);
  peer->send({"hello"});
  REQUIRE(until(*server, {}, [&] { return server->arrived.size() == 1; }));
  for (int i = 0; i < 50; ++i) {
    server->server->send(server->arrived[0].connection, Bytes(500000, 'x'));
  }
  auto before = system_now().steady;
  server.reset();
  CHECK(system_now().steady - before < Duration(10000));
}
