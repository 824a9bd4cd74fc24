#include "net/doorkeeper.h"

#include <catch2/catch.hpp>

#include "net/native.h"
#include "net/testing/link.h"

using namespace liaison;
using namespace liaison::net;
using namespace liaison::net::testing;
using Happened = ExchangeClient::Happened;
using Refusal = Doorkeeper::Refusal;

namespace {

/// Asks the Doorkeeper of a Context as libzmq's sessions do.
class Session {
 public:
  explicit Session(const Context& context) : socket_(context, ZMQ_REQ) {
    socket_.connect("inproc://zeromq.zap.01");
  }

  std::string ask(const std::vector<std::string>& parts) {
    for (std::size_t i = 0; i < parts.size(); ++i) {
      Message part(as_bytes(parts[i]));
      REQUIRE(part.send(socket_, i + 1 < parts.size() ? ZMQ_SNDMORE : 0) == 0);
    }
    std::vector<std::string> answer;
    zmq_pollitem_t item{socket_.get(), 0, ZMQ_POLLIN, 0};
    REQUIRE(zmq_poll(&item, 1, 15000) == 1);
    for (bool more = true; more;) {
      Message part;
      REQUIRE(part.receive(socket_));
      answer.emplace_back(part.text());
      more = part.has_more();
    }
    REQUIRE(answer.size() == 6);
    CHECK(answer[1] == (parts.size() > 1 ? parts[1] : ""));
    CHECK((answer[2] == "200" || answer[2] == "400"));  // never 300
    CHECK(answer[4] == (answer[2] == "200" ? to_hex(as_bytes(parts[6])) : ""));
    return answer[2];
  }
  std::string ask(const std::string& domain, const CurveKey& key) {
    return ask({"1.0", "7", domain, "127.0.0.1", "", "CURVE", octets_of(key)});
  }
  /// Asks with other keys all the time until one is refused; false: none was.
  bool ask_too_often(const std::string& domain) {
    for (int i = 0; i < 10000; ++i) {
      if (ask(domain, another_key()) == "400") return true;
    }
    return false;
  }

  static std::string octets_of(const CurveKey& key) { return std::string(as_text(key.view())); }

 private:
  CurveKey another_key() {
    Bytes octets(CurveKey::size);
    ++number_;
    for (std::size_t i = 0; i < sizeof number_; ++i)
      octets[i] = static_cast<std::uint8_t>(number_ >> (8 * i));
    return *CurveKey::from(octets);
  }

  Socket socket_;
  std::uint32_t number_ = 0;
};

}  // namespace

TEST_CASE("a request that is not as it should be admits nobody", "[net]") {
  Context context;
  Doorkeeper doorkeeper(context);
  const auto key = generate_curve_pair().public_key;
  doorkeeper.admit("exchange", key);
  Session session(context);
  const auto octets = Session::octets_of(key);
  CHECK(session.ask("exchange", key) == "200");
  CHECK(session.ask({"1.0"}) == "400");
  CHECK(session.ask({"1.1", "7", "exchange", "127.0.0.1", "", "CURVE", octets}) == "400");
  CHECK(session.ask({"1.0", "7", "exchange", "127.0.0.1", "", "NULL", octets}) == "400");
  CHECK(session.ask({"1.0", "7", "exchange", "127.0.0.1", "", "CURVE", octets + "x"}) == "400");
  CHECK(session.ask({"1.0", "7", "exchange", "127.0.0.1", "", "CURVE", octets, "more", "parts"}) ==
        "400");
  CHECK(doorkeeper.counts().malformed == 5);
  CHECK(session.ask("", key) == "400");
  CHECK(doorkeeper.counts().refused == 1);
  CHECK(doorkeeper.take_refusals() ==
        std::vector<Refusal>{{"", std::nullopt, Refusal::Why::malformed, 5},
                             {"", key, Refusal::Why::unknown, 1}});
}

TEST_CASE("a key that connects far too often is refused for a while", "[net]") {
  Context context;
  Doorkeeper doorkeeper(context);
  const auto key = generate_curve_pair().public_key;
  const auto other = generate_curve_pair().public_key;
  doorkeeper.admit_only("exchange", {key, other});
  Session session(context);
  std::string last = "200";
  for (int i = 0; i < 10000 && last == "200"; ++i)
    last = session.ask("exchange", key);
  CHECK(last == "400");
  CHECK(doorkeeper.counts().hurried == 1);
  CHECK(doorkeeper.take_refusals() ==
        std::vector<Refusal>{{"exchange", key, Refusal::Why::hurried, 1}});
  CHECK(session.ask("exchange", other) == "200");
  // Being taken out and put in again begins its count anew.
  doorkeeper.refuse("exchange", key);
  CHECK(session.ask("exchange", key) == "400");
  doorkeeper.admit_only("exchange", {key});
  CHECK(session.ask("exchange", key) == "200");
}

TEST_CASE("where any key may connect, all keys together are paced, and no others", "[net]") {
  Context context;
  Doorkeeper doorkeeper(context);
  const auto key = generate_curve_pair().public_key;
  doorkeeper.admit("exchange", key);
  doorkeeper.admit_all("joining");
  Session session(context);
  REQUIRE(session.ask_too_often("joining"));
  CHECK(doorkeeper.counts().admitted >= 100);
  CHECK(doorkeeper.counts().hurried == 1);
  CHECK(session.ask("exchange", key) == "200");
  // What it admits anew is no new beginning.
  doorkeeper.admit_all("joining");
  REQUIRE(session.ask_too_often("joining"));
  CHECK(doorkeeper.counts().admitted < 200);
  CHECK(doorkeeper.take_refusals() ==
        std::vector<Refusal>{{"joining", std::nullopt, Refusal::Why::hurried, 2}});
}

TEST_CASE("a client that came in a crowd is told, and gets in by itself when there is room",
          "[net]") {
  TestServer server([](ServerOptions& options) { options.domain = "joining"; });
  server.doorkeeper.admit_all("joining");
  Session crowd(server.context);
  TestClient client(server, generate_curve_pair());
  // Now and then it slips in between the crowd's.
  REQUIRE(until(server, {&client}, [&] {
    if (client.client.is_connected()) client.client.hang_up(ExchangeClient::Then::dial_again);
    return client.has(Happened::refused) || !crowd.ask_too_often("joining");
  }));
  REQUIRE(client.has(Happened::refused));
  client.happened.clear();
  REQUIRE(until(server, {&client}, [&] { return client.has(Happened::connected); }));
  client.client.send(as_bytes("let me join"));
  REQUIRE(until(server, {&client}, [&] { return server.arrived.size() == 1; }));
}
