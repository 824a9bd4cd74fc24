#include "broker/program/outside_witnesses.h"

#include <catch2/catch.hpp>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>

#include "audit/add_checkpoint.h"
#include "audit/cosignature.h"
#include "broker/shell/cosignatures.h"
#include "broker/shell/testing/broker.h"
#include "web/server.h"

using namespace liaison;
using namespace liaison::broker;
using namespace liaison::broker::testing;

namespace {

/// A witness on loopback, which can be told to answer something else.
class Served {
 public:
  Served() : server(options(), router(), gate()) { server.start(); }
  ~Served() { server.stop(); }
  [[nodiscard]] OutsideWitness named() const { return {server.url(), "/w1", known}; }
  void trust(const audit::NoteKey& log) {
    const std::lock_guard lock(mutex);
    logs.push_back(log);
  }
  void say(int status, std::string body, std::string type = "text/plain") {
    const std::lock_guard lock(mutex);
    said = web::Response{status, std::move(type), std::move(body), {}, {}, 0, {}};
  }
  void say_as_ever() {
    const std::lock_guard lock(mutex);
    said.reset();
  }
  std::map<std::string, audit::Witnessed> cosigned() {
    const std::lock_guard lock(mutex);
    return last;
  }
  std::vector<int> answers() {
    const std::lock_guard lock(mutex);
    return statuses;
  }

 private:
  static web::ServerOptions options() {
    web::ServerOptions out;
    out.called = "the witness";
    return out;
  }
  static web::Gate gate() {
    return [](const web::Request&, const web::Route&) { return std::nullopt; };
  }
  web::Router router() {
    web::Route route;
    route.method = web::Method::post;
    route.pattern = "/w1/add-checkpoint";
    route.access = web::Access::open;
    route.body_bytes_max = audit::add_checkpoint_bytes_max;
    route.handler = [this](const web::Request& request) { return answer(request.body); };
    web::Router out;
    out.add(std::move(route));
    return out;
  }
  web::Response answer(const std::string& body) {
    const std::lock_guard lock(mutex);
    auto out = said ? *said : decide(body);
    statuses.push_back(out.status);
    return out;
  }
  web::Response decide(const std::string& body) {
    const auto request = audit::parse_add_checkpoint(body).value();
    const auto checkpoint = audit::parse_checkpoint(request.note.text).value();
    std::vector<audit::NoteKey> keys;
    for (const auto& each : logs)
      if (each.name == checkpoint.origin) keys.push_back(each);
    const auto known_tree = last.find(checkpoint.origin);
    auto decided = audit::witness(
        request, keys, known_tree == last.end() ? std::nullopt : std::optional(known_tree->second));
    if (decided.cosign) {
      last.insert_or_assign(checkpoint.origin, audit::Witnessed{checkpoint.size, checkpoint.root});
      decided.body = audit::encode(audit::cosign(request.note.text, "stranger", stranger, 7)) +
                     audit::encode(audit::cosign(request.note.text, known.name, key, 7));
    }
    web::Response out;
    out.status = decided.status;
    out.content_type = decided.content_type;
    out.body = decided.body;
    return out;
  }

 public:
  crypto::Ed25519Key key = crypto::Ed25519Key::generate();
  crypto::Ed25519Key stranger = crypto::Ed25519Key::generate();
  audit::NoteKey known{"witness.example/w1", audit::KeyKind::cosignature, key.public_key()};

 private:
  std::mutex mutex;
  std::vector<audit::NoteKey> logs;
  std::map<std::string, audit::Witnessed> last;
  std::vector<int> statuses;
  std::optional<web::Response> said;
  web::Server server;
};

struct Exchange : Two {
  explicit Exchange(const char* name) : Two(name) {
    pass(std::chrono::seconds(2));
    for (const auto log : {LogName::registry, LogName::message})
      served.trust(broker.engine->logs().of(log).key());
  }
  void pass(Duration time) {
    broker.turn();
    broker.now.wall += time;
    broker.now.steady += time;
    broker.turn();
  }
  void look(int times) {
    for (int time = 0; time < times; ++time) {
      witnesses.look(*broker.engine, broker.now);
      witnesses.await_answers();
      pass(std::chrono::seconds(1));
    }
    witnesses.look(*broker.engine, broker.now);
    broker.turn();
  }
  void submit(std::uint64_t number) {
    broker.send(1, leeds, std::vector{leeds.letter(able, number, broker.now.wall)});
    pass(std::chrono::seconds(2));
  }
  nlohmann::json ask(const char* command) {
    const nlohmann::json request{{"command", command}};
    return nlohmann::json::parse(broker.engine->admin(request.dump(), broker.now))["ok"];
  }
  /// The largest tree of a log that the witness cosigned, as the broker keeps it.
  std::uint64_t cosigned(LogName log) {
    std::uint64_t out = 0;
    for (const auto& [size, text] : broker.engine->cosignatures().kept(log)) {
      const auto note = audit::parse_note(text).value();
      const auto said = audit::cosignatures(note, std::span(&served.known, 1)).value();
      if (!said.empty()) out = size;
    }
    return out;
  }

  Served served;
  OutsideWitnesses witnesses{{served.named()}};
};

}  // namespace

TEST_CASE("a witness outside the exchange is asked for what is new, and what it says is kept",
          "[broker]") {
  Exchange exchange("outside");
  auto& engine = *exchange.broker.engine;
  exchange.look(3);
  CHECK(exchange.cosigned(LogName::registry) == engine.counts().registry_entries);
  CHECK(exchange.served.answers() == std::vector<int>{200, 200});
  for (std::uint64_t number = 1; number <= 5; ++number) {
    exchange.submit(number);
    exchange.look(12);
  }
  CHECK(engine.counts().log_entries == 5);
  CHECK(exchange.cosigned(LogName::message) == 5);
  CHECK(exchange.ask("status")["witnesses"][0]["name"] == "witness.example/w1");
  CHECK(exchange.ask("status")["witnesses"][0].contains("cosigned_at"));
  CHECK(exchange.ask("alarms").empty());

  SECTION("who does not know what it cosigned last is told") {
    exchange.submit(6);
    OutsideWitnesses again({exchange.served.named()});
    for (int times = 0; times < 5; ++times) {
      again.look(engine, exchange.broker.now);
      again.await_answers();
      exchange.pass(std::chrono::seconds(1));
    }
    CHECK(exchange.served.cosigned().rbegin()->second.size >= 5);
    CHECK(exchange.cosigned(LogName::message) == 6);
    CHECK(exchange.served.answers().back() == 200);
  }
}

TEST_CASE("a witness that refuses, lies or is down costs an alarm, and goes on after it",
          "[broker]") {
  Exchange exchange("outside-down");
  const std::vector<std::string> garbage{"",
                                         "nothing\n",
                                         "\u2014 witness.example/w1 AAAAAAAA\n",
                                         "\u2014 other AAAAAAAA\n",
                                         std::string(1000, 'x'),
                                         std::string(100'000, 'x')};
  const int which = GENERATE(range(0, 12));
  if (which < 6) exchange.served.say(200, garbage.at(static_cast<std::size_t>(which)));
  if (which == 6) exchange.served.say(404, "no\n");
  if (which == 7) exchange.served.say(403, "no\n");
  if (which == 8) exchange.served.say(422, "no\n");
  if (which == 9) exchange.served.say(409, "many\n", "text/x.tlog.size");
  if (which == 10) exchange.served.say(409, "0\n", "text/x.tlog.size");
  if (which == 11) exchange.served.say(409, "18446744073709551615\n", "text/x.tlog.size");
  exchange.look(3);
  CHECK_FALSE(exchange.ask("status")["witnesses"][0]["trouble"].get<std::string>().empty());
  CHECK(exchange.ask("alarms").empty());
  exchange.look(340);
  // It is asked ever more seldom.
  CHECK(exchange.served.answers().size() < 60);
  const auto alarms = exchange.ask("alarms");
  REQUIRE(alarms.size() == 1);
  CHECK(alarms[0]["what"].get<std::string>().rfind("the witness witness.example/w1 (http://", 0) ==
        0);
  CHECK(exchange.cosigned(LogName::message) == 0);
  exchange.served.say_as_ever();
  exchange.submit(1);
  exchange.look(320);
  CHECK(exchange.ask("alarms").empty());
  CHECK(exchange.cosigned(LogName::message) == 1);
}

TEST_CASE("a witness is named by URL and key, and plain http is for this machine", "[broker]") {
  const audit::NoteKey key{"witness.example/w1", audit::KeyKind::cosignature,
                           crypto::Ed25519Key::generate().public_key()};
  const auto with = [&](const std::string& url) {
    return parse_outside_witness(url + " " + audit::encode(key));
  };
  const auto good = with("https://witness.example:8443/some/w1/");
  REQUIRE(good);
  CHECK(good->url == "https://witness.example:8443");
  CHECK(good->prefix == "/some/w1");
  CHECK(parse_outside_witness(encode(*good)) == *good);
  CHECK(with("http://127.0.0.1:7690")->prefix.empty());
  CHECK(with("http://[::1]:7690/w"));
  CHECK(with("http://localhost/w"));
  for (const char* bad : {"http://witness.example", "ftp://127.0.0.1", "https://", "https:///x",
                          "witness.example", "https://a b", "https://a/?x", "https://u@a", ""})
    CHECK_FALSE(with(bad));
  auto log = key;
  log.kind = audit::KeyKind::note;
  CHECK_FALSE(parse_outside_witness("https://a " + audit::encode(log)));
  CHECK_FALSE(parse_outside_witness("https://a " + audit::encode(key) + "x"));
  CHECK_FALSE(parse_outside_witness("https://a"));
}
