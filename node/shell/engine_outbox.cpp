#include <algorithm>

#include "base/check.h"
#include "base/deliberate_bug.h"
#include "base/log.h"
#include "crypto/seal.h"
#include "node/shell/engine_parts.h"
#include "wire/limits.h"

/// What leaves: rows queued, sealed into letters, answered.
namespace liaison::node {
namespace {

// The exchange returns what is not fetched in time; a minute less than it allows, for the clocks.
constexpr Duration expiry_margin = std::chrono::minutes(1);
constexpr std::string_view matter_place = "outbox matter";

/// A matter alone, for an outbox row: a content that goes nowhere.
Bytes pack(const wire::Ask& ask, const NodeId& self) {
  wire::Content content;
  content.sender = self;
  content.recipient = self;
  content.matter = ask;
  return wire::encode(content);
}

}  // namespace

void Engine::Parts::queue(OutboxRow row, Now now) {
  write();
  row.item.id = letters.queue(row, now.wall);
  touch(row.item.case_id);
  outbox.add(std::move(row.item));
}

void Engine::Parts::queue_ask(const NodeId& to, const CaseId& id, const wire::Ask& ask,
                              const Bytes& object, Now now) {
  auto matter = cases.seal_record(matter_place, pack(ask, self()));
  OutboxRow row;
  row.item.recipient = to;
  row.item.case_id = id;
  row.item.kind = ItemKind::ask;
  row.item.bytes = static_cast<std::uint32_t>(matter.size());
  row.object = object;
  row.matter = std::move(matter);
  queue(std::move(row), now);
}

/// The matter of a letter with the job's items; those that exist no more are named in `gone`.
std::optional<wire::Matter> Engine::Parts::matter_of(const SealJob& job,
                                                     std::vector<ItemId>& gone) {
  std::vector<wire::SignedEvent> events;
  for (const auto& id : job.items) {
    auto row = letters.row(id);
    if (!row) {
      gone.push_back(id);
      continue;
    }
    switch (row->item.kind) {
      case ItemKind::event: {
        auto event = cases.has(row->item.case_id)
                         ? cases.event(row->item.case_id, *EventId::from(row->object))
                         : std::nullopt;
        if (event) {
          events.push_back(std::move(event->event));
        } else {
          gone.push_back(id);
        }
        break;
      }
      case ItemKind::part: {
        auto digest = *Digest::from(ByteView(row->object).first(Digest::size));
        auto index = static_cast<std::uint16_t>(row->object[Digest::size] << 8U |
                                                row->object[Digest::size + 1]);
        auto held = cases.parts_held(row->item.case_id, digest);
        auto octets = cases.has(row->item.case_id) ? cases.part(row->item.case_id, digest, index)
                                                   : std::nullopt;
        if (!octets) {
          gone.push_back(id);
          return std::nullopt;
        }
        // A node passes on an attachment only when it has all of it.
        return wire::Part{row->item.case_id, digest, index, static_cast<std::uint16_t>(held.size()),
                          std::move(*octets)};
      }
      case ItemKind::ask: {
        LIAISON_CHECK(row->matter.has_value());
        auto plain = cases.open_record(matter_place, *row->matter);
        auto content =
            plain ? wire::decode_content(*plain) : Result<wire::Content>(fail(plain.error()));
        if (!content)
          throw store::Failure(store::Failure::Kind::corrupt,
                               "the node's store is damaged: a queued question cannot be read; "
                               "restore from a backup");
        return std::move(content->matter);
      }
      case ItemKind::answered: {
        auto ask = LetterId::from(row->object);
        LIAISON_CHECK(ask.has_value());
        return wire::Answered{*ask};
      }
    }
  }
  if (events.empty()) return std::nullopt;
  return events;
}

Result<wire::Letter> Engine::Parts::seal(const NodeId& to, wire::Matter matter,
                                         const std::set<CaseId>& about, Now now) {
  auto fingerprint = peers.sealing_for(to, now.wall);
  const auto* recipient = fingerprint ? door.certificate(*fingerprint) : nullptr;
  if (recipient == nullptr)
    return fail(Reason::unavailable, "the recipient has no sealing certificate that holds");
  wire::Letter out;
  out.id = entropy.fresh<LetterId>();
  out.sender = self();
  out.recipient = to;
  out.sealing_key = *fingerprint;
  auto life = std::min(config.letter_life, link.welcome().expiry_max);
  out.expires = clock.broker_time(now).value_or(now.wall) + life - expiry_margin;
  wire::Content content;
  content.letter = out.id;
  content.sender = self();
  content.recipient = to;
  content.sealed_at = now.wall;
  content.incarnation = incarnation;
  content.registry_checkpoint = logs.newest(wire::LogName::registry);
  content.message_checkpoint = logs.newest(wire::LogName::message);
  content.key_alarms = key_alarms_to_send();
  content.matter = std::move(matter);
  auto sealed = crypto::seal(wire::encode(content), signing, certificate, *recipient, now.wall);
  if (!sealed) return fail(sealed.error());
  out.commitment = sealed->commitment;
  out.sealed = std::move(sealed->der);
  write();
  kept_letters.keep(out, content.matter, std::move(sealed->content_key), about, to, now.wall);
  return out;
}

void Engine::Parts::seal_some(Now now) {
  for (const auto& job : outbox.to_seal(config.sealed_per_turn, now)) {
    if (peers.is_revoked(job.recipient)) {
      perform(outbox.cannot_go(job, wire::RefusalReason::recipient_revoked, now.wall), now);
      continue;
    }
    if (replica.is_current() && !peers.knows(job.recipient)) {
      perform(outbox.cannot_go(job, wire::RefusalReason::unknown_recipient, now.wall), now);
      continue;
    }
    if (!peers.sealing_for(job.recipient, now.wall)) {
      outbox.cannot_seal(job, now);
      continue;
    }
    write();
    std::vector<ItemId> gone;
    auto matter = matter_of(job, gone);
    SealJob kept = job;
    for (const auto& item : gone) {
      // Only what was disposed of with its case has no content any more.
      outbox.drop(item, job.recipient);
      letters.end_item(item, now.wall);
      kept.items.erase(std::remove(kept.items.begin(), kept.items.end(), item), kept.items.end());
    }
    if (!matter) {
      if (!kept.items.empty()) outbox.cannot_seal(kept, now);
      continue;
    }
    const bool is_of_case = job.kind == ItemKind::event || job.kind == ItemKind::part;
    auto letter = seal(job.recipient, std::move(*matter),
                       is_of_case ? std::set{job.case_id} : std::set<CaseId>{}, now);
    if (!letter) {
      outbox.cannot_seal(kept, now);
      log::warning("a letter could not be sealed; it is tried again",
                   {{"reason", name_of(letter.error().reason)}});
      continue;
    }
    OutLetter out;
    out.id = letter->id;
    out.recipient = letter->recipient;
    out.expires = letter->expires;
    out.bytes = static_cast<std::uint32_t>(letter->sealed.size());
    for (const auto& item : kept.items) {
      Item named;
      named.id = item;
      out.items.push_back(named);
    }
    letters.keep_letter(out, *letter);
    outbox.sealed(kept, std::move(out));
    just_sealed.emplace(letter->id, std::move(*letter));
  }
}

void Engine::Parts::seal_receipts(Now now) {
  for (auto& batch : receipts.take(config.sealed_per_turn, now)) {
    if (peers.is_revoked(batch.to)) {
      // Nobody there will read them; what they are for is at its sender, who is told by the
      // exchange.
      write();
      letters.receipts_dropped(batch.receipts);
      continue;
    }
    auto letter = seal(batch.to, batch.receipts, {}, now);
    if (!letter) {
      receipts.put_back(std::move(batch), now);
      continue;
    }
    write();
    OutLetter out;
    out.id = letter->id;
    out.recipient = batch.to;
    out.kind = LetterKind::receipts;
    out.expires = letter->expires;
    out.bytes = static_cast<std::uint32_t>(letter->sealed.size());
    letters.keep_letter(out, *letter);
    letters.carried(batch.receipts, out.id);
    outbox.sealed_receipts(std::move(out));
    just_sealed.emplace(letter->id, std::move(*letter));
  }
}

void Engine::Parts::perform(const OutboxDecision& decision, Now now) {
  if (decision.empty()) return;
  write();
  for (const auto& each : decision)
    std::visit([&](const auto& what) { perform(what, now); }, each);
}

void Engine::Parts::perform(const NoteAccepted& note, Now) {
  letters.note_accepted(note.letter, note.at);
  if (const auto* letter = outbox.find(note.letter))
    for (const auto& item : letter->items)
      touch(item.case_id);
}

void Engine::Parts::perform(const NoteToGo& note, Now) {
  letters.note_to_go(note.letter);
}

void Engine::Parts::perform(const UndoSeal& undo, Now now) {
  if (!letters.was_accepted(undo.letter)) kept_letters.forget(undo.letter);
  letters.undo_seal(undo.letter, undo.items, now.wall);
  if (undo.kind == LetterKind::receipts)
    for (const auto& [node, receipt] : letters.receipts_back(undo.letter))
      receipts.owe(node, receipt, now);
}

void Engine::Parts::perform(const EndRefused& end, Now now) {
  for (const auto& item : end.items) {
    auto row = letters.row(item);
    if (!row) continue;
    touch(row->item.case_id);
    if (row->object == everything_object()) unanswered(row->item.recipient, end.reason, now);
  }
  if (end.kind == LetterKind::receipts) letters.receipts_gone(end.letter);
  if (!letters.was_accepted(end.letter)) kept_letters.forget(end.letter);
  letters.end_refused(end.letter, end.items, end.reason, end.at);
  log::warning("a letter was refused for good",
               {{"letter", end.letter.text()}, {"reason", wire::name_of(end.reason)}});
}

void Engine::Parts::perform(const DropLetter& drop, Now) {
  letters.receipts_gone(drop.letter);
  letters.drop_letter(drop.letter);
}

void Engine::Parts::owe(const LetterId& letter, const NodeId& to, wire::Stage stage, Now now) {
  write();
  if (auto receipt = letters.owe(letter, to, stage, now.wall)) receipts.owe(to, *receipt, now);
}

}  // namespace liaison::node
