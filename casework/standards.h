#pragma once

#include <set>
#include <span>
#include <vector>

#include "casework/actor.h"
#include "casework/service.h"

namespace liaison::casework {

/// The days on which an office does not work beside Saturdays and Sundays, and up to which year
/// the table is known. Times of day are those of the United Kingdom (GMT and BST).
struct Calendar {
  std::set<std::chrono::sys_days> holidays;
  int last_year = 0;  ///< a date past it is provisional
};

/// Bank holidays of England and Wales, 2026 to 2028.
const Calendar& england_and_wales();
/// Reads one date a line, "2026-12-25"; '#' starts a comment. Malformed names the line.
Result<Calendar> parse_calendar(std::string_view text);

bool is_working_day(const Calendar& calendar, Date day);
/// The day `days` working days after `from`, which itself is day 0.
Date add_working_days(const Calendar& calendar, Date from, int days);
/// The day by which something is due that was due on `due` before a pause from one day to another:
/// as much later, or the Monday after. Pure, of no calendar, so that every version folds it alike.
Date after_pause(Date due, Date paused, Date resumed);
/// The calendar day at the office (UK civil time) of an instant.
Date local_day(Instant at);

/// Due dates that start with a request: acknowledged 2, meeting offered and attended 15, started or
/// an outcome 15 working days for a formal one; an informal one has the service's usual reply time.
std::vector<wire::Due> dues_at_request(const Calendar& calendar, Instant now,
                                       wire::events::Route route, const Service& service);
/// Action plan within 20 working days of the start, progress within 30 days.
std::vector<wire::Due> dues_at_start(const Calendar& calendar, Instant now);
std::vector<wire::Due> dues_at_progress(const Calendar& calendar, Instant now);

}  // namespace liaison::casework
