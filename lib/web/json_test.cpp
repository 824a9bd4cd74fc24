#include "web/json.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace liaison;
using namespace liaison::web;

TEST_CASE("JSON is read strictly", "[web]") {
  CHECK(parse_json(R"({"a": [1, {"b": null}], "c": {"a": 2}})"));
  for (const auto* bad : {"", "{", "{} {}", "[1,]", "{\"a\":1,\"a\":2}",
                          "{\"x\":{\"a\":1,\"a\":2}}", "\"\xff\"", "nan"}) {
    INFO(bad);
    CHECK_FALSE(parse_json(bad));
  }
  CHECK_FALSE(parse_json_object("[]"));
  CHECK(parse_json(std::string(31, '[') + std::string(31, ']')));
}

TEST_CASE("deep nesting is refused and costs no stack", "[web]") {
  CHECK_FALSE(parse_json(std::string(100'000, '[')));
  CHECK_FALSE(parse_json(std::string(40, '[') + std::string(40, ']')));
  std::string objects;
  for (int i = 0; i < 50'000; ++i)
    objects += "{\"a\":";
  CHECK_FALSE(parse_json(objects));
}
