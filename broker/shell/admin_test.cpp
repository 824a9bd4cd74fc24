#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "broker/shell/testing/broker.h"

using namespace liaison;
using namespace liaison::broker;
using namespace liaison::broker::testing;
using Json = nlohmann::json;

namespace {

struct Exchange {
  Exchange() : broker("admin") {
    broker.found();
    broker.start();
    broker.admit(able);
  }
  Json ask(const Json& request) {
    return Json::parse(broker.engine->admin(request.dump(), broker.now));
  }
  Json revoke(const std::string& why) {
    return ask({{"command", "revoke"}, {"node", "able-futures"}, {"why", why}});
  }
  Broker broker;
  Peer able{"able-futures", NodeRole::provider};
};

}  // namespace

TEST_CASE("a revocation without a reason that people can read is refused", "[broker]") {
  Exchange exchange;
  const auto why = GENERATE(as<std::string>(), "", "   ", "two\nlines", "bell\a", "del\x7f",
                            "next line \xc2\x85", "separator \xe2\x80\xa8", std::string(501, 'x'));
  const auto answer = exchange.revoke(why);
  REQUIRE(answer.contains("error"));
  CHECK(answer["error"].get<std::string>().rfind("--reason: ", 0) == 0);
  CHECK(exchange.ask({{"command", "nodes"}})["ok"][0]["state"] == "admitted");
  CHECK(exchange.revoke("its contract ended; diolch \xc3\xa2").contains("ok"));
  CHECK(exchange.ask({{"command", "nodes"}})["ok"][0]["state"] == "revoked");
}

TEST_CASE("an administrator's name that is none is refused", "[broker]") {
  Exchange exchange;
  for (const auto* name : {"", "two\nlines"})
    CHECK(exchange.ask({{"command", "nodes"}, {"administrator", name}}).contains("error"));
}

TEST_CASE("a request with an unknown command or member changes nothing and says so", "[broker]") {
  Exchange exchange;
  CHECK(exchange.ask({{"command", "invent"}})["error"] == "no such command: invent");
  CHECK(exchange.ask({{"command", "status"}, {"loud", true}})["error"] ==
        "status takes no member \"loud\"");
  CHECK(exchange.ask(Json::array()).contains("error"));
}

TEST_CASE("a broker does not serve outside the life of its authority", "[broker]") {
  Exchange exchange;
  auto& engine = *exchange.broker.engine;
  auto now = exchange.broker.now;
  CHECK(engine.check_clock(now).has_value());
  now.wall -= std::chrono::hours(24 * 365);
  REQUIRE_FALSE(engine.check_clock(now).has_value());
  CHECK(engine.check_clock(now).error().text.find("set the clock") != std::string::npos);
  now.wall += std::chrono::hours(24 * 365 * 12);
  CHECK_FALSE(engine.check_clock(now).has_value());
}

TEST_CASE("a letter's entries are listed, and a namesake of another sender hides nothing",
          "[broker][log]") {
  Two two("admin-letter");
  auto& broker = two.broker;
  const auto ask = [&](const Json& request) {
    return Json::parse(broker.engine->admin(request.dump(), broker.now));
  };
  const auto letter = two.leeds.letter(two.able, 1, broker.now.wall);
  broker.send(1, two.leeds, std::vector{letter});
  broker.turn();
  auto namesake = two.able.letter(two.leeds, 1, broker.now.wall);
  namesake.id = letter.id;
  broker.send(2, two.able, std::vector{namesake});
  broker.turn();
  const auto delivered = broker.heard_items<wire::Delivery>(2);
  REQUIRE(delivered.size() == 1);
  broker.send(2, two.able, std::vector<wire::Taken>{{delivered[0].sequence, letter.id}});
  broker.turn();
  broker.now.wall += std::chrono::seconds(2);
  broker.now.steady += std::chrono::seconds(2);
  broker.turn();

  const auto id = letter.id.text();
  const auto listed = ask({{"command", "log"}, {"letter", id}})["ok"];
  REQUIRE(listed["entries"].size() == 3);
  CHECK(listed["next"].is_null());
  CHECK(listed["entries"][0]["sender"] == "jcp-leeds");
  CHECK(listed["entries"][1]["sender"] == "able-futures");
  CHECK(listed["entries"][2]["kind"] == "taken");
  CHECK(ask({{"command", "log"}, {"letter", id}, {"kind", "taken"}})["ok"]["entries"].size() == 1);
  CHECK(ask({{"command", "log"}, {"letter", id}, {"first", 1}})["ok"]["entries"].size() == 2);
  CHECK(ask({{"command", "log"}, {"letter", LetterId{}.text()}})["ok"]["entries"].empty());
  CHECK(ask({{"command", "log"}, {"letter", "jcp-leeds"}}).contains("error"));

  const auto proved = ask({{"command", "prove"}, {"letter", id}})["ok"];
  CHECK(proved["index"] == 0);
  CHECK(proved["also"] == Json::array({1}));
  CHECK(ask({{"command", "prove"}, {"letter", std::string(32, '1')}}).contains("error"));
}
