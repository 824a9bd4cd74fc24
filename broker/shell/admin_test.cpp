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
