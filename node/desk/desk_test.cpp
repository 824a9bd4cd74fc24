#include "node/desk/desk.h"

#include <catch2/catch.hpp>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "casework/commands.h"
#include "crypto/password.h"
#include "node/desk/by_prefix.h"
#include "node/desk/people_store.h"
#include "node/desk/records.h"
#include "node/desk/routes.h"
#include "node/desk/shows.h"
#include "node/desk/testing/office.h"

using namespace liaison;
using namespace liaison::node;
using liaison::node::testing::key;
using nlohmann::json;
using web::Method;

namespace {

/// Opens a case for someone named in the body.
web::Response open_case(Desk& desk, const web::Request& request, const Caller& caller) {
  return desk.change(
      request, caller, Desk::Makes::new_thing,
      [&](Engine& engine, Now now) -> Result<std::string> {
        const auto actor = caller.at(engine.self());
        casework::OpenCase command;
        command.client.given_name = request.body;
        const auto done = engine.act_on_new_case(
            actor,
            [&](const casework::CaseView& view) { return decide(view, actor, command, now.wall); },
            now);
        if (!done) return fail(done.error());
        return done->front().case_id.text();
      },
      [&](Engine& engine, Now now, const std::string& id) {
        return show_client(engine, now, caller, id);
      });
}

std::vector<DeskRoute> routes() {
  return joined(common_routes(), {posts("/api/v1/probe", office_staff, "probe", "Opens a case",
                                        "Text", "Client", open_case)});
}

struct Office : node::testing::Office {
  explicit Office(DeskConfig config = {}) : node::testing::Office(routes(), std::move(config)) {}
};

}  // namespace

TEST_CASE("a repeated POST is answered with what the first one made", "[desk]") {
  Office office;
  const auto first = office.as("dana", Method::post, "/api/v1/probe", "Perpetua", key("k1"));
  REQUIRE(first.status == 201);
  const auto again = office.as("dana", Method::post, "/api/v1/probe", "Perpetua", key("k1"));
  CHECK(again.status == 201);
  CHECK(again.body == first.body);
  CHECK(office.as("dana", Method::post, "/api/v1/probe", "Another", key("k1")).status == 409);
  CHECK(office.as("dana", Method::post, "/api/v1/probe", "Perpetua").status == 400);
  CHECK(json::parse(office.as("dana", Method::get, "/api/v1/cases").body).size() == 1);
  CHECK(office.as("lena", Method::post, "/api/v1/probe", "Perpetua", key("k1")).status == 201);
  CHECK(json::parse(office.as("dana", Method::get, "/api/v1/cases").body).size() == 2);
}

TEST_CASE("nothing of a client lies in the store in plain, answers to keys included", "[desk]") {
  Office office;
  REQUIRE(office.as("dana", Method::post, "/api/v1/probe", "Quimblethwaite", key("k1")).status ==
          201);
  for (const auto& [name, content] : office.disk.image().files) {
    CHECK(std::string(content.begin(), content.end()).find("Quimblethwaite") == std::string::npos);
  }
}

TEST_CASE("who may do what is decided before anything is done", "[desk]") {
  Office office;
  CHECK(office.as("", Method::get, "/api/v1/cases").status == 401);
  CHECK(office.as("root", Method::get, "/api/v1/cases").status == 403);
  CHECK(office.as("root", Method::post, "/api/v1/probe", "x", key("k")).status == 403);
  CHECK(office.as("dana, reading", Method::post, "/api/v1/probe", "x", key("k")).status == 403);
  CHECK(office.as("dana, reading", Method::get, "/api/v1/cases").status == 200);
  CHECK(office.as("dana", Method::get, "/api/v1/status").status == 403);
  CHECK(office.as("root", Method::get, "/api/v1/status").status == 200);
  CHECK(json::parse(office.as("dana", Method::get, "/api/v1/cases").body).empty());
}

TEST_CASE("an id is found by its beginning, if nothing else begins so", "[desk]") {
  const auto id = [](const char* begins) {
    return CaseId::parse(std::string(begins) + std::string(32 - 8, '7')).value();
  };
  const std::map<CaseId, int> map{
      {id("00000001"), 1}, {id("ab12cd34"), 2}, {id("ab12cdff"), 3}, {id("ffffffff"), 4}};
  const auto value = [&](const std::string& text) {
    const auto found = by_prefix(map, text);
    return found.several ? -1 : found.at == map.end() ? 0 : found.at->second;
  };
  for (const auto& [each, number] : map)
    CHECK(value(each.text()) == number);
  CHECK(value("000000") == 1);
  CHECK(value("ab12cd") == -1);
  CHECK(value("ab12cd3") == 2);
  CHECK(value("ab12cdf") == 3);
  CHECK(value("ffffff") == 4);
  CHECK(value("ab12c") == 0);
  CHECK(value("ab12ce") == 0);
  CHECK(value("AB12CD3") == 0);
  CHECK(value("no hex") == 0);
  CHECK(value(id("ab12cd34").text() + "7") == 0);
}

TEST_CASE("one case is shown by the beginning of its id", "[desk]") {
  Office office;
  const auto made = office.as("dana", Method::post, "/api/v1/probe", "Perpetua", key("k"));
  const std::string id = json::parse(made.body)["id"];
  const auto shown = office.as("dana", Method::get, "/api/v1/cases/" + id.substr(0, 6));
  CHECK(shown.status == 200);
  CHECK(json::parse(shown.body)["id"] == id);
  CHECK(office.as("dana", Method::get, "/api/v1/cases/" + id.substr(0, 5)).status == 404);
}

TEST_CASE("every view of a client's record is on record, for managers", "[desk]") {
  Office office;
  const auto made = office.as("dana", Method::post, "/api/v1/probe", "Perpetua", key("k"));
  const std::string id = json::parse(made.body)["id"];
  CHECK(office.as("lena", Method::get, "/api/v1/cases/" + id).status == 200);
  CHECK(office.as("dana", Method::get, "/api/v1/cases/" + id + "/viewings").status == 403);
  const auto seen =
      json::parse(office.as("lena", Method::get, "/api/v1/cases/" + id + "/viewings").body);
  REQUIRE(seen.size() == 2);
  CHECK(seen[0]["user"] == "lena");
  CHECK(seen[1]["user"] == "dana");
}

TEST_CASE("whoever listens is told which case changed", "[desk]") {
  Office office;
  (void)office.loop.take_touched();
  const auto made = office.as("dana", Method::post, "/api/v1/probe", "Perpetua", key("k"));
  const auto touched = office.loop.take_touched();
  CHECK_FALSE(touched.more_than_these);
  REQUIRE(touched.cases.size() == 1);
  CHECK(touched.cases[0].case_id.text() == json::parse(made.body)["id"]);
  CHECK(touched.cases[0].referrals.empty());
  CHECK(office.loop.take_touched().cases.empty());
}

TEST_CASE("a list is a view of each that it shows, once an hour for each who looks", "[desk]") {
  Office office;
  const auto made = office.as("dana", Method::post, "/api/v1/probe", "Perpetua", key("k"));
  const std::string id = json::parse(made.body)["id"];
  for (const auto* who : {"dana", "lena", "lena"})
    REQUIRE(office.as(who, Method::get, "/api/v1/referrals").status == 200);
  const auto seen = [&](const std::string& query) {
    const auto path = "/api/v1/cases/" + id + "/viewings" + query;
    return json::parse(office.as("lena", Method::get, path).body);
  };
  const auto lists = seen("?lists=true");
  REQUIRE(lists.size() == 2);
  CHECK(lists[0]["user"] == "lena");
  CHECK(lists[0]["what"] == "list of referrals");
  CHECK(lists[0]["case"] == id);
  CHECK(lists[1]["user"] == "dana");
  REQUIRE(seen("").size() == 1);
  CHECK(seen("")[0]["what"] == "client");
}

TEST_CASE("viewings are shown a page at a time, from where the last one ended", "[desk]") {
  Office office;
  const auto made = office.as("dana", Method::post, "/api/v1/probe", "Perpetua", key("k"));
  const std::string id = json::parse(made.body)["id"];
  constexpr int earlier = 1200;
  office.loop.call([&](Engine& engine, Now now) {
    for (int i = earlier; i > 0; --i)
      record_viewing(
          engine.database_for_writing(),
          {now.wall - i * viewed_again, "dana", CaseId::parse(id).value(), std::nullopt, "case"});
  });
  const auto path = "/api/v1/cases/" + id + "/viewings";
  std::set<std::string> times;
  std::size_t shown = 0;
  std::string before;
  for (int page = 0; page < 3; ++page) {
    const auto seen = json::parse(office.as("lena", Method::get, path + before).body);
    CHECK(seen.size() == (page == 0 ? 1000 : page == 1 ? 201 : 0));
    shown += seen.size();
    for (const auto& one : seen)
      times.insert(one["at"].get<std::string>());
    if (!seen.empty()) before = "?before=" + seen.back()["at"].get<std::string>();
  }
  CHECK(shown == earlier + 1);
  CHECK(times.size() == shown);
  CHECK(office.as("lena", Method::get, path + "?before=yesterday").status == 400);
  CHECK(office.as("lena", Method::get, path + "?lists=some").status == 400);
}

TEST_CASE("one signs in with a password, and out again", "[desk]") {
  Office office;
  web::Client client(office.server.url());
  const auto sign_in = [&](const std::string& password) {
    return client.request(Method::post, "/api/v1/session",
                          json{{"name", "dana"}, {"password", password}}.dump());
  };
  CHECK(sign_in("wrong horse")->status == 401);
  const auto session = sign_in("correct horse");
  REQUIRE(session->status == 201);
  client.set_bearer_token(json::parse(session->body)["token"]);
  CHECK(json::parse(client.request(Method::get, "/api/v1/session")->body)["id"] == "dana");
  CHECK(client.request(Method::del, "/api/v1/session")->status == 204);
  CHECK(client.request(Method::get, "/api/v1/session")->status == 401);
  for (int i = 0; i < 5; ++i)
    (void)sign_in("wrong horse");
  CHECK(sign_in("correct horse")->status == 429);
}

TEST_CASE("white space at the ends of a password belongs to it", "[desk]") {
  Office office;
  const std::string password = " correct\thorse \n";
  office.loop.call([&](Engine& engine, Now) {
    PeopleStore people(engine.database_for_writing());
    REQUIRE(people.set_password("dana", crypto::hash_password(password, {1024, 1, 1})));
  });
  const auto sign_in = [&](const std::string& given) {
    const auto body = json{{"name", "dana"}, {"password", given}}.dump();
    return office.as("", Method::post, "/api/v1/session", body).status;
  };
  CHECK(sign_in(password) == 201);
  CHECK(sign_in("correct\thorse") == 401);
}

TEST_CASE("a session's cookie changes nothing unless the page is ours", "[desk]") {
  Office office;
  web::Client client(office.server.url());
  const auto session = client.request(Method::post, "/api/v1/session",
                                      R"({"name":"dana","password":"correct horse"})");
  const std::string cookie =
      "liaison_session_jcp-leeds=" + json::parse(session->body)["token"].get<std::string>();
  const auto with = [&](Method method, const std::string& path, std::vector<web::Header> more) {
    more.emplace_back("Cookie", cookie);
    more.emplace_back("Idempotency-Key", "k");
    return client
        .request(method, path, method == Method::get ? "" : "Perpetua", "application/json", more)
        ->status;
  };
  CHECK(with(Method::get, "/api/v1/cases", {}) == 200);
  CHECK(with(Method::post, "/api/v1/probe", {}) == 401);
  CHECK(with(Method::post, "/api/v1/probe", {{"Origin", "http://evil.example"}}) == 403);
  CHECK(with(Method::post, "/api/v1/probe", {{"Sec-Fetch-Site", "cross-site"}}) == 403);
  CHECK(with(Method::post, "/api/v1/probe", {{"Origin", office.server.url()}}) == 201);
}

TEST_CASE("a session's cookie is its own node's, and under TLS goes over TLS alone", "[desk]") {
  const bool tls = GENERATE(false, true);
  const std::string attributes =
      std::string("; Path=/; HttpOnly; SameSite=Strict") + (tls ? "; Secure" : "");
  Office office({.cookie = {.secure = tls}});
  web::Client client(office.server.url());
  const auto session = client.request(Method::post, "/api/v1/session",
                                      R"({"name":"dana","password":"correct horse"})");
  const std::string token = json::parse(session->body)["token"];
  CHECK(session->header("Set-Cookie") == "liaison_session_jcp-leeds=" + token + attributes);
  const auto with = [&](Method method, const std::string& cookies) {
    return client.request(method, "/api/v1/session", "", "application/json",
                          {{"Cookie", cookies}, {"Origin", office.server.url()}});
  };
  CHECK(with(Method::get, "liaison_session_able-futures=" + token)->status == 401);
  const std::string both =
      "liaison_session_able-futures=theirs; liaison_session_jcp-leeds=" + token;
  CHECK(with(Method::get, both)->status == 200);
  const auto ended = with(Method::del, both);
  CHECK(ended->status == 204);
  CHECK(ended->header("Set-Cookie") == "liaison_session_jcp-leeds=; Max-Age=0" + attributes);
  CHECK(with(Method::get, both)->status == 401);
}

TEST_CASE("what anyone may read needs no sign-in, and says nothing of clients", "[desk]") {
  Office office;
  REQUIRE(office.as("dana", Method::post, "/api/v1/probe", "Quimblethwaite", key("k")).status ==
          201);
  for (const auto* path :
       {"/healthz", "/metrics", "/open-referral", "/open-referral/", "/open-referral/services"}) {
    const auto answer = office.as("", Method::get, path);
    INFO(path << answer.body);
    CHECK(answer.status == 200);
    CHECK(answer.body.find("Quimblethwaite") == std::string::npos);
  }
  CHECK(json::parse(office.as("", Method::get, "/open-referral/services").body)["total_items"] ==
        0);
  CHECK(office.as("", Method::get, "/open-referral/services/none").status == 404);
}

TEST_CASE("when the disk fails under a request, its caller is told and nobody waits for ever",
          "[desk]") {
  Office office;
  REQUIRE(office.as("dana", Method::post, "/api/v1/probe", "Perpetua", key("k1")).status == 201);
  office.disk.fail_next_sync();
  CHECK(office.as("dana", Method::post, "/api/v1/probe", "Perpetua", key("k2")).status == 503);
  CHECK(office.as("dana", Method::get, "/api/v1/cases").status == 503);
}
