#include "base/time.h"

#include <catch2/catch.hpp>

using namespace liaison;

TEST_CASE("times are read and written as RFC 3339", "[base]") {
  auto at = parse_rfc3339("2026-05-06T10:42:07Z").value();
  CHECK(to_rfc3339(at) == "2026-05-06T10:42:07Z");
  CHECK(parse_rfc3339("2026-05-06T11:42:07+01:00").value() == at);
  CHECK(parse_rfc3339("2026-05-06T10:42:07.250Z").value() == at + Duration(250));
  for (const char* bad :
       {"", "2026-05-06", "2026-02-30T10:00:00Z", "2026-05-06T24:00:00Z", "2026-05-06T10:42:07",
        "2026-05-06T10:42:07Zz", "2026-05-06T10:42:07+1:00"}) {
    CHECK_FALSE(parse_rfc3339(bad).has_value());
  }
}

TEST_CASE("a date that is none is refused", "[base]") {
  CHECK(to_text(parse_date("2028-02-29").value()) == "2028-02-29");
  CHECK_FALSE(parse_date("2027-02-29").has_value());
  CHECK_FALSE(parse_date("12/04/1969").has_value());
}

TEST_CASE("lengths of time", "[base]") {
  CHECK(parse_duration("7d").value() == std::chrono::hours(168));
  CHECK(parse_duration("90s").value() == std::chrono::seconds(90));
  for (const char* bad : {"", "7", "d", "-1d", "0s", "7w", "9999999999999d"})
    CHECK_FALSE(parse_duration(bad).has_value());
}
