#include "cli/settings.h"

#include <catch2/catch.hpp>

using namespace liaison;
using namespace liaison::cli;

namespace {

const std::vector<Setting>& schema() {
  static const std::vector<Setting> settings = {
      {"organisation", std::string(), "The organisation's name."},
      {"desk.address", std::string("127.0.0.1"), "Where the desk listens."},
      {"desk.port", std::int64_t{7681}, "Its port; 0 is any free one.", 0, 65535},
      {"exchange.addresses", std::vector<std::string>{}, "The exchange."},
      {"exchange.patient", true, "Whether it waits."},
  };
  return settings;
}

std::string error_of(std::string_view toml) {
  const auto read = Settings::read(toml, schema());
  REQUIRE_FALSE(read);
  return read.error().text;
}

}  // namespace

TEST_CASE("settings have their defaults, and what the file says over them", "[cli]") {
  const auto none = Settings::read("", schema());
  REQUIRE(none);
  CHECK(none->number("desk.port") == 7681);
  const auto some = Settings::read(
      "organisation = 'Able'\n[desk]\nport = 0\n[exchange]\naddresses = ['tcp://a:1']\npatient = "
      "false",
      schema());
  REQUIRE(some);
  CHECK(some->text("organisation") == "Able");
  CHECK(some->number("desk.port") == 0);
  CHECK(some->text("desk.address") == "127.0.0.1");
  CHECK(some->list("exchange.addresses") == std::vector<std::string>{"tcp://a:1"});
  CHECK_FALSE(some->flag("exchange.patient"));
}

TEST_CASE("an unknown setting names the nearest known one", "[cli]") {
  CHECK(error_of("[desk]\nprot = 1") ==
        "liaison.toml, line 2: there is no setting \"desk.prot\"; the nearest is \"desk.port\"");
  CHECK(error_of("[desk]\nport = 1\n\norganisaton = 'x'") ==
        "liaison.toml, line 4: there is no setting \"desk.organisaton\"; the nearest is "
        "\"organisation\", which belongs above the first [section]");
  CHECK(
      error_of("port = 1") ==
      "liaison.toml, line 1: there is no setting \"port\"; the nearest is \"port\", which belongs "
      "in [desk]");
  CHECK(error_of("organization = 'x'") ==
        "liaison.toml, line 1: there is no setting \"organization\"; the nearest is "
        "\"organisation\"");
  CHECK(error_of("[dseks]\nport = 1").find("there is no setting \"dseks\"") != std::string::npos);
}

TEST_CASE("a value of another type or out of range is refused by name", "[cli]") {
  CHECK(error_of("[desk]\nport = 'x'") == "liaison.toml: \"desk.port\" must be a whole number");
  CHECK(error_of("[desk]\nport = 70000") == "liaison.toml: \"desk.port\" must be from 0 to 65535");
  CHECK(error_of("[exchange]\naddresses = [1]").find("a list of texts") != std::string::npos);
  CHECK(error_of("desk = 1").find("there is no setting \"desk\"") != std::string::npos);
  CHECK(error_of("organisation = ").find("liaison.toml, line 1") == 0);
  CHECK(error_of(std::string(70000, '#')).find("over 64 KiB") != std::string::npos);
}

TEST_CASE("the documented file reads back as what was chosen", "[cli]") {
  const auto text =
      document("A node's settings", schema(),
               {{"organisation", std::string("A \"B\" \\ C")}, {"desk.port", std::int64_t{0}}});
  const auto read = Settings::read(text, schema());
  REQUIRE(read);
  CHECK(read->text("organisation") == "A \"B\" \\ C");
  CHECK(read->number("desk.port") == 0);
  CHECK(text.find("#address = \"127.0.0.1\"") != std::string::npos);
  for (const auto& setting : schema())
    CHECK(text.find(setting.about) != std::string::npos);
}
