#include "planted.h"

#include <catch2/catch.hpp>
#include <string>

using namespace liaison;
using namespace liaison::simulation;

namespace {

const std::string word(planted_word);

std::string found_in(const std::string& octets) {
  return find_planted(as_bytes("before " + octets + " after"));
}

}  // namespace

TEST_CASE("a planted word is found in each form in which it could leak", "[simulation]") {
  CHECK(found_in(word) == "plain");
  CHECK(found_in(to_hex(as_bytes(word))) == "hexadecimal");
  CHECK(found_in("5175696D626C6574687761697465") == "hexadecimal");
  for (const char* before : {"", "a", "ab", "abc", "abcd"}) {
    CHECK(found_in(to_base64(as_bytes(before + word + "xyz"))) == "base64");
  }
  std::string wide;
  for (const char c : word)
    wide += {c, '\0'};
  CHECK(found_in(wide) == "UTF-16");
}

TEST_CASE("and not where it is not", "[simulation]") {
  CHECK(found_in("Quimblethwait").empty());
  CHECK(find_planted({}).empty());
  CHECK(!has_planted_plain(as_bytes(to_hex(as_bytes(word)))));
}
