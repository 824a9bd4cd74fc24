#include "node/desk/fields.h"

#include <catch2/catch.hpp>

using namespace liaison;
using namespace liaison::node;

namespace {

std::string wrong(Fields& fields) {
  const auto good = fields.finish();
  REQUIRE_FALSE(good);
  return good.error().text;
}

}  // namespace

TEST_CASE("fields are read by name and type", "[desk]") {
  Fields fields(
      R"({"text": "  hello ", "items": ["a", " b "], "told": false, "until": "2026-05-06", "sub": {"x": 1}, "none": null})");
  CHECK(fields.text("text") == "hello");
  CHECK(fields.texts("items") == std::vector<std::string>{"a", "b"});
  CHECK_FALSE(fields.flag("told", true));
  CHECK(to_text(*fields.date("until")) == "2026-05-06");
  CHECK(fields.json("sub") == R"({"x":1})");
  CHECK(fields.text("none").empty());
  CHECK(fields.text("absent").empty());
  CHECK(fields.finish());
}

TEST_CASE("a secret is taken as it is", "[desk]") {
  Fields fields(R"({"password": " \u0007\tnot trimmed \n", "long": "123456789", "number": 7})");
  CHECK(fields.secret("password", "give it", 16) == " \a\tnot trimmed \n");
  CHECK(fields.secret("long", "give it", 9) == "123456789");
  SECTION("over its limit") {
    CHECK(fields.secret("long", "give it", 8).empty());
    CHECK(wrong(fields) == "\"long\" is over 8 octets: shorten it");
  }
  SECTION("no text") {
    fields.secret("number", "give it", 8);
    CHECK(wrong(fields) == "\"number\" must be a text");
  }
  SECTION("missing") {
    fields.secret("absent", "give it", 8);
    CHECK(wrong(fields) == "\"absent\" is missing: give it");
  }
}

TEST_CASE("what is wrong is said by the field's name, the first one only", "[desk]") {
  SECTION("missing") {
    Fields fields("{}");
    fields.required_text("reason", "say why");
    CHECK(wrong(fields) == "\"reason\" is missing: say why");
  }
  SECTION("type") {
    Fields fields(R"({"text": 7, "until": "soon"})");
    fields.text("text");
    fields.date("until");
    CHECK(wrong(fields) == "\"text\" must be a text");
  }
  SECTION("date") {
    Fields fields(R"({"until": "2026-02-30"})");
    fields.date("until");
    CHECK(wrong(fields) == "\"until\" is no date: write it as 2026-05-06");
  }
  SECTION("length") {
    Fields fields(R"({"text": ")" + std::string(20, 'x') + "\"}");
    fields.text("text", 10);
    CHECK(wrong(fields).find("\"text\" is over 10 octets") == 0);
  }
  SECTION("control characters") {
    Fields fields(R"({"text": "two\nlines", "bell": "a\u0007"})");
    CHECK(fields.text("text") == "two\nlines");
    fields.text("bell");
    CHECK(wrong(fields) == "\"bell\" holds a character that is not text (U+0007): leave it out");
  }
  SECTION("lines") {
    Fields fields(R"({"name": "two\nlines"})");
    fields.line("name");
    CHECK(wrong(fields) == "\"name\" must be one line of text");
  }
  SECTION("a name that turns the direction of writing") {
    Fields fields(R"({"name": "invoice\u202efdp.exe"})");
    fields.text("name");
    CHECK(wrong(fields).find("(U+202E)") != std::string::npos);
  }
  SECTION("a name given twice") {
    Fields fields(R"({"reason": "a", "reason": "b"})");
    CHECK(wrong(fields) ==
          "the JSON gives \"reason\" twice in one object: keep the one that holds");
  }
  SECTION("not UTF-8") {
    Fields fields("{\"reason\": \"\xff\"}");
    CHECK(wrong(fields).find("that is not JSON in UTF-8") == 0);
  }
  SECTION("unknown") {
    Fields fields(R"({"resaon": "x"})");
    fields.text("reason");
    CHECK(wrong(fields) == "there is no field \"resaon\" here; the nearest is \"reason\"");
  }
  SECTION("no object") {
    Fields fields("[1]");
    CHECK(wrong(fields) == "that is not a JSON object ({...})");
  }
}
