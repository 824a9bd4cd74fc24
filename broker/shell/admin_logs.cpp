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

std::string unreadable(std::uint64_t index) {
  return "entry " + std::to_string(index) + " cannot be read";
}

struct Logged {
  wire::LogEntry entry;
  Bytes octets;
};

Result<Logged> entry_at(Engine::Parts& parts, std::uint64_t index) {
  auto some = parts.logs.of(LogName::message).store().read(index, 1);
  if (!some) return fail(some.error());
  if (some->empty()) return fail(Reason::not_found, unreadable(index));
  auto entry = wire::decode_log_entry(some->front());
  if (!entry) return fail(Reason::malformed, unreadable(index));
  return Logged{std::move(*entry), std::move(some->front())};
}

Result<LetterId> letter_of(const Asked& asked) {
  const auto text = asked.text("letter");
  if (!text) return fail(text.error());
  return LetterId::parse(*text);
}

/// The entries of one letter, from `first` on.
Result<Json> log_of_letter(Engine::Parts& parts, const LetterId& letter, const Filter& filter,
                           std::uint64_t first) {
  Json entries = Json::array();
  std::uint64_t looked_at = 0;
  for (const auto index : parts.logs.entries_of(letter)) {
    if (index < first) continue;
    if (looked_at++ == answered_at_most) return Json{{"entries", entries}, {"next", index}};
    const auto entry = entry_at(parts, index);
    if (!entry) return fail(entry.error());
    if (entry->entry.letter == letter && filter.takes(entry->entry))
      entries.push_back(entry_json(index, entry->entry));
  }
  return Json{{"entries", entries}, {"next", nullptr}};
}

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
  if (!filter.kind.empty() && !wire::log_kind_of(filter.kind))
    return fail(Reason::malformed,
                "kind: accepted, taken, set_aside, expired, returned, refused or refused_many");
  if (asked.has("from_ms")) filter.from = static_cast<std::int64_t>(asked.number_or("from_ms", 0));
  if (asked.has("to_ms")) filter.to = static_cast<std::int64_t>(asked.number_or("to_ms", 0));
  auto index = asked.number_or("first", 0);
  if (asked.has("letter")) {
    const auto letter = letter_of(asked);
    if (!letter) return fail(letter.error());
    return log_of_letter(parts, *letter, filter, index);
  }
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
      if (!entry) return fail(Reason::malformed, unreadable(index));
      if (filter.takes(*entry)) entries.push_back(entry_json(index, *entry));
      ++index;
    }
  }
  return Json{{"entries", entries}, {"next", index}};
}

/// The proof that a letter was accepted; `also`: other entries that say so of that id, which
/// another sender may have given to a letter of its own.
Result<Json> prove(Engine::Parts& parts, const Asked& asked, Now) {
  const auto letter = letter_of(asked);
  if (!letter) return fail(letter.error());
  std::optional<std::uint64_t> leaf;
  Bytes octets;
  Json also = Json::array();
  for (const auto index : parts.logs.entries_of(*letter)) {
    auto entry = entry_at(parts, index);
    if (!entry) return fail(entry.error());
    if (entry->entry.letter != *letter || entry->entry.kind != wire::LogKind::accepted) continue;
    if (leaf) {
      also.push_back(index);
    } else {
      leaf = index;
      octets = std::move(entry->octets);
    }
  }
  if (!leaf) return fail(Reason::not_found, "no letter of that id was accepted here");
  auto proof = parts.logs.of(LogName::message).prove(*leaf);
  if (!proof) return fail(proof.error());
  // Who checks needs the entry itself; the proof vouches for it.
  proof->extra = std::move(octets);
  Json out{{"letter", letter->text()}, {"index", *leaf}, {"proof", audit::encode(*proof)}};
  if (!also.empty()) out["also"] = std::move(also);
  return out;
}

}  // namespace

std::vector<AdminCommand> log_commands() {
  return {
      {"checkpoint", {}, checkpoint},
      {"log", {"first", "node", "kind", "letter", "from_ms", "to_ms"}, log},
      {"prove", {"letter"}, prove},
  };
}

}  // namespace liaison::broker
