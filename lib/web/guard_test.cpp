#include "web/guard.h"

#include <catch2/catch.hpp>

using namespace liaison;
using namespace liaison::web;

namespace {

Request with(std::vector<Header> headers, Method method = Method::post) {
  Request out;
  out.method = method;
  out.headers = std::move(headers);
  return out;
}

}  // namespace

TEST_CASE("a desk answers to its own names only, so that a rebound name reaches nothing", "[web]") {
  const HostGuard guard("127.0.0.1", 7681, {});
  CHECK_FALSE(guard.refuses(with({{"Host", "127.0.0.1:7681"}})));
  CHECK_FALSE(guard.refuses(with({{"Host", "LOCALHOST:7681"}})));
  CHECK(guard.refuses(with({{"Host", "evil.example:7681"}})));
  CHECK(guard.refuses(with({{"Host", "127.0.0.1:7682"}})));
  CHECK(guard.refuses(with({{"Host", "127.0.0.1"}})));
  CHECK(guard.refuses(with({})));
}

TEST_CASE("a page of another origin cannot act as the user", "[web]") {
  const HostGuard guard("127.0.0.1", 7681, {});
  const Header host{"Host", "127.0.0.1:7681"};
  CHECK_FALSE(guard.refuses(with({host, {"Origin", "http://127.0.0.1:7681"}})));
  CHECK(guard.refuses(with({host, {"Origin", "http://evil.example"}})));
  CHECK(guard.refuses(with({host, {"Origin", "null"}})));
  CHECK(guard.refuses(with({host, {"Origin", "http://127.0.0.1:8080"}})));
  CHECK(guard.refuses(with({host, {"Sec-Fetch-Site", "cross-site"}})));
  CHECK(guard.refuses(
      with({host, {"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Mode", "navigate"}})));
  CHECK_FALSE(guard.refuses(
      with({host, {"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Mode", "navigate"}}, Method::get)));
}

TEST_CASE("a desk reached by further names knows them with and without its port", "[web]") {
  const HostGuard guard("10.0.0.5", 443, {"desk.example.org"});
  CHECK_FALSE(guard.refuses(with({{"Host", "desk.example.org"}})));
  CHECK_FALSE(guard.refuses(with({{"Host", "desk.example.org:443"}})));
  CHECK(guard.refuses(with({{"Host", "localhost:443"}})));
}

TEST_CASE("a desk that listens everywhere is reached by loopback, and else by its names alone",
          "[web]") {
  const HostGuard guard("0.0.0.0", 443, {"desk.example.org"});
  CHECK_FALSE(guard.refuses(with({{"Host", "127.0.0.1:443"}})));
  CHECK_FALSE(guard.refuses(with({{"Host", "desk.example.org"}})));
  CHECK(guard.refuses(with({{"Host", "10.0.0.5:443"}})));
}

TEST_CASE("loopback is told from other addresses", "[web]") {
  CHECK(is_loopback("127.0.0.1"));
  CHECK(is_loopback("127.8.9.10"));
  CHECK(is_loopback("::1"));
  CHECK(is_loopback("[::1]"));
  CHECK(is_loopback("localhost"));
  CHECK_FALSE(is_loopback("0.0.0.0"));
  CHECK_FALSE(is_loopback("128.0.0.1"));
  CHECK_FALSE(is_loopback("localhost.example.org"));
}
