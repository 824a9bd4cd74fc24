#include "broker/shell/parts.h"
#include "wire/log_entry.h"

/// What of the message log may leave the store, and its leaving.
namespace liaison::broker {

std::uint64_t Engine::archivable(Instant before) const {
  auto& parts = *parts_;
  auto& log = parts.logs.of(LogName::message);
  auto& store = log.store();
  if (!log.newest()) return store.archived();
  auto find = parts.database->prepare(
      "SELECT accepted_at FROM waiting WHERE reason IS NULL ORDER BY sequence LIMIT 1");
  if (auto rows = find.query(); rows.next()) before = std::min(before, rows.instant(0));
  // Repeats from there on are answered, also after the next start; and something always stays.
  const auto end =
      std::min<std::uint64_t>(log.newest()->checkpoint.size, parts.store.state().repeats_from);
  auto to = store.archived();
  while (to + audit::tile_width <= end && to + audit::tile_width < store.size()) {
    for (const auto& octets : store.entries(to, audit::tile_width)) {
      const auto entry = wire::decode_log_entry(octets);
      if (!entry || entry->at >= before) return to;
    }
    to += audit::tile_width;
    if (to - store.archived() >= archived_at_once_max) break;
  }
  return to;
}

void Engine::drop_archived(std::uint64_t to, const std::string& archive) {
  auto& log = parts_->logs.of(LogName::message);
  store::Transaction change(*parts_->database);
  parts_->logs.keep_letters();
  log.store().drop_archived(to, archive);
  change.commit();
  parts_->logs.letters_kept();
  log.store().archived_to(to);
}

void Engine::note_archived(std::uint64_t to, std::string_view administrator, Now now) {
  parts_->act(administrator, "archive", "",
              "entries of the message log before " + std::to_string(to), now);
  parts_->commit(now);
}

}  // namespace liaison::broker
