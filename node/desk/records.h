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
/// something of every case there is: it is written once, under no case, and shown with each.
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
/// The oldest make room. With those of the last two years (viewings_kept in node/shell) the log is
/// bounded in number and in time.
inline constexpr std::int64_t viewings_max = 1'000'000;
void record_viewing(store::Database& database, const Viewing& viewing);
/// Of one case and, since `opened`, of the lists that show it; newest first, at most `most`.
std::vector<Viewing> viewings(store::Database& database, const CaseId& id, Instant opened,
                              std::size_t most);

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
