#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/result.h"

namespace liaison {

using Duration = std::chrono::milliseconds;
/// A point of wall-clock time, UTC, to the millisecond.
using Instant = std::chrono::sys_time<Duration>;

/// What time it is, twice: `wall` may jump, `steady` only goes forward (from an arbitrary start;
/// never stored). Cores are given one of these with every event; they have no clock of their own.
struct Now {
  Instant wall;
  Duration steady;
};

/// The machine's clocks. Only shells call it.
Now system_now();

/// Milliseconds since 1970, as on the wire and in stores.
std::int64_t to_ms(Instant at);
Instant from_ms(std::int64_t ms);

/// RFC 3339 in UTC, to the second: "2026-05-06T10:42:00Z".
std::string to_rfc3339(Instant at);
/// Reads RFC 3339 with seconds, optional fraction (kept to the millisecond), and `Z` or an offset.
Result<Instant> parse_rfc3339(std::string_view text);
/// Reads a calendar date, "1969-04-12"; refuses days that do not exist.
Result<std::chrono::year_month_day> parse_date(std::string_view text);
std::string to_text(std::chrono::year_month_day date);
/// Reads "90s", "15m", "36h", "7d". Malformed otherwise, zero or negative.
Result<Duration> parse_duration(std::string_view text);

}  // namespace liaison
