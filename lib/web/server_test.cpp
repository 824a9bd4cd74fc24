#include "web/server.h"

#include <catch2/catch.hpp>

#include "web/client.h"
#include "web/testing/desk.h"

using namespace liaison;
using namespace liaison::web;
using namespace liaison::web::testing;
using namespace std::chrono_literals;

TEST_CASE("requests reach their handlers and answers come back hardened", "[web]") {
  Desk desk;
  Client client(desk.server.url());
  const auto got = client.request(Method::get, "/hello/Mary%20Ann");
  REQUIRE(got);
  CHECK(got->status == 200);
  CHECK(got->body == "hello Mary Ann");
  CHECK(got->header("X-Frame-Options") == "DENY");
  CHECK(got->header("Cache-Control") == "no-store");
  CHECK(got->header("Content-Security-Policy").find("frame-ancestors 'none'") !=
        std::string_view::npos);
  CHECK(client.request(Method::post, "/echo", "some text")->body == "some text");
  CHECK(client.request(Method::get, "/nothing")->status == 404);
  CHECK(client.request(Method::del, "/echo")->status == 405);
}

TEST_CASE("a body over the route's limit, chunked or compressed is refused before it is read",
          "[web]") {
  Desk desk;
  Client client(desk.server.url());
  const auto big = client.request(Method::post, "/echo", std::string(101, 'x'));
  REQUIRE(big);
  CHECK(big->status == 413);
  CHECK(error_of(big->status, big->body).text == "the body is over 100 octets");
  CHECK(client.request(Method::post, "/echo", std::string(100, 'x'))->status == 200);
  CHECK(desk.raw("POST /echo HTTP/1.1\r\n" + desk.host() + "Transfer-Encoding: chunked\r\n\r\n")
            .find(" 411 ") != std::string::npos);
  CHECK(desk.raw("POST /echo HTTP/1.1\r\n" + desk.host() +
                 "Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\n")
            .find(" 411 ") != std::string::npos);
  CHECK(desk.raw("POST /echo HTTP/1.1\r\n" + desk.host() +
                 "Content-Length: 5\r\nContent-Length: 6\r\n\r\n")
            .find(" 400 ") != std::string::npos);
  CHECK(desk.raw("POST /echo HTTP/1.1\r\n" + desk.host() + "Content-Length: -1\r\n\r\n")
            .find(" 400 ") != std::string::npos);
  CHECK(desk.raw("GET /hello/x HTTP/1.1\r\n" + desk.host() + "Content-Length: 5\r\n\r\nGET /")
            .find(" 400 ") != std::string::npos);
}

TEST_CASE("who is not signed in is told so before the body is read", "[web]") {
  Desk desk;
  // The body never comes: an answer shows that it was not waited for.
  CHECK(desk.raw("POST /secret HTTP/1.1\r\n" + desk.host() + "Content-Length: 50\r\n\r\n")
            .find(" 401 ") != std::string::npos);
  Client client(desk.server.url());
  client.set_bearer_token("good");
  CHECK(client.request(Method::post, "/secret", "x")->body == "in");
}

TEST_CASE("a request under another name or from another origin is refused", "[web]") {
  Desk desk;
  CHECK(desk.raw("GET /hello/x HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")
            .find(" 403 ") != std::string::npos);
  CHECK(desk.raw("GET /hello/x HTTP/1.1\r\nConnection: close\r\n\r\n").find(" 403 ") !=
        std::string::npos);
  CHECK(desk.raw("POST /echo HTTP/1.1\r\n" + desk.host() +
                 "Origin: http://evil.example\r\nContent-Length: 1\r\n\r\nx")
            .find(" 403 ") != std::string::npos);
}

TEST_CASE("headers without end are cut off", "[web]") {
  ServerOptions options;
  options.header_bytes_max = 2000;
  Desk desk(options);
  std::string many;
  for (int i = 0; i < 200; ++i)
    many += "X-Header-" + std::to_string(i) + ": value\r\n";
  CHECK(desk.raw("GET /hello/x HTTP/1.1\r\n" + desk.host() + many + "\r\n").find(" 200 ") ==
        std::string::npos);
  CHECK(desk.raw("nonsense\r\n\r\n").find(" 200 ") == std::string::npos);
  Client client(desk.server.url());
  CHECK(client.request(Method::get, "/hello/x")->status == 200);
}

TEST_CASE("who sends a request too slowly is cut off", "[web]") {
  ServerOptions options;
  options.request_time_max = 50ms;
  Desk desk(options);
  CHECK(desk.raw("GET /hello/x HTTP/1.1\r\nHo").find(" 200 ") == std::string::npos);
}

TEST_CASE("a handler that fails says no more than that to its caller", "[web]") {
  Desk desk;
  const auto got = Client(desk.server.url()).request(Method::get, "/throws");
  REQUIRE(got);
  CHECK(got->status == 500);
  CHECK(got->body.find("disk full") == std::string::npos);
}

TEST_CASE("event streams carry changes, are counted, and leave room for pages", "[web]") {
  ServerOptions options;
  options.pages_at_once = 1;
  options.streams_max = 3;
  options.stream_heartbeat = 20ms;
  Desk desk(options);
  const auto ask = "GET /changes HTTP/1.1\r\n" + desk.host() + "\r\n";
  std::vector<int> streams;
  for (int i = 0; i < 3; ++i) {
    streams.push_back(desk.open_connection());
    send(streams.back(), ask.data(), ask.size(), MSG_NOSIGNAL);
    char first[512];
    REQUIRE(recv(streams.back(), first, sizeof first, 0) > 0);  // its headers: the stream is open
  }
  CHECK(Client(desk.server.url()).request(Method::get, "/hello/x")->status == 200);
  CHECK(desk.raw("GET /changes HTTP/1.1\r\n" + desk.host() + "Connection: close\r\n\r\n")
            .find(" 503 ") != std::string::npos);

  desk.feed->publish("referral", R"({"id":"ab"})");
  std::string got;
  char buffer[512];
  while (got.find("event: referral\ndata: {\"id\":\"ab\"}") == std::string::npos) {
    const auto size = recv(streams.front(), buffer, sizeof buffer, 0);
    REQUIRE(size > 0);
    got.append(buffer, static_cast<std::size_t>(size));
  }
  for (const int fd : streams)
    ::close(fd);
  desk.feed->close();
}

TEST_CASE("an event stream ends when who listens may not any more", "[web]") {
  Desk desk;
  const auto ask = "GET /changes HTTP/1.1\r\n" + desk.host() + "Connection: close\r\n\r\n";
  const int stream = desk.open_connection();
  send(stream, ask.data(), ask.size(), MSG_NOSIGNAL);
  std::string got(1, ' ');
  REQUIRE(recv(stream, got.data(), got.size(), 0) == 1);  // of its headers: the stream is open
  desk.may_listen = false;
  desk.feed->publish("referral", R"({"id":"ab"})");
  got += read_all(stream);
  ::close(stream);
  CHECK(got.find("text/event-stream") != std::string::npos);
  CHECK(got.find("event: referral") == std::string::npos);
  CHECK(got.substr(got.size() - 5) == "0\r\n\r\n");
}

TEST_CASE("a port in use and an address beyond the machine without TLS are refused in one line",
          "[web]") {
  Desk desk;
  ServerOptions same;
  same.port = desk.server.port();
  CHECK_THROWS_WITH(Server(same, Router{}, Desk::gate()), Catch::Contains("the port is in use"));
  ServerOptions beyond;
  beyond.address = "0.0.0.0";
  CHECK_THROWS_WITH(Server(beyond, Router{}, Desk::gate()), Catch::Contains("only with TLS"));
}
