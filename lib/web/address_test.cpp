#include "web/address.h"

#include <catch2/catch.hpp>

using liaison::web::counted_as;

TEST_CASE("an IPv4 address counts for itself, an IPv6 one with its network of 64 bits", "[web]") {
  CHECK(counted_as("192.0.2.7") == "192.0.2.7");
  CHECK(counted_as("::ffff:192.0.2.7") == "192.0.2.7");
  CHECK(counted_as("2001:db8:1:2:3:4:5:6") == "2001:db8:1:2::/64");
  CHECK(counted_as("2001:db8:1:2::1") == counted_as("2001:db8:1:2:ffff::2"));
  CHECK(counted_as("2001:db8:1:3::1") != counted_as("2001:db8:1:2::1"));
  CHECK(counted_as("") == "");
}
