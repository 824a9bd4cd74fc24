#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "node/desk/routes.h"

using namespace liaison;
using namespace liaison::node;
using nlohmann::json;

namespace {

std::string description() {
  return openapi_document(common_routes(), NodeRole::adviser, {NodeId::parse("jcp-leeds").value()});
}

}  // namespace

TEST_CASE("the API's description names every schema that it refers to, and uses every one",
          "[desk]") {
  const auto document = json::parse(description());
  CHECK(document["openapi"] == "3.1.0");
  CHECK(document["components"]["securitySchemes"]["session"]["name"] ==
        "liaison_session_jcp-leeds");
  const auto text = document.dump();
  for (std::size_t at = text.find("#/components/"); at != std::string::npos;
       at = text.find("#/components/", at + 1)) {
    const auto pointer = text.substr(at + 1, text.find('"', at) - at - 1);
    INFO(pointer);
    CHECK(document.contains(json::json_pointer(pointer)));
  }
}

TEST_CASE("every route that a person uses says who may use it, and every POST asks for a key",
          "[desk]") {
  const auto document = json::parse(description());
  for (const auto& route : common_routes()) {
    INFO(route.pattern);
    CHECK_FALSE(route.about.empty());
    if (route.roles.empty()) {
      const bool public_place =
          route.pattern.compare(0, 8, "/api/v1/") != 0 || route.name == "signIn";
      CHECK(public_place);
    }
    if (route.method == web::Method::post && !route.roles.empty()) {
      CHECK(document["paths"][route.pattern]["post"]["parameters"].dump().find("IdempotencyKey") !=
            std::string::npos);
    }
  }
}
