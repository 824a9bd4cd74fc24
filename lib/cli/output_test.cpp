#include "cli/output.h"

#include <catch2/catch.hpp>
#include <iostream>
#include <nlohmann/json.hpp>

using namespace liaison;
using nlohmann::json;

TEST_CASE("a record is written for people, its name first and what it holds indented", "[cli]") {
  const json record = {
      {"id", "ab12"},
      {"allowed_actions", {"accept", "ask"}},
      {"case_manager", {{"name", "Ann Lee"}, {"node", "jcp-leeds"}}},
      {"client_saw_it", false},
      {"history",
       {{{"kind", "requested"}, {"at", "2026-05-06"}, {"detail", {{"need", "pain"}}}},
        {{"kind", "received"}, {"at", "2026-05-07"}, {"detail", json::object()}}}},
      {"outcome", nullptr},
      {"state", "received"},
      {"worker", {{"name", nullptr}}}};
  CHECK(cli::readable(record) ==
        "id: ab12\n"
        "state: received\n"
        "allowed actions: accept, ask\n"
        "client saw it: no\n"
        "case manager:\n"
        "  name: Ann Lee\n"
        "  node: jcp-leeds\n"
        "history:\n"
        "  - kind: requested\n"
        "    at: 2026-05-06\n"
        "    detail:\n"
        "      need: pain\n"
        "  - kind: received\n"
        "    at: 2026-05-07\n");
}

TEST_CASE("output that could not be written is no success", "[cli]") {
  CHECK(cli::finish_output());
  std::cout.setstate(std::ios::badbit);  // as a full device leaves it
  const auto written = cli::finish_output();
  std::cout.clear();
  REQUIRE_FALSE(written);
  CHECK(written.error().text ==
        "standard output cannot be written; what was asked for was done all the same");
}

TEST_CASE("what others wrote in a record cannot steer a terminal", "[cli]") {
  CHECK(cli::readable({{"text", "a\x1b[2Jb"}, {"na\x1bme", "c"}}).find('\x1b') ==
        std::string::npos);
}
