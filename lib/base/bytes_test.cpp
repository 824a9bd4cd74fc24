#include "base/bytes.h"

#include <catch2/catch.hpp>

using namespace liaison;

TEST_CASE("hexadecimal and base64 are read back as they were written", "[base]") {
  Bytes bytes;
  for (int size = 0; size < 70; ++size) {
    CHECK(from_hex(to_hex(bytes)).value() == bytes);
    CHECK(from_base64(to_base64(bytes)).value() == bytes);
    CHECK(from_base64url(to_base64url(bytes)).value() == bytes);
    bytes.push_back(static_cast<std::uint8_t>(size * 37));
  }
}

TEST_CASE("RFC 4648's own examples", "[base]") {
  CHECK(to_base64(as_bytes("foobar")) == "Zm9vYmFy");
  CHECK(to_base64(as_bytes("fooba")) == "Zm9vYmE=");
  CHECK(to_base64(as_bytes("foob")) == "Zm9vYg==");
  CHECK(to_hex(as_bytes("foobar")) == "666f6f626172");
}

TEST_CASE("each base64 text has one reading, and others are refused", "[base]") {
  CHECK_FALSE(from_base64("Zm9vYmF=").has_value());  // bits left over
  CHECK_FALSE(from_base64("Zm9vY===").has_value());
  CHECK_FALSE(from_base64("Zm9v Zm9v").has_value());
  CHECK_FALSE(from_base64url("Zm9vYg==").has_value());
  CHECK_FALSE(from_hex("abc").has_value());
  CHECK_FALSE(from_hex("zz").has_value());
}

TEST_CASE("UTF-8 is checked", "[base]") {
  CHECK(is_utf8("Siân at £5 \xF0\x9F\x98\x80"));
  CHECK_FALSE(is_utf8("\xC0\x80"));
  CHECK_FALSE(is_utf8("\xED\xA0\x80"));
  CHECK_FALSE(is_utf8("\xF4\x90\x80\x80"));
  CHECK_FALSE(is_utf8("a\xE2\x82"));
}
