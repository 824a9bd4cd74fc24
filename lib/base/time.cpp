#include "base/time.h"

#include <fmt/format.h>

#include <charconv>

namespace liaison {
namespace {

/// Takes exactly `digits` decimal digits off the front.
bool take(std::string_view& text, std::size_t digits, int& out) {
  if (text.size() < digits) return false;
  for (std::size_t i = 0; i < digits; ++i) {
    if (text[i] < '0' || text[i] > '9') return false;
  }
  std::from_chars(text.data(), text.data() + digits, out);
  text.remove_prefix(digits);
  return true;
}

bool take(std::string_view& text, char wanted) {
  if (text.empty() || text[0] != wanted) return false;
  text.remove_prefix(1);
  return true;
}

bool take_date(std::string_view& text, std::chrono::year_month_day& out) {
  int year = 0;
  int month = 0;
  int day = 0;
  if (!take(text, 4, year) || !take(text, '-') || !take(text, 2, month) || !take(text, '-') ||
      !take(text, 2, day)) {
    return false;
  }
  out = std::chrono::year_month_day{std::chrono::year(year),
                                    std::chrono::month(static_cast<unsigned>(month)),
                                    std::chrono::day(static_cast<unsigned>(day))};
  return out.ok();
}

}  // namespace

Now system_now() {
  return {
      std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now()),
      std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch())};
}

std::int64_t to_ms(Instant at) {
  return at.time_since_epoch().count();
}
Instant from_ms(std::int64_t ms) {
  return Instant(Duration(ms));
}

std::string to_rfc3339(Instant at) {
  auto day = std::chrono::floor<std::chrono::days>(at);
  std::chrono::hh_mm_ss time(std::chrono::floor<std::chrono::seconds>(at - day));
  return fmt::format("{}T{:02}:{:02}:{:02}Z", to_text(std::chrono::year_month_day(day)),
                     time.hours().count(), time.minutes().count(), time.seconds().count());
}

Result<Instant> parse_rfc3339(std::string_view text) {
  auto bad = [] { return fail(Reason::malformed, "not a time such as 2026-05-06T10:42:00Z"); };
  std::chrono::year_month_day date;
  int hour = 0;
  int minute = 0;
  int second = 0;
  if (!take_date(text, date) || !(take(text, 'T') || take(text, 't') || take(text, ' ')) ||
      !take(text, 2, hour) || !take(text, ':') || !take(text, 2, minute) || !take(text, ':') ||
      !take(text, 2, second) || hour > 23 || minute > 59 || second > 60) {
    return bad();
  }
  int ms = 0;
  if (take(text, '.')) {
    int scale = 100;
    std::size_t digits = 0;
    for (; !text.empty() && text[0] >= '0' && text[0] <= '9'; text.remove_prefix(1), ++digits) {
      ms += (text[0] - '0') * scale;
      scale /= 10;
    }
    if (digits == 0 || digits > 9) return bad();
  }
  int offset = 0;
  if (!take(text, 'Z') && !take(text, 'z')) {
    int sign = take(text, '+') ? 1 : take(text, '-') ? -1 : 0;
    int offset_hour = 0;
    int offset_minute = 0;
    if (sign == 0 || !take(text, 2, offset_hour) || !take(text, ':') ||
        !take(text, 2, offset_minute) || offset_hour > 23 || offset_minute > 59) {
      return bad();
    }
    offset = sign * (offset_hour * 60 + offset_minute);
  }
  if (!text.empty()) return bad();
  return Instant(std::chrono::sys_days(date)) + std::chrono::hours(hour) +
         std::chrono::minutes(minute - offset) + std::chrono::seconds(second) + Duration(ms);
}

Result<std::chrono::year_month_day> parse_date(std::string_view text) {
  std::chrono::year_month_day date;
  if (!take_date(text, date) || !text.empty()) {
    return fail(Reason::malformed, "not a date such as 1969-04-12");
  }
  return date;
}

std::string to_text(std::chrono::year_month_day date) {
  return fmt::format("{:04}-{:02}-{:02}", int(date.year()), unsigned(date.month()),
                     unsigned(date.day()));
}

Result<Duration> parse_duration(std::string_view text) {
  long count = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  std::int64_t seconds = unit == "s"   ? 1
                         : unit == "m" ? 60
                         : unit == "h" ? 3600
                         : unit == "d" ? 86400
                                       : 0;
  if (error != std::errc() || seconds == 0 || count <= 0 || count > 1'000'000'000 / seconds) {
    return fail(Reason::malformed, "not a length of time such as 90s, 15m, 36h or 7d");
  }
  return Duration(count * seconds * 1000);
}

}  // namespace liaison
