#include "broker/shell/cosignatures.h"

#include <algorithm>

#include "store/database.h"

namespace liaison::broker {
namespace {

bool has(const std::vector<audit::NoteSignature>& lines, const audit::NoteKey& key) {
  return std::any_of(lines.begin(), lines.end(), [&](const auto& line) { return key.is_of(line); });
}

}  // namespace

Cosignatures::Cosignatures(store::Database& database) : database_(database) {}

std::string Cosignatures::Checkpoint::note() const {
  auto out = signed_.note;
  out.signatures.insert(out.signatures.end(), lines.begin(), lines.end());
  return audit::encode(out);
}

void Cosignatures::set_epoch(std::uint64_t epoch) {
  if (epoch == epoch_) return;
  epoch_ = epoch;
  asked_.clear();
  for (const auto name : {LogName::registry, LogName::message}) {
    open(name).clear();
    for (const auto& [size, text] : kept(name)) {
      auto note = audit::parse_note(text);
      auto checkpoint = note ? audit::parse_checkpoint(note->text) : fail(note.error());
      if (!checkpoint) continue;  // it is only what others said
      Checkpoint& out = open(name)[size];
      out.signed_ = {*checkpoint, {note->text, {}}};
      for (auto& line : note->signatures)
        (line.name == checkpoint->origin ? out.signed_.note.signatures : out.lines)
            .push_back(std::move(line));
    }
  }
}

void Cosignatures::show(LogName name, const audit::SignedCheckpoint& checkpoint) {
  auto& all = open(name);
  all[checkpoint.checkpoint.size].signed_ = checkpoint;
  while (all.size() > open_max)
    all.erase(all.begin());
}

bool Cosignatures::asks(NodeNumber node, const Logs& logs, Now now) {
  const auto last = last_.find(node);
  if (last != last_.end() && now.steady < last->second + asked_every) return false;
  Asked asked;
  bool has_room = false;
  for (const auto name : {LogName::registry, LogName::message}) {
    const auto& newest = logs.of(name).newest();
    if (!newest) return false;
    show(name, *newest);
    const auto size = newest->checkpoint.size;
    (name == LogName::registry ? asked.registry_size : asked.message_size) = size;
    has_room = has_room || open(name)[size].lines.size() < of_nodes_max;
  }
  if (has_room) asked_[node] = asked;
  return has_room;
}

bool Cosignatures::take_asked(NodeNumber node, const wire::Cosigned& answer) {
  const auto asked = asked_.find(node);
  if (asked == asked_.end() || answer.epoch != epoch_) return false;
  const auto were = asked->second;
  asked_.erase(asked);
  return (answer.registry.empty() || answer.registry_size == were.registry_size) &&
         (answer.message.empty() || answer.message_size == were.message_size);
}

Result<bool> Cosignatures::add(LogName name, std::uint64_t size, std::string_view line,
                               const audit::NoteKey& witness) {
  const auto at = open(name).find(size);
  if (at == open(name).end()) return false;
  const auto lines = audit::parse_signatures(line);
  if (!lines) return fail(lines.error());
  if (lines->size() != 1 || !witness.is_of(lines->front()))
    return fail(Reason::untrusted, "that is not the cosignature of " + witness.name);
  return put(at->second, lines->front(), witness, of_nodes_max);
}

Result<bool> Cosignatures::add_outside(LogName name, const audit::SignedCheckpoint& checkpoint,
                                       const audit::NoteSignature& line,
                                       const audit::NoteKey& witness) {
  show(name, checkpoint);
  const auto at = open(name).find(checkpoint.checkpoint.size);
  if (at == open(name).end()) return false;
  return put(at->second, line, witness, of_nodes_max + of_outside_max);
}

Result<bool> Cosignatures::put(Checkpoint& checkpoint, const audit::NoteSignature& line,
                               const audit::NoteKey& witness, std::size_t most) {
  const audit::Note note{checkpoint.signed_.note.text, {line}};
  const auto holds = audit::cosignatures(note, std::span(&witness, 1));
  if (!holds) return fail(holds.error());
  if (checkpoint.lines.size() >= most || has(checkpoint.lines, witness)) return false;
  checkpoint.lines.push_back(line);
  return true;
}

void Cosignatures::keep(LogName name, std::uint64_t size) {
  const auto at = open(name).find(size);
  if (at == open(name).end()) return;
  const auto log = static_cast<int>(name);
  database_.prepare("INSERT OR REPLACE INTO cosigned VALUES (?,?,?,?)")
      .run(log, epoch_, size, at->second.note());
  database_
      .prepare(
          "DELETE FROM cosigned WHERE log = ?1 AND epoch = ?2 AND size NOT IN (SELECT size "
          "FROM cosigned WHERE log = ?1 AND epoch = ?2 ORDER BY size DESC LIMIT ?3)")
      .run(log, epoch_, kept_max);
}

std::string Cosignatures::with_cosignatures(LogName name,
                                            const audit::SignedCheckpoint& checkpoint) const {
  const auto at = open(name).find(checkpoint.checkpoint.size);
  Checkpoint out{checkpoint, {}};
  if (at != open(name).end() && at->second.signed_.note.text == checkpoint.note.text)
    out.lines = at->second.lines;
  return out.note();
}

std::map<std::uint64_t, std::string> Cosignatures::kept(LogName name) const {
  std::map<std::uint64_t, std::string> out;
  auto find = database_.prepare("SELECT size, note FROM cosigned WHERE log = ? AND epoch = ?");
  for (auto rows = find.query(static_cast<int>(name), epoch_); rows.next();)
    out.emplace(rows.uint64(0), rows.text(1));
  return out;
}

}  // namespace liaison::broker
