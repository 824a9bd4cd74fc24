#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/id.h"
#include "base/time.h"

namespace liaison::store {
class Database;
}

namespace liaison::node {

/// Who looked at which client's record: written with every view, read by managers. A list shows
/// something of every case there is: it is written once, under no case, and shown for each. Views
/// of records and views of lists are kept and read apart: lists are looked at all day, and must not
/// push out who looked at a record.
struct Viewing {
  Instant at{};
  std::string person;
  CaseId case_id;  ///< zero: a list
  std::optional<ReferralId> referral;
  std::string what;  ///< "client", "case", "referral", "attachment", "list of clients", ...
};
/// The same, looked at again by the same person within an hour, is one viewing: a page that is kept
/// fresh, or a script, would fill the log with it and push out what others saw. Each attachment is
/// one of its own: which it was is not kept.
inline constexpr Duration viewed_again = std::chrono::hours(1);
/// Followed by the letter's id: one that was handed to an auditor. Each time counts.
inline constexpr const char* disclosure_viewing = "disclosure of letter ";
/// How many of each are kept: the oldest make room. With those of the last two years
/// (viewings_kept in node/shell) the log is bounded in number and in time.
inline constexpr std::int64_t viewings_max = 1'000'000;
inline constexpr std::int64_t list_viewings_max = 250'000;
void record_viewing(store::Database& database, const Viewing& viewing);

/// A part of the log, newest first: what was before `before`, `most` of it and whatever is of the
/// same second as the last of them. People are told times to the second: the next page is what was
/// before the last one's, and nothing falls between the two.
struct ViewingsPage {
  Instant before = Instant::max();
  std::size_t most = 1000;
};
/// Of one case's record, its referrals and their attachments.
std::vector<Viewing> viewings(store::Database& database, const CaseId& id,
                              const ViewingsPage& page);
/// Of the lists since `since`, when the case they are asked for was opened.
std::vector<Viewing> list_viewings(store::Database& database, Instant since,
                                   const ViewingsPage& page);

inline constexpr Duration answers_kept = std::chrono::hours(24 * 7);

/// What a person's earlier request under the same Idempotency-Key made, by its id: it is shown
/// again as it stands now, and nothing is done twice. Conflict: another request under that key.
Result<std::optional<std::string>> earlier_answer(store::Database& database,
                                                  const std::string& person, const std::string& key,
                                                  const Digest& request);
/// Keeps it, in the transaction of what it made; forgets those older than answers_kept.
void keep_answer(store::Database& database, const std::string& person, const std::string& key,
                 const Digest& request, const std::string& made, Instant now);

}  // namespace liaison::node
