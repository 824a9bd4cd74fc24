#include "web/router.h"

#include <catch2/catch.hpp>

#include "web/problem.h"

using namespace liaison;
using namespace liaison::web;

namespace {

Route route(Method method, std::string pattern) {
  Route out;
  out.method = method;
  out.pattern = std::move(pattern);
  return out;
}

}  // namespace

TEST_CASE("a route's names take one segment each", "[web]") {
  Router router;
  router.add(route(Method::get, "/api/v1/referrals/{id}"));
  router.add(route(Method::get, "/api/v1/referrals/{id}/attachments/{attachment}"));
  const auto found = router.match(Method::get, "/api/v1/referrals/a1/attachments/b2");
  const auto* matched = std::get_if<Matched>(&found);
  REQUIRE(matched != nullptr);
  CHECK(matched->parameters ==
        std::map<std::string, std::string>{{"id", "a1"}, {"attachment", "b2"}});
  CHECK(std::holds_alternative<NotFound>(router.match(Method::get, "/api/v1/referrals")));
  CHECK(std::holds_alternative<NotFound>(
      router.match(Method::get, "/api/v1/referrals//attachments/b2")));
  CHECK(std::holds_alternative<NotFound>(
      router.match(Method::get, "/api/v1/referrals/a1/attachments")));
}

TEST_CASE("a known path by another method says which methods apply", "[web]") {
  Router router;
  router.add(route(Method::get, "/api/v1/clients"));
  router.add(route(Method::post, "/api/v1/clients"));
  const auto found = router.match(Method::del, "/api/v1/clients");
  const auto* other = std::get_if<MethodNotAllowed>(&found);
  REQUIRE(other != nullptr);
  CHECK(other->allow == "GET, POST");
}

TEST_CASE("If-Match permits a change only of the version that was seen", "[web]") {
  Request request;
  CHECK(if_match_allows(request, "7"));
  request.headers = {{"if-match", "\"6\", \"7\""}};
  CHECK(if_match_allows(request, "7"));
  CHECK_FALSE(if_match_allows(request, "8"));
  request.headers = {{"If-Match", "*"}};
  CHECK(if_match_allows(request, "8"));
}

TEST_CASE("a refusal crosses the API as a problem document and comes back as the same text",
          "[web]") {
  const auto answer = problem(Error{Reason::conflict, "the referral is completed already"});
  CHECK(answer.status == 409);
  CHECK(answer.content_type == "application/problem+json");
  const auto back = error_of(answer.status, answer.body);
  CHECK(back.reason == Reason::conflict);
  CHECK(back.text == "the referral is completed already");
}
