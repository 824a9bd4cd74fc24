#include "broker/program/settings.h"

#include <catch2/catch.hpp>

using namespace liaison;
using namespace liaison::broker;

TEST_CASE("the documented settings are the defaults, and can be read back", "[broker]") {
  Settings settings;
  const auto text = documented(settings);
  CHECK(settings_from(text, "liaison.toml").has_value());
  settings.name = "Yorkshire \"test\"";
  settings.listen = {"tcp://127.0.0.1:*"};
  settings.keys.kind = crypto::PassphraseSource::Kind::unprotected;
  settings.limits.recovery_window = std::chrono::seconds(90);
  const auto read = settings_from(documented(settings), "liaison.toml");
  REQUIRE(read.has_value());
  CHECK(read->name == settings.name);
  CHECK(read->listen == settings.listen);
  CHECK(read->keys.kind == settings.keys.kind);
  CHECK(read->limits.recovery_window == settings.limits.recovery_window);
}

TEST_CASE("every commented default is the default", "[broker]") {
  auto text = documented({});
  for (auto at = text.find("\n# "); at != std::string::npos; at = text.find("\n# ", at + 1)) {
    const auto end = text.find('\n', at + 1);
    const auto line = text.substr(at + 3, end - at - 3);
    const auto equals = line.find(" = ");
    if (equals != std::string::npos && line.find(' ') == equals) text.erase(at + 1, 2);
  }
  const auto read = settings_from(text, "liaison.toml");
  REQUIRE(read.has_value());
  CHECK(documented(*read) == documented({}));
}

TEST_CASE("a setting that is wrong is named", "[broker]") {
  const auto error = [](const char* text) {
    auto read = settings_from(text, "liaison.toml");
    REQUIRE_FALSE(read.has_value());
    CHECK(read.error().text.find('\n') == std::string::npos);
    return read.error().text;
  };
  CHECK(error("listn = []") ==
        "liaison.toml: line 1: there is no setting \"listn\"; the nearest is \"listen\"");
  CHECK(error("name = \"x\"\n[limits]\nnodes = 5\nconsole = \"\"") ==
        "liaison.toml: line 4: there is no setting \"limits.console\"; the nearest is \"console\", "
        "which belongs above the first [section]");
  CHECK(error("[limits]\nmailbox_leters = 1").find("limits.mailbox_letters") != std::string::npos);
  CHECK(error("[unheard_of]\nthing = 1").find("unheard_of") != std::string::npos);
  CHECK(error("listen = [1]").find("listen") != std::string::npos);
  CHECK(error("listen = []").find("need an address") != std::string::npos);
  CHECK(error("console = \"here\"").find("console") != std::string::npos);
  CHECK(error("[limits]\nexpiry = \"never\"").find("expiry") != std::string::npos);
  CHECK(error("[limits]\nnodes = -1").find("nodes") != std::string::npos);
  CHECK(error("[keys]\npassphrase = 1").find("passphrase") != std::string::npos);
  CHECK(error("name = ").find("line 1") != std::string::npos);
}
