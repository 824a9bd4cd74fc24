#include <algorithm>

#include "base/deliberate_bug.h"
#include "node/core/outbox.h"

/// What becomes of letters: accepted, refused, reported, receipted, lost with a disk or with time.
namespace liaison::node {
namespace {

constexpr Duration pause_shortest = std::chrono::seconds(1);
constexpr Duration pause_longest = std::chrono::minutes(5);
constexpr Duration returned_pause_longest = std::chrono::hours(1);

/// Doubles with each failure in a row; a random part, taken from the letter's random id, keeps many
/// nodes from coming back at once.
Duration back_off(std::uint32_t failures, const LetterId& letter,
                  Duration longest = pause_longest) {
  auto pause = pause_shortest * (1 << std::min<std::uint32_t>(failures, 12));
  pause = std::min<Duration>(pause, longest);
  return pause / 2 + pause * letter.octets[0] / 512;
}

}  // namespace

OutboxDecision Outbox::accepted(const wire::Accepted& accepted) {
  auto at = letters_.find(accepted.letter);
  if (at == letters_.end() || at->second.state == LetterState::accepted) return {};
  auto& letter = at->second;
  land(letter);
  recipients_[letter.recipient].failures = 0;
  if (letter.kind == LetterKind::receipts) {
    letters_.erase(at);
    return {DropLetter{accepted.letter}};
  }
  letter.state = LetterState::accepted;
  OutboxDecision decision{NoteAccepted{accepted.letter, accepted.at}};
  if (LIAISON_BUG(end_outbox_on_accepted)) {
    end_items(letter);
    letters_.erase(at);
    decision.push_back(DropLetter{accepted.letter});
  }
  return decision;
}

void Outbox::block(Recipient& recipient, const LetterId& letter, Duration at_least, Now now) {
  recipient.blocked_until = now.steady + std::max(at_least, back_off(recipient.failures, letter));
  ++recipient.failures;
}

OutboxDecision Outbox::refused(const wire::Refused& refused, Now now) {
  if (!refused.letter) return {};
  auto at = letters_.find(*refused.letter);
  // An answer to a repeat may come after the first was accepted: what was accepted stands, and
  // waits for its receipt.
  if (at == letters_.end() || at->second.state != LetterState::submitted) return {};
  auto& letter = at->second;
  auto& recipient = recipients_[letter.recipient];
  switch (wire::meaning_of(refused.reason)) {
    case wire::Meaning::retry: {
      go_again(letter);
      bool everyone = refused.reason == wire::RefusalReason::sender_quota ||
                      refused.reason == wire::RefusalReason::recovering ||
                      refused.reason == wire::RefusalReason::busy;
      if (everyone) {
        all_blocked_until_ =
            std::max(all_blocked_until_,
                     now.steady + std::max(refused.retry_after, back_off(0, *refused.letter)));
      } else {
        block(recipient, *refused.letter, refused.retry_after, now);
      }
      return {};
    }
    case wire::Meaning::reseal: {
      // Without a newer certificate the same answer would come again: each time a longer pause.
      block(recipient, *refused.letter, {}, now);
      return {reseal(*refused.letter)};
    }
    case wire::Meaning::final_:
      return {end(*refused.letter, refused.reason, now.wall)};
  }
  return {};
}

OutboxDecision Outbox::reported(const wire::Report& report, Now now) {
  auto at = letters_.find(report.letter);
  if (at == letters_.end() || at->second.recipient != report.recipient) return {};
  auto& recipient = recipients_[report.recipient];
  if (wire::meaning_of(report.reason) == wire::Meaning::final_)
    return {end(report.letter, report.reason, report.at)};
  came_back(recipient, report.letter, now);
  return {reseal(report.letter)};
}

void Outbox::receipts_came_back(const NodeId& node, const LetterId& letter, Now now) {
  came_back(recipients_[node], letter, now);
}

/// That the exchange accepts it once more says nothing: only a receipt, or another certificate,
/// ends the ever longer pauses. One cause returns many letters together, and counts once.
void Outbox::came_back(Recipient& recipient, const LetterId& letter, Now now) {
  if (now.steady < recipient.blocked_until) return;
  recipient.blocked_until =
      now.steady + back_off(recipient.returned++, letter, returned_pause_longest);
}

OutboxWrite Outbox::reseal(const LetterId& id) {
  auto& letter = letters_.at(id);
  land(letter);
  UndoSeal undo{id, letter.kind, {}};
  for (const auto& item : letter.items) {
    undo.items.push_back(item.id);
    enqueue(item);
  }
  letters_.erase(id);
  return undo;
}

OutboxWrite Outbox::end(const LetterId& id, wire::RefusalReason reason, Instant at) {
  auto& letter = letters_.at(id);
  land(letter);
  end_items(letter);
  EndRefused ended{id, letter.kind, {}, reason, at};
  for (const auto& item : letter.items)
    ended.items.push_back(item.id);
  letters_.erase(id);
  return ended;
}

std::vector<ItemId> Outbox::receipted(const LetterId& id, const NodeId& from) {
  auto at = letters_.find(id);
  if (at == letters_.end() || at->second.recipient != from) return {};
  auto& letter = at->second;
  land(letter);
  recipients_[from].returned = 0;
  end_items(letter);
  std::vector<ItemId> items;
  for (const auto& item : letter.items)
    items.push_back(item.id);
  letters_.erase(at);
  return items;
}

std::vector<ItemId> Outbox::ended_elsewhere(const NodeId& from, const std::vector<ItemId>& items) {
  std::vector<ItemId> out;
  auto& recipient = recipients_[from];
  for (const auto& id : items) {
    if (!recipient.unsealed.take(id)) continue;
    recipient.open.erase(id);
    out.push_back(id);
  }
  return out;
}

OutboxDecision Outbox::epoch_changed(Now now) {
  OutboxDecision decision;
  if (LIAISON_BUG(forget_after_epoch_change)) return decision;
  std::vector<LetterId> run_out;
  for (auto& [id, letter] : letters_) {
    if (letter.state != LetterState::accepted) continue;
    if (letter.expires <= now.wall) {
      run_out.push_back(id);
    } else {
      go_again(letter);
      decision.push_back(NoteToGo{id});
    }
  }
  for (const auto& id : run_out)
    decision.push_back(reseal(id));
  return decision;
}

OutboxDecision Outbox::restored() {
  std::vector<LetterId> all;
  for (const auto& [id, letter] : letters_)
    all.push_back(id);
  OutboxDecision decision;
  for (const auto& id : all)
    decision.push_back(reseal(id));
  return decision;
}

OutboxDecision Outbox::recipient_restored(const NodeId& node) {
  std::vector<LetterId> unsure;
  for (const auto& [id, letter] : letters_)
    if (letter.recipient == node && letter.kind == LetterKind::items) unsure.push_back(id);
  OutboxDecision decision;
  for (const auto& id : unsure)
    decision.push_back(reseal(id));
  return decision;
}

OutboxDecision Outbox::overdue(Instant at, bool calm) {
  std::vector<LetterId> late;
  for (const auto& [id, letter] : letters_) {
    bool waits = letter.state == LetterState::accepted;
    if (waits && calm) continue;
    auto until = letter.expires + (waits ? overdue_after : Duration{});
    if (letter.state != LetterState::submitted && until <= at) late.push_back(id);
  }
  OutboxDecision decision;
  for (const auto& id : late)
    decision.push_back(reseal(id));
  return decision;
}

}  // namespace liaison::node
