#include "crypto/der.h"

#include <catch2/catch.hpp>

using namespace liaison;
using namespace liaison::crypto;

namespace {

bool strict(std::string_view hex, int depth_max = 8) {
  return der::is_strict(from_hex(hex).value(), depth_max);
}

Result<Instant> read_time(std::uint8_t tag, std::string_view text) {
  const auto element = der::tlv(tag, {as_bytes(text)});
  const auto at = der::read_time(der::Reader(element).next().value());
  if (!at) return fail(Reason::malformed, "");
  return *at;
}

}  // namespace

TEST_CASE("strict DER is taken", "[der]") {
  CHECK(strict("0500"));
  CHECK(strict("3003020101"));
  CHECK(strict("30820100" + std::string("0481fd") + std::string(2 * 0xfd, '0')));
}

TEST_CASE("what BER allows and DER does not is refused", "[der]") {
  CHECK_FALSE(
      strict("30800500"
             "0000"));  // indefinite length
  CHECK_FALSE(
      strict("2404"
             "04020000"));  // an octet string in pieces
  CHECK_FALSE(
      strict("048105"
             "0000000000"));  // a length longer than needed
  CHECK_FALSE(
      strict("04820005"
             "0000000000"));
  CHECK_FALSE(
      strict("1f8101"
             "00"));  // a tag of several octets
  CHECK_FALSE(
      strict("3000"
             "00"));  // something after the end
  CHECK_FALSE(
      strict("0405"
             "00000000"));                // cut short
  CHECK_FALSE(strict("04858000000000"));  // a length of five octets
  CHECK_FALSE(
      strict("10"
             "00"));  // a sequence that is not constructed
  CHECK_FALSE(strict("04"));
  CHECK_FALSE(strict(""));
}

TEST_CASE("nesting deeper than asked for is refused without recursion beyond it", "[der]") {
  Bytes nested = der::tlv(der::null, {});
  for (int i = 0; i < 8; ++i)
    nested = der::tlv(der::sequence, {nested});
  CHECK(der::is_strict(nested, 8));
  CHECK_FALSE(der::is_strict(nested, 7));
  for (int i = 0; i < 20000; ++i) {
    Bytes outer;
    der::append_header(outer, der::sequence, nested.size());
    if (i < 3000) {
      der::append(outer, nested);
      nested = std::move(outer);
    }
  }
  CHECK_FALSE(der::is_strict(nested, 10));
}

TEST_CASE("integers are read in their shortest form only", "[der]") {
  const auto read = [](std::string_view hex) { return der::read_uint64(from_hex(hex).value()); };
  CHECK(read("00") == 0U);
  CHECK(read("7f") == 127U);
  CHECK(read("0080") == 128U);
  CHECK(read("00ffffffffffffffff") == 0xffffffffffffffffU);
  CHECK_FALSE(read("007f"));  // a zero too many
  CHECK_FALSE(read("80"));    // negative
  CHECK_FALSE(read(""));
  CHECK_FALSE(read("01ffffffffffffffff"));  // more than 64 bits
  for (const std::uint64_t value : {0ULL, 1ULL, 127ULL, 128ULL, 255ULL, 65536ULL, ~0ULL}) {
    const auto written = der::unsigned_integer(value);
    CHECK(der::read_uint64(der::Reader(written).next()->content) == value);
  }
}

TEST_CASE("a time has one form: UTCTime until 2049, GeneralizedTime after", "[der]") {
  CHECK(to_rfc3339(read_time(der::utc_time, "260506104200Z").value()) == "2026-05-06T10:42:00Z");
  CHECK(to_rfc3339(read_time(der::generalized_time, "20500101000000Z").value()) ==
        "2050-01-01T00:00:00Z");
  CHECK_FALSE(read_time(der::generalized_time, "20260506104200Z"));
  CHECK_FALSE(read_time(der::utc_time, "2605061042Z"));
  CHECK_FALSE(read_time(der::utc_time, "260506104200+0000"));
  CHECK_FALSE(read_time(der::utc_time, "260230104200Z"));
  CHECK_FALSE(read_time(der::utc_time, "260506244200Z"));
  CHECK_FALSE(read_time(der::utc_time, "26050610420aZ"));
  CHECK_FALSE(read_time(der::utf8_string, "260506104200Z"));
  for (const char* text : {"2026-05-06T10:42:00Z", "1999-12-31T23:59:59Z", "2049-12-31T23:59:59Z",
                           "2050-01-01T00:00:00Z", "2100-02-28T12:00:00Z"}) {
    const auto at = parse_rfc3339(text).value();
    const auto written = der::time(at);
    CHECK(der::read_time(der::Reader(written).next().value()) == at);
  }
}
