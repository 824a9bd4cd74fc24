#include <atomic>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <future>
#include <thread>

#include "base/testing/temporary_directory.h"
#include "web/client.h"
#include "web/testing/desk.h"

using namespace liaison;
using namespace liaison::web;
using namespace liaison::web::testing;
using namespace std::chrono_literals;

namespace {

/// Connections that began something and do not go on with it.
struct Dribblers {
  std::vector<int> sockets;

  Dribblers(const Desk& desk, std::size_t count, const std::string& beginning) {
    for (std::size_t i = 0; i < count; ++i) {
      sockets.push_back(desk.open_connection());
      send(sockets.back(), beginning.data(), beginning.size(), MSG_NOSIGNAL);
    }
  }
  ~Dribblers() {
    for (const int socket : sockets)
      ::close(socket);
  }
  Dribblers(const Dribblers&) = delete;
  Dribblers& operator=(const Dribblers&) = delete;
};

/// A page that is answered when it is let go.
struct Held {
  std::promise<void> go;
  std::shared_future<void> gone = go.get_future().share();
  std::promise<void> reached;

  Router router(Method method = Method::get) {
    Router out;
    auto held = route(method, "/held", Access::open, [this](const Request&) {
      reached.set_value();
      gone.wait();
      return text("held");
    });
    held.body_bytes_max = std::size_t{64} << 20;
    out.add(std::move(held));
    out.add(
        route(Method::post, "/echo", Access::open, [](const Request& r) { return text(r.body); }));
    return out;
  }
};

}  // namespace

TEST_CASE("two hundred connections that dribble headers leave the desk answering", "[web]") {
  ServerOptions options;
  options.pages_at_once = 2;
  options.streams_max = 1;
  Desk desk(options);
  const Dribblers dribblers(desk, 200, "GET /hello/x HTTP/1.1\r\nX-Slow: a");
  Client client(desk.server.url());
  for (int i = 0; i < 5; ++i)
    CHECK(client.request(Method::get, "/hello/x")->status == 200);
  CHECK(client.request(Method::post, "/echo", "some text")->body == "some text");
}

TEST_CASE("two hundred connections that dribble a body leave the desk answering", "[web]") {
  ServerOptions options;
  options.pages_at_once = 2;
  options.streams_max = 1;
  Desk desk(options);
  const Dribblers dribblers(
      desk, 200, "POST /echo HTTP/1.1\r\n" + desk.host() + "Content-Length: 100\r\n\r\na");
  Client client(desk.server.url());
  const auto echo = [&] { return client.request(Method::post, "/echo", "some text"); };
  // While it looks at two hundred that came at once it is busy, and says so.
  auto first = echo();
  for (int tries = 0; first && first->status == 503 && tries < 10'000; ++tries)
    first = echo();
  REQUIRE(first);
  CHECK(first->body == "some text");
  for (int i = 0; i < 5; ++i)
    CHECK(echo()->body == "some text");
}

TEST_CASE("who comes when an address has all its places takes that of who waited longest",
          "[web]") {
  ServerOptions options;
  options.connections_per_peer_max = 3;
  Desk desk(options);
  const Dribblers dribblers(desk, 5, "GET /hello/x HTTP/1.1\r\n");
  char one = 0;
  CHECK(recv(dribblers.sockets[0], &one, 1, 0) <= 0);
  CHECK(recv(dribblers.sockets[1], &one, 1, 0) <= 0);
  const auto rest = desk.host() + "Connection: close\r\n\r\n";
  send(dribblers.sockets[4], rest.data(), rest.size(), MSG_NOSIGNAL);
  CHECK(recv(dribblers.sockets[4], &one, 1, 0) == 1);
}

TEST_CASE("the places of all addresses together are bounded alike", "[web]") {
  ServerOptions options;
  options.connections_max = 2;
  Desk desk(options);
  const Dribblers dribblers(desk, 3, "GET /hello/x HTTP/1.1\r\n");
  char one = 0;
  CHECK(recv(dribblers.sockets[0], &one, 1, 0) <= 0);
}

TEST_CASE("when all that came are being answered, one more is refused at once", "[web]") {
  Held held;
  ServerOptions options;
  options.connections_per_peer_max = 1;
  Server server(options, held.router(), Desk::gate());
  server.start();
  auto first = std::async(std::launch::async,
                          [&] { return Client(server.url()).request(Method::get, "/held"); });
  held.reached.get_future().wait();
  const auto refused = Client(server.url()).request(Method::get, "/held");
  REQUIRE(refused);
  CHECK(refused->status == 503);
  held.go.set_value();
  CHECK(first.get()->body == "held");
}

TEST_CASE("who does not read an answer holds no thread, and gets it whole later", "[web]") {
  ServerOptions options;
  options.pages_at_once = 1;
  options.streams_max = 1;
  Desk desk(options);
  const Dribblers readers(desk, 3,
                          "GET /large HTTP/1.1\r\n" + desk.host() + "Connection: close\r\n\r\n");
  Client client(desk.server.url());
  for (int i = 0; i < 5; ++i)
    CHECK(client.request(Method::get, "/hello/x")->status == 200);
  for (const int socket : readers.sockets)
    CHECK(read_all(socket).size() > large_bytes);
}

TEST_CASE("requests behind an answer that is not read wait for it", "[web]") {
  Desk desk;
  const int socket = desk.open_connection();
  const auto ask = "GET /large HTTP/1.1\r\n" + desk.host() + "\r\n" +
                   "GET /hello/last HTTP/1.1\r\n" + desk.host() + "Connection: close\r\n\r\n";
  send(socket, ask.data(), ask.size(), MSG_NOSIGNAL);
  CHECK(Client(desk.server.url()).request(Method::get, "/hello/x")->status == 200);
  const auto got = read_all(socket);
  ::close(socket);
  const auto next = got.rfind("HTTP/1.1 200");
  CHECK(next > large_bytes);
  CHECK(got.find("hello last", next) != std::string::npos);
}

TEST_CASE("of answers that one address does not read no more is kept than half of all", "[web]") {
  ServerOptions options;
  options.pages_at_once = 1;  // and no streams: the one thread answers in order
  options.streams_max = 0;
  options.unsent_bytes_max = 4 * large_bytes;
  Desk desk(options);
  const auto ask = "GET /large HTTP/1.1\r\n" + desk.host() + "Connection: close\r\n\r\n";
  const Dribblers readers(desk, 8, "");
  for (const int socket : readers.sockets) {
    send(socket, ask.data(), ask.size(), MSG_NOSIGNAL);
    char first = 0;
    REQUIRE(recv(socket, &first, 1, 0) == 1);
  }
  CHECK(read_all(readers.sockets.front()).size() < large_bytes);
  CHECK(read_all(readers.sockets.back()).size() > large_bytes);
}

TEST_CASE("a desk that stops sends what it answered to who reads it", "[web]") {
  Desk desk;
  const Dribblers readers(desk, 1,
                          "GET /large HTTP/1.1\r\n" + desk.host() + "Connection: close\r\n\r\n");
  char first = 0;
  REQUIRE(recv(readers.sockets[0], &first, 1, 0) == 1);
  auto rest = std::async(std::launch::async, [&] { return read_all(readers.sockets[0]); });
  desk.server.stop();
  CHECK(rest.get().size() > large_bytes);
}

TEST_CASE("few large bodies are taken in at once; one more is told when to come again", "[web]") {
  Held held;
  ServerOptions options;
  options.large_bodies_max = 1;
  Server server(options, held.router(Method::post), Desk::gate());
  server.start();
  const auto send_large = [&](std::size_t bytes) {
    return Client(server.url()).request(Method::post, "/held", std::string(bytes, 'x'));
  };
  const auto large = options.large_body_bytes + 1;
  auto first = std::async(std::launch::async, [&] { return send_large(large); });
  held.reached.get_future().wait();
  for (const auto bytes : {large, std::size_t{12} << 20}) {
    const auto refused = send_large(bytes);
    REQUIRE(refused);
    CHECK(refused->status == 503);
    CHECK(refused->header("Retry-After") == "5");
  }
  CHECK(Client(server.url()).request(Method::post, "/echo", "small")->body == "small");
  held.go.set_value();
  CHECK(first.get()->body == "held");
  held.reached = {};
  CHECK(send_large(large)->body == "held");
}

TEST_CASE("large bodies are handled one at a time", "[web]") {
  ServerOptions options;
  std::atomic<int> in_hand{0}, met{0};
  Router router;
  auto upload = route(Method::post, "/upload", Access::open, [&](const Request&) {
    ++in_hand;
    for (int i = 0; i < 100'000 && in_hand < 2; ++i)
      std::this_thread::yield();
    if (in_hand > 1) ++met;
    --in_hand;
    return text("done");
  });
  upload.body_bytes_max = std::size_t{4} << 20;
  router.add(std::move(upload));
  Server server(options, std::move(router), Desk::gate());
  server.start();
  const std::string large(options.large_body_bytes + 1, 'x');
  std::vector<std::future<std::string>> all;
  for (int i = 0; i < 4; ++i)
    all.push_back(std::async(std::launch::async, [&] {
      return Client(server.url()).request(Method::post, "/upload", large)->body;
    }));
  for (auto& one : all)
    CHECK(one.get() == "done");
  CHECK(met == 0);
}

TEST_CASE("a request may come in pieces, and several may come at once", "[web]") {
  Desk desk;
  const int socket = desk.open_connection();
  const auto head = "POST /echo HTTP/1.1\r\n" + desk.host() + "Content-Length: 4\r\n\r\n";
  for (const auto& piece : {head.substr(0, 7), head.substr(7), std::string("ab")}) {
    send(socket, piece.data(), piece.size(), MSG_NOSIGNAL);
    // Another's whole request in between: the piece has been read by then.
    CHECK(Client(desk.server.url()).request(Method::get, "/hello/x")->status == 200);
  }
  const auto rest = "cd" + head + "efgh" + "GET /hello/last HTTP/1.1\r\n" + desk.host() +
                    "Connection: close\r\n\r\n";
  send(socket, rest.data(), rest.size(), MSG_NOSIGNAL);
  std::string got;
  char buffer[512];
  for (ssize_t size = 0; (size = recv(socket, buffer, sizeof buffer, 0)) > 0;)
    got.append(buffer, static_cast<std::size_t>(size));
  ::close(socket);
  CHECK(got.find("\r\n\r\nabcdHTTP/1.1 200") != std::string::npos);
  CHECK(got.find("\r\n\r\nefghHTTP/1.1 200") != std::string::npos);
  CHECK(got.find("hello last") != std::string::npos);
}

TEST_CASE("a desk under TLS answers, and is bounded alike", "[web]") {
  const liaison::testing::TemporaryDirectory scratch;
  const auto key = scratch.file("desk-key"), certificate = scratch.file("desk-certificate");
  REQUIRE(std::system(("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes "
                       "-subj /CN=localhost -days 2 -keyout " +
                       key + " -out " + certificate + " 2>/dev/null")
                          .c_str()) == 0);
  ServerOptions options;
  options.certificate_file = certificate;
  options.key_file = key;
  options.pages_at_once = 2;
  options.streams_max = 1;
  {
    Desk desk(options);
    const Dribblers dribblers(desk, 200, "\x16\x03\x01");  // the beginning of a handshake
    Client client(desk.server.url());
    CHECK(client.request(Method::get, "/hello/x")->body == "hello x");
    CHECK(client.request(Method::post, "/echo", std::string(100, 'x'))->body.size() == 100);
    CHECK(client.request(Method::post, "/echo", std::string(101, 'x'))->status == 413);
    CHECK(client.request(Method::get, "/large")->body.size() == large_bytes);
  }
  options.key_file = certificate;
  CHECK_THROWS_WITH(Server(options, Router{}, Desk::gate()), Catch::Contains(certificate));
}
