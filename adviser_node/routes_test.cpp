#include "adviser_node/routes.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "adviser_node/commands.h"
#include "node/cli/testing/program_checks.h"
#include "node/desk/testing/office.h"

using namespace liaison;
using nlohmann::json;
using web::Method;

TEST_CASE("the API's description and the routes that are served are the same", "[adviser]") {
  node::testing::check_description(adviser_node::routes(), NodeRole::adviser);
}

TEST_CASE("every command says what it does, with an example that begins with its own words",
          "[adviser]") {
  const auto kind = adviser_node::kind();
  node::testing::check_commands(kind, adviser_node::commands(kind));
}

TEST_CASE("a client is referred only as whoever refers has seen them", "[adviser]") {
  node::testing::Office office(adviser_node::routes());
  auto post = [&, keys = 0](const std::string& path, const std::string& body,
                            std::vector<web::Header> headers = {}) mutable {
    headers.emplace_back("Idempotency-Key", "k" + std::to_string(++keys));
    return office.as("dana", Method::post, path, body, headers);
  };
  const auto made = post("/api/v1/clients", R"({"given_name": "Perpetua"})");
  REQUIRE(made.status == 201);
  const std::string one = "/api/v1/clients/" + json::parse(made.body)["id"].get<std::string>();
  const std::string seen(made.header("ETag"));
  REQUIRE(post(one + "/notes", R"({"text": "moves house"})").status == 200);
  const auto refer = [&](const std::vector<web::Header>& headers) {
    return post(one + "/referrals",
                R"({"service": "able-futures/cmp",
                    "referral": {"need": "help with pain", "hoped_for": ["sleep better"]}})",
                headers);
  };
  const auto stale = refer({{"If-Match", seen}});
  CHECK(stale.status == 409);
  CHECK(json::parse(stale.body)["detail"] ==
        "it was changed since you saw it: look again, then decide");
  // Seen as it stands now, or not said to be seen: it goes on to the service, which is not there.
  const std::string now(office.as("dana", Method::get, one).header("ETag"));
  CHECK(refer({{"If-Match", now}}).status == 404);
  CHECK(refer({}).status == 404);
}
