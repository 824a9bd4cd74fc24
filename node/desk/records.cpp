#include "node/desk/records.h"

#include "store/database.h"

namespace liaison::node {

void record_viewing(store::Database& database, const Viewing& viewing) {
  // Which document an "attachment" was is not kept, so each is one of its own.
  const bool may_repeat = viewing.what != "attachment";
  auto before = database.prepare(
      "SELECT 1 FROM viewing WHERE case_id = ? AND at > ? AND at <= ? AND person = ? AND what = ? "
      "AND referral_id IS ?");
  if (may_repeat && before
                        .query(viewing.case_id, viewing.at - viewed_again, viewing.at,
                               viewing.person, viewing.what, viewing.referral)
                        .next())
    return;
  auto insert = database.prepare(
      "INSERT INTO viewing(at, person, case_id, referral_id, what) VALUES (?, ?, ?, ?, ?)");
  insert.run(viewing.at, viewing.person, viewing.case_id, viewing.referral, viewing.what);
  auto prune =
      database.prepare("DELETE FROM viewing WHERE rowid <= (SELECT max(rowid) FROM viewing) - ?");
  prune.run(viewings_max);
}

std::vector<Viewing> viewings(store::Database& database, const CaseId& id, Instant opened,
                              std::size_t most) {
  auto select = database.prepare(
      "SELECT at, person, referral_id, what FROM viewing WHERE case_id = ? OR (case_id = ? AND at "
      ">= "
      "?) ORDER BY at DESC, rowid DESC LIMIT ?");
  std::vector<Viewing> out;
  const CaseId list;
  for (auto rows = select.query(id, list, opened, most); rows.next();) {
    Viewing one;
    one.at = rows.instant(0);
    one.person = rows.text(1);
    one.case_id = id;
    if (!rows.is_null(2)) one.referral = rows.id<ReferralId>(2);
    one.what = rows.text(3);
    out.push_back(std::move(one));
  }
  return out;
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
