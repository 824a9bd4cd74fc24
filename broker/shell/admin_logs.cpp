#include <algorithm>

#include "broker/shell/admin.h"
#include "broker/shell/admin_command.h"
#include "crypto/digest.h"
#include "wire/log_entry.h"

/// The logs: their newest checkpoints, their entries, and proofs.
namespace liaison::broker {

namespace {

constexpr std::uint32_t read_at_once = 1'000;
constexpr std::uint64_t read_at_most = 20'000;
constexpr std::size_t answered_at_most = 1'000;

Json note_or_null(const Engine::Parts& parts, LogName name) {
  const auto& newest = parts.logs.of(name).newest();
  return newest ? Json(parts.cosignatures.with_cosignatures(name, *newest)) : Json();
}

/// The newest that anybody has cosigned, which may be an older one.
Json cosigned_or_null(const Engine::Parts& parts, LogName name) {
  const auto kept = parts.cosignatures.kept(name);
  return kept.empty() ? Json() : Json(kept.rbegin()->second);
}

Result<Json> checkpoint(Engine::Parts& parts, const Asked&, Now) {
  const auto& registry = parts.logs.of(LogName::registry);
  const auto& message = parts.logs.of(LogName::message);
  Json keys = Json::array();
  for (const auto* log : {&registry, &message})
    if (!log->key().key.is_zero()) keys.push_back(audit::encode(log->key()));
  return Json{{"registry", note_or_null(parts, LogName::registry)},
              {"message", note_or_null(parts, LogName::message)},
              {"cosigned_registry", cosigned_or_null(parts, LogName::registry)},
              {"cosigned_message", cosigned_or_null(parts, LogName::message)},
              {"keys", std::move(keys)}};
}

Json entry_json(std::uint64_t index, const wire::LogEntry& entry) {
  Json out{{"index", index},
           {"at", to_rfc3339(entry.at)},
           {"kind", wire::name_of(entry.kind)},
           {"sender", entry.sender.text()}};
  if (!entry.recipient.empty()) out["recipient"] = entry.recipient.text();
  if (!entry.letter.is_zero()) {
    out["letter"] = entry.letter.text();
    out["size_bytes"] = entry.size_bytes;
    out["sha256"] = entry.digest.text();
    out["commitment"] = entry.commitment.text();
  }
  using Kind = wire::LogKind;
  if (entry.kind == Kind::set_aside || entry.kind == Kind::refused ||
      entry.kind == Kind::refused_many)
    out["reason"] = wire::name_of(entry.reason);
  if (entry.kind == Kind::refused_many) out["count"] = entry.count;
  return out;
}

/// Which entries are asked for.
struct Filter {
  std::optional<NodeId> node;
  std::string kind;
  std::optional<std::int64_t> from, to;  // ms

  [[nodiscard]] bool takes(const wire::LogEntry& entry) const {
    const auto at = to_ms(entry.at);
    return (!node || entry.sender == *node || entry.recipient == *node) &&
           (kind.empty() || kind == wire::name_of(entry.kind)) && (!from || at >= *from) &&
           (!to || at < *to);
  }
};

/// Some entries from `first` on, and where to go on: `next` is null at the end.
Result<Json> log(Engine::Parts& parts, const Asked& asked, Now) {
  auto& store = parts.logs.of(LogName::message).store();
  Filter filter;
  if (asked.has("node")) {
    const auto node = asked.node();
    if (!node) return fail(node.error());
    filter.node = *node;
  }
  filter.kind = asked.text_or("kind", "");
  if (asked.has("from_ms")) filter.from = static_cast<std::int64_t>(asked.number_or("from_ms", 0));
  if (asked.has("to_ms")) filter.to = static_cast<std::int64_t>(asked.number_or("to_ms", 0));
  auto index = asked.number_or("first", 0);
  const auto stop = index + read_at_most;
  Json entries = Json::array();
  while (index < stop && entries.size() < answered_at_most) {
    const auto some = store.read(index, read_at_once);
    if (!some && some.error().reason == Reason::not_found && index < store.archived())
      return Json{{"entries", entries}, {"next", store.archived()}, {"missing", some.error().text}};
    if (!some) return fail(some.error());
    if (some->empty()) return Json{{"entries", entries}, {"next", nullptr}};
    for (const auto& each : *some) {
      const auto entry = wire::decode_log_entry(each);
      if (!entry)
        return fail(Reason::malformed, "entry " + std::to_string(index) + " cannot be read");
      if (filter.takes(*entry)) entries.push_back(entry_json(index, *entry));
      ++index;
    }
  }
  return Json{{"entries", entries}, {"next", index}};
}

/// The leaf of the entry that says that a letter was accepted, looked for from `before` back as far
/// as one request may take. None: not there; `before` says from where to go on, 0: nowhere.
Result<std::optional<std::uint64_t>> leaf_of(LogStore& store, const LetterId& letter,
                                             std::uint64_t& before) {
  const auto stop = before > read_at_most ? before - read_at_most : 0;
  while (before > stop) {
    auto first = before > read_at_once ? before - read_at_once : 0;
    if (first < store.archived())  // a bundle at a time
      first =
          std::max(std::min(before - 1, store.archived()) / audit::tile_width * audit::tile_width,
                   before > store.archived() ? store.archived() : 0);
    const auto some = store.read(first, static_cast<std::uint32_t>(before - first));
    if (!some) return fail(some.error());
    for (auto at = some->size(); at-- > 0;) {
      const auto entry = wire::decode_log_entry((*some)[at]);
      if (entry && entry->letter == letter && entry->kind == wire::LogKind::accepted)
        return std::optional(first + at);
    }
    before = first;
  }
  return std::optional<std::uint64_t>();
}

/// The proof; or, where the letter was not among the newest entries, `next`: to be asked for with
/// that as `before`.
Result<Json> prove(Engine::Parts& parts, const Asked& asked, Now) {
  const auto text = asked.text("letter");
  if (!text) return fail(text.error());
  const auto letter = LetterId::parse(*text);
  if (!letter) return fail(letter.error());
  auto& of_messages = parts.logs.of(LogName::message);
  auto before = std::min(asked.number_or("before", ~std::uint64_t{0}), of_messages.store().size());
  const auto found = leaf_of(of_messages.store(), *letter, before);
  if (!found)
    return fail(found.error().reason,
                "the letter is not among the entries that are here; " + found.error().text);
  const auto& leaf = *found;
  if (!leaf && before > 0) return Json{{"next", before}};
  if (!leaf) return fail(Reason::not_found, "no letter of that id was accepted here");
  auto proof = of_messages.prove(*leaf);
  if (!proof) return fail(proof.error());
  // Who checks needs the entry itself; the proof vouches for it.
  const auto entry = of_messages.store().read(*leaf, 1);
  if (!entry) return fail(entry.error());
  proof->extra = entry->at(0);
  return Json{{"letter", letter->text()}, {"index", *leaf}, {"proof", audit::encode(*proof)}};
}

}  // namespace

std::vector<AdminCommand> log_commands() {
  return {
      {"checkpoint", {}, checkpoint},
      {"log", {"first", "node", "kind", "from_ms", "to_ms"}, log},
      {"prove", {"letter", "before"}, prove},
  };
}

}  // namespace liaison::broker
