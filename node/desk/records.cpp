#include "node/desk/records.h"

#include "store/database.h"

namespace liaison::node {

void record_viewing(store::Database& database, const Viewing& viewing) {
  // Which document an "attachment" was is not kept, so each is one of its own.
  const bool may_repeat =
      viewing.what != "attachment" && !viewing.what.starts_with(disclosure_viewing);
  auto before = database.prepare(
      "SELECT 1 FROM viewing WHERE case_id = ? AND at > ? AND at <= ? AND person = ? AND what = ? "
      "AND referral_id IS ?");
  if (may_repeat && before
                        .query(viewing.case_id, viewing.at - viewed_again, viewing.at,
                               viewing.person, viewing.what, viewing.referral)
                        .next())
    return;
  // Rows of records count up from 1, rows of lists down from -1: either are bounded by how far
  // their newest is from their oldest.
  const bool list = viewing.case_id == CaseId();
  auto insert = database.prepare(
      list ? "INSERT INTO viewing(rowid, at, person, case_id, referral_id, what) VALUES "
             "(min(coalesce((SELECT min(rowid) FROM viewing), 0), 0) - 1, ?, ?, ?, ?, ?)"
           : "INSERT INTO viewing(rowid, at, person, case_id, referral_id, what) VALUES "
             "(max(coalesce((SELECT max(rowid) FROM viewing), 0), 0) + 1, ?, ?, ?, ?, ?)");
  insert.run(viewing.at, viewing.person, viewing.case_id, viewing.referral, viewing.what);
  auto prune = database.prepare(
      list ? "DELETE FROM viewing WHERE rowid < 0 AND rowid >= ? + (SELECT min(rowid) FROM viewing)"
           : "DELETE FROM viewing WHERE rowid > 0 AND rowid <= (SELECT max(rowid) FROM viewing) - "
             "?");
  prune.run(list ? list_viewings_max : viewings_max);
}

namespace {

/// The index has them in the order of their time.
std::vector<Viewing> page_of(store::Database& database, const CaseId& id, Instant since,
                             const ViewingsPage& page) {
  auto select = database.prepare(
      "SELECT at, person, referral_id, what FROM viewing WHERE case_id = ? AND at >= ? AND at < ? "
      "ORDER BY at DESC, abs(rowid) DESC");
  std::vector<Viewing> out;
  for (auto rows = select.query(id, since, page.before); rows.next();) {
    Viewing one;
    one.at = rows.instant(0);
    const auto second = [](Instant at) { return std::chrono::floor<std::chrono::seconds>(at); };
    if (out.size() >= page.most && second(one.at) != second(out.back().at)) break;
    one.person = rows.text(1);
    one.case_id = id;
    if (!rows.is_null(2)) one.referral = rows.id<ReferralId>(2);
    one.what = rows.text(3);
    out.push_back(std::move(one));
  }
  return out;
}

}  // namespace

std::vector<Viewing> viewings(store::Database& database, const CaseId& id,
                              const ViewingsPage& page) {
  return page_of(database, id, Instant::min(), page);
}

std::vector<Viewing> list_viewings(store::Database& database, Instant since,
                                   const ViewingsPage& page) {
  return page_of(database, {}, since, page);
}

Result<std::optional<std::string>> earlier_answer(store::Database& database,
                                                  const std::string& person, const std::string& key,
                                                  const Digest& request) {
  auto select = database.prepare("SELECT digest, made FROM answer WHERE person = ? AND key = ?");
  auto rows = select.query(person, key);
  if (!rows.next()) return std::optional<std::string>();
  if (rows.id<Digest>(0) != request) {
    return fail(Reason::conflict,
                "this Idempotency-Key was used for another request: take a fresh one");
  }
  return std::optional<std::string>(std::string(rows.text(1)));
}

void keep_answer(store::Database& database, const std::string& person, const std::string& key,
                 const Digest& request, const std::string& made, Instant now) {
  auto forget = database.prepare("DELETE FROM answer WHERE at < ?");
  forget.run(now - answers_kept);
  auto insert =
      database.prepare("INSERT INTO answer(person, key, digest, made, at) VALUES (?, ?, ?, ?, ?)");
  insert.run(person, key, request, made, now);
}

}  // namespace liaison::node
