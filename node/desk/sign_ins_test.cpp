#include "node/desk/sign_ins.h"

#include <catch2/catch.hpp>
#include <functional>
#include <nlohmann/json.hpp>

#include "base/check.h"
#include "crypto/password.h"
#include "node/desk/people_store.h"
#include "node/desk/routes.h"
#include "node/desk/testing/office.h"

using namespace liaison;
using namespace liaison::node;
using nlohmann::json;
using node::testing::Office;
using web::Method;

namespace {

web::Response sign_in(const Office& office, const std::string& name) {
  web::Client client(office.server.url());
  const auto answer = client.request(Method::post, "/api/v1/session",
                                     json{{"name", name}, {"password", "correct horse"}}.dump());
  REQUIRE(answer);
  return *answer;
}

}  // namespace

TEST_CASE("who loses the sign-in while the password is checked gets no session", "[desk]") {
  std::function<Result<void>(PeopleStore&, Now)> meanwhile;
  Office* at = nullptr;
  const auto verify = [&](std::string_view password, const std::string& encoded) {
    at->loop.call([&](Engine& engine, Now now) {
      PeopleStore people(engine.database_for_writing());
      LIAISON_CHECK(meanwhile(people, now).has_value());
      at->desk.sessions().close_all_of("dana");
    });
    return crypto::verify_password(password, encoded);
  };
  Office office(common_routes(), {.verify = verify});
  at = &office;
  SECTION("disabled") {
    meanwhile = [](PeopleStore& people, Now now) { return people.disable("dana", now.wall); };
    CHECK(sign_in(office, "dana").status == 401);
  }
  SECTION("given a new password, be it the same") {
    meanwhile = [](PeopleStore& people, Now) {
      return people.set_password("dana", crypto::hash_password("correct horse", {1024, 1, 1}));
    };
    CHECK(sign_in(office, "dana").status == 401);
  }
  SECTION("it was somebody else who was disabled") {
    meanwhile = [](PeopleStore& people, Now now) { return people.disable("lena", now.wall); };
    CHECK(sign_in(office, "dana").status == 201);
  }
}
