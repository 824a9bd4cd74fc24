#include "casework/standards.h"

#include <algorithm>

namespace liaison::casework {
namespace {

using namespace std::chrono;
using wire::Due;
using wire::Standard;
namespace ev = wire::events;

// Service standards for formal referrals (domain.md, Service standards and chasers).
constexpr int acknowledged_days = 2;
constexpr int meeting_days = 15;
constexpr int action_plan_days = 20;
constexpr int progress_calendar_days = 30;
constexpr int informal_reply_days = 5;  ///< when the service states no usual reply time

Calendar make_england_and_wales() {
  Calendar calendar;
  auto on = [&calendar](int y, unsigned m, unsigned d) {
    calendar.holidays.insert(sys_days(year(y) / m / d));
  };
  on(2026, 1, 1), on(2026, 4, 3), on(2026, 4, 6), on(2026, 5, 4), on(2026, 5, 25), on(2026, 8, 31),
      on(2026, 12, 25), on(2026, 12, 28);
  on(2027, 1, 1), on(2027, 3, 26), on(2027, 3, 29), on(2027, 5, 3), on(2027, 5, 31),
      on(2027, 8, 30), on(2027, 12, 27), on(2027, 12, 28);
  on(2028, 1, 3), on(2028, 4, 14), on(2028, 4, 17), on(2028, 5, 1), on(2028, 5, 29),
      on(2028, 8, 28), on(2028, 12, 25), on(2028, 12, 26);
  calendar.last_year = 2028;
  return calendar;
}

/// British Summer Time: from the last Sunday of March to that of October, 01:00 UTC.
bool is_summer_time(Instant at) {
  year y = year_month_day(floor<days>(at)).year();
  Instant begins = sys_days(y / March / Sunday[last]) + hours(1);
  Instant ends = sys_days(y / October / Sunday[last]) + hours(1);
  return begins <= at && at < ends;
}

Due due(const Calendar& calendar, Standard standard, Date on) {
  return {standard, on, int(on.year()) > calendar.last_year};
}

}  // namespace

const Calendar& england_and_wales() {
  static const Calendar calendar = make_england_and_wales();
  return calendar;
}

Result<Calendar> parse_calendar(std::string_view text) {
  Calendar calendar;
  int number = 0;
  while (!text.empty()) {
    ++number;
    auto end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    line = line.substr(0, line.find('#'));
    while (!line.empty() && (line.back() == ' ' || line.back() == '\r' || line.back() == '\t'))
      line.remove_suffix(1);
    if (line.empty()) continue;
    auto date = parse_date(line);
    if (!date)
      return fail(Reason::malformed,
                  "line " + std::to_string(number) + ": not a date such as 2026-12-25");
    calendar.holidays.insert(sys_days(*date));
    calendar.last_year = std::max(calendar.last_year, int(date->year()));
  }
  return calendar;
}

bool is_working_day(const Calendar& calendar, Date day) {
  weekday in_week{sys_days(day)};
  return in_week != Saturday && in_week != Sunday && calendar.holidays.count(sys_days(day)) == 0;
}

Date add_working_days(const Calendar& calendar, Date from, int count) {
  sys_days day(from);
  while (count > 0) {
    day += days(1);
    if (is_working_day(calendar, day)) --count;
  }
  return day;
}

Date after_pause(Date due, Date paused, Date resumed) {
  constexpr days longest(3660);  // what a clock that was wrong says does no more harm than that
  const auto pause = std::clamp(sys_days(resumed) - sys_days(paused), days(0), longest);
  sys_days day = sys_days(due) + pause;
  while (pause > days(0) && (weekday(day) == Saturday || weekday(day) == Sunday))
    day += days(1);
  constexpr sys_days last(year(9999) / December / 31);  // that a text of four digits can say
  return std::min(day, last);
}

Date local_day(Instant at) {
  return floor<days>(is_summer_time(at) ? at + hours(1) : at);
}

std::vector<Due> dues_at_request(const Calendar& calendar, Instant now, ev::Route route,
                                 const Service& service) {
  Date today = local_day(now);
  auto within = [&](Standard standard, int working_days) {
    return due(calendar, standard, add_working_days(calendar, today, working_days));
  };
  if (route != ev::Route::formal) {
    return {within(Standard::acknowledged,
                   std::clamp(service.reply_time_days.value_or(informal_reply_days), 1, 60))};
  }
  return {within(Standard::acknowledged, acknowledged_days),
          within(Standard::meeting_offered, meeting_days),
          within(Standard::meeting_attended, meeting_days),
          within(Standard::started_or_outcome, meeting_days)};
}

std::vector<Due> dues_at_start(const Calendar& calendar, Instant now) {
  auto dues = dues_at_progress(calendar, now);
  dues.insert(dues.begin(), due(calendar, Standard::action_plan,
                                add_working_days(calendar, local_day(now), action_plan_days)));
  return dues;
}

std::vector<Due> dues_at_progress(const Calendar& calendar, Instant now) {
  return {
      due(calendar, Standard::progress, sys_days(local_day(now)) + days(progress_calendar_days))};
}

}  // namespace liaison::casework
