#include <algorithm>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <thread>

#include "node/desk/people_admin.h"
#include "node/desk/people_store.h"
#include "node/desk/routes.h"
#include "node/desk/testing/office.h"

using namespace liaison;
using namespace liaison::node;
using nlohmann::json;
using node::testing::Office;
using web::Method;

namespace {

/// What decides whether an event stream that was asked for with this header goes on.
std::function<bool()> listen(Office& office, const web::Header& header) {
  const auto routes = service_routes();
  const auto changes = std::find_if(routes.begin(), routes.end(), [](const DeskRoute& route) {
    return route.pattern == "/api/v1/changes";
  });
  REQUIRE(changes != routes.end());
  web::Request request;
  request.headers = {header};
  return changes->handler(office.desk, request, Caller{}).may_listen;
}

/// Does what the operator asks for, as the daemon's socket does.
void operate(Office& office, const json& request) {
  const auto answer = office.loop.call([&](Engine& engine, Now now) {
    return answer_people(engine.database_for_writing(), NodeRole::adviser, office.entropy,
                         &office.desk.sessions(), request.dump(), now);
  });
  REQUIRE(answer);
  REQUIRE(json::parse(*answer)["ok"] == true);
}

}  // namespace

TEST_CASE("who listens by a token does so until it is withdrawn or its person disabled", "[desk]") {
  Office office(common_routes());
  const auto may_listen = listen(office, {"Authorization", "Bearer " + office.tokens["dana"]});
  const auto reading =
      listen(office, {"Authorization", "Bearer " + office.tokens["dana, reading"]});
  CHECK(may_listen());
  CHECK(reading());
  const auto tokens = office.loop.call(
      [](Engine& engine, Now) { return PeopleStore(engine.database()).tokens("dana"); });
  const auto all = std::find_if(tokens.begin(), tokens.end(),
                                [](const TokenView& one) { return one.scope == Scope::all; });
  REQUIRE(all != tokens.end());
  operate(office, {{"do", "user-withdraw-token"}, {"name", "dana"}, {"id", all->id}});
  CHECK_FALSE(may_listen());
  CHECK(reading());
  operate(office, {{"do", "user-disable"}, {"name", "dana"}});
  CHECK_FALSE(reading());
  CHECK_FALSE(listen(office, {"Authorization", "Bearer nobody's"})());
}

TEST_CASE("who listens by a session does so until it ends", "[desk]") {
  Office office(common_routes());
  const auto signed_in = office.as("", Method::post, "/api/v1/session",
                                   R"({"name":"dana","password":"correct horse"})");
  const std::string token = json::parse(signed_in.body)["token"];
  const auto may_listen = listen(office, {"Cookie", office.desk.cookie().name() + "=" + token});
  CHECK(may_listen());
  SECTION("by signing out") {
    web::Client client(office.server.url());
    client.set_bearer_token(token);
    REQUIRE(client.request(Method::del, "/api/v1/session")->status == 204);
  }
  SECTION("by being disabled") {
    operate(office, {{"do", "user-disable"}, {"name", "dana"}});
  }
  CHECK_FALSE(may_listen());
}

TEST_CASE("nobody may listen when the node is stopping", "[desk]") {
  Office office(common_routes());
  const auto may_listen = listen(office, {"Authorization", "Bearer " + office.tokens["dana"]});
  office.loop.stop();
  office.thread.join();
  CHECK_FALSE(may_listen());
  office.thread = std::thread([] {});  // for the office's own end to wait for
}

TEST_CASE("that somebody listens keeps no session open", "[desk]") {
  crypto::SystemEntropy entropy;
  Sessions sessions(entropy);
  Duration now{};
  const auto token = sessions.open(Caller{}, now);
  now += session_idle_max;
  CHECK(sessions.is_open(token, now));
  now += std::chrono::milliseconds(1);
  CHECK_FALSE(sessions.is_open(token, now));
  CHECK_FALSE(sessions.find(token, now));
}
