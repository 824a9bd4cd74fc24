#include "base/id.h"

#include <catch2/catch.hpp>

using namespace liaison;

TEST_CASE("a node's id is a slug", "[base]") {
  CHECK(NodeId::parse("jcp-leeds").value().text() == "jcp-leeds");
  for (const char* bad : {"", "a", "Jcp", "1jcp", "jcp-", "jcp leeds", "jcp/leeds", "jcp.leeds",
                          "jcp\n", "a123456789012345678901234567890123456789x"}) {
    CHECK_FALSE(NodeId::parse(bad).has_value());
  }
}

TEST_CASE("a fixed-size id is read from its text and from its bytes only at its size", "[base]") {
  auto id = LetterId::parse("000102030405060708090a0b0c0d0e0f").value();
  CHECK(id.text() == "000102030405060708090a0b0c0d0e0f");
  CHECK(LetterId::from(id.view()).value() == id);
  CHECK_FALSE(LetterId::parse("0001").has_value());
  CHECK_FALSE(LetterId::from(Bytes(17)).has_value());
  CHECK(LetterId{}.is_zero());
}
