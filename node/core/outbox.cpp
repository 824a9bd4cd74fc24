#include "node/core/outbox.h"

#include <algorithm>

#include "base/check.h"
#include "base/deliberate_bug.h"
#include "wire/limits.h"

namespace liaison::node {
namespace {

constexpr Duration pause_shortest = std::chrono::seconds(1);
constexpr Duration pause_longest = std::chrono::minutes(5);
constexpr Duration no_certificate_pause = std::chrono::minutes(1);
constexpr std::size_t to_go_max = 64;

/// Doubles with each failure in a row; a random part, taken from the letter's random id, keeps many
/// nodes from coming back at once.
Duration back_off(std::uint32_t failures, const LetterId& letter) {
  auto pause = pause_shortest * (1 << std::min<std::uint32_t>(failures, 9));
  pause = std::min<Duration>(pause, pause_longest);
  return pause / 2 + pause * letter.octets[0] / 512;
}

}  // namespace

void Outbox::load(Item item) {
  add(std::move(item));
}

void Outbox::load(OutLetter letter) {
  auto& recipient = recipients_[letter.recipient];
  for (const auto& item : letter.items)
    recipient.open.insert(item.id);
  auto id = letter.id;
  Letter entry;
  entry.out = std::move(letter);
  if (entry.out.state != LetterState::accepted) {
    entry.out.state = LetterState::sealed;
    recipient.to_go.push_back(id);
  }
  letters_.emplace(id, std::move(entry));
}

void Outbox::add(Item item) {
  recipients_[item.recipient].open.insert(item.id);
  enqueue(std::move(item));
}

void Outbox::enqueue(Item item) {
  auto& recipient = recipients_[item.recipient];
  if (item.kind == ItemKind::event) recipient.events_by_case[item.case_id].insert(item.id);
  recipient.unsealed.insert_or_assign(item.id, item);
}

void Outbox::forget_unsealed(Recipient& recipient, const Item& item) {
  if (item.kind == ItemKind::event) {
    auto of_case = recipient.events_by_case.find(item.case_id);
    if (of_case != recipient.events_by_case.end()) {
      of_case->second.erase(item.id);
      if (of_case->second.empty()) recipient.events_by_case.erase(of_case);
    }
  }
  recipient.unsealed.erase(item.id);
}

std::vector<LetterId> Outbox::forget(const CaseId& case_id) {
  std::vector<LetterId> gone;
  for (auto& [node, recipient] : recipients_) {
    std::vector<Item> items;
    for (const auto& [id, item] : recipient.unsealed)
      if (item.case_id == case_id) items.push_back(item);
    for (const auto& item : items) {
      forget_unsealed(recipient, item);
      recipient.open.erase(item.id);
    }
  }
  for (const auto& [id, letter] : letters_) {
    const auto& items = letter.out.items;
    if (!items.empty() && items.front().case_id == case_id) gone.push_back(id);
  }
  for (const auto& id : gone) {
    auto& letter = letters_.at(id);
    land(letter);
    end_items(letter);
    letters_.erase(id);
  }
  return gone;
}

std::optional<SealJob> Outbox::next_job(const NodeId& node, const Recipient& recipient) const {
  for (const auto& [id, item] : recipient.unsealed) {
    // "All that was asked for has been queued before": it goes when all that has arrived there.
    if (item.kind == ItemKind::answered && *recipient.open.begin() != id) continue;
    SealJob job{node, item.case_id, item.kind, {}};
    if (item.kind != ItemKind::event) {
      job.items.push_back(id);
      return job;
    }
    std::size_t bytes = 0;
    for (const auto& other : recipient.events_by_case.at(item.case_id)) {
      const auto& event = recipient.unsealed.at(other);
      bytes += event.bytes;
      if (!job.items.empty() && bytes > letter_content_bytes_max) break;
      job.items.push_back(other);
      if (job.items.size() == wire::events_per_letter_max) break;
    }
    return job;
  }
  return std::nullopt;
}

std::vector<SealJob> Outbox::to_seal(std::size_t max, Now now) {
  std::vector<SealJob> jobs;
  if (recipients_.empty() || now.steady < all_blocked_until_ || is_window_full()) return jobs;
  // One job a recipient and round, beginning after who was served last.
  auto at = recipients_.upper_bound(last_sealed_for_);
  std::size_t without = 0;
  while (jobs.size() < max && without < recipients_.size()) {
    if (at == recipients_.end()) at = recipients_.begin();
    auto& [node, recipient] = *at;
    bool waits = now.steady < recipient.blocked_until || now.steady < recipient.no_seal_until;
    if (waits && LIAISON_BUG(one_recipient_blocks_all)) return jobs;
    auto job =
        waits || recipient.to_go.size() >= to_go_max ? std::nullopt : next_job(node, recipient);
    if (job) {
      without = 0;
      last_sealed_for_ = node;
      for (const auto& id : job->items) {
        auto item = recipient.unsealed.at(id);
        forget_unsealed(recipient, item);
        being_sealed_.emplace(id, std::move(item));
      }
      jobs.push_back(std::move(*job));
    } else {
      ++without;
    }
    ++at;
  }
  return jobs;
}

void Outbox::sealed(const SealJob& job, OutLetter letter) {
  letter.items.clear();
  for (const auto& id : job.items) {
    auto item = being_sealed_.extract(id);
    if (!item.empty()) letter.items.push_back(std::move(item.mapped()));
  }
  auto id = letter.id;
  recipients_[letter.recipient].to_go.push_back(id);
  Letter entry;
  entry.out = std::move(letter);
  letters_.emplace(id, std::move(entry));
}

void Outbox::sealed_receipts(OutLetter letter) {
  auto id = letter.id;
  recipients_[letter.recipient].to_go.push_back(id);
  Letter entry;
  entry.out = std::move(letter);
  letters_.emplace(id, std::move(entry));
}

void Outbox::cannot_seal(const SealJob& job, Now now) {
  for (const auto& id : job.items) {
    auto item = being_sealed_.extract(id);
    if (!item.empty()) enqueue(std::move(item.mapped()));
  }
  recipients_[job.recipient].no_seal_until = now.steady + no_certificate_pause;
}

OutboxDecision Outbox::cannot_go(const SealJob& job, wire::RefusalReason reason, Instant at) {
  for (const auto& id : job.items)
    drop(id, job.recipient);
  return {EndRefused{LetterId{}, LetterKind::items, job.items, reason, at}};
}

void Outbox::drop(const ItemId& item, const NodeId& recipient) {
  being_sealed_.erase(item);
  recipients_[recipient].open.erase(item);
}

void Outbox::certificates_changed() {
  for (auto& [node, recipient] : recipients_)
    recipient.no_seal_until = Duration{};
}

std::vector<LetterId> Outbox::to_submit(std::size_t max, Now now) {
  while (!in_flight_.empty() && in_flight_.begin()->first <= now.steady)
    go_again(letters_.at(in_flight_.begin()->second));
  std::vector<LetterId> out;
  if (recipients_.empty() || now.steady < all_blocked_until_) return out;
  auto at = recipients_.upper_bound(last_submitted_for_);
  std::size_t without = 0;
  while (out.size() < max && !is_window_full() && without < recipients_.size()) {
    if (at == recipients_.end()) at = recipients_.begin();
    auto& [node, recipient] = *at;
    bool waits = now.steady < recipient.blocked_until;
    if (waits && LIAISON_BUG(one_recipient_blocks_all)) return out;
    if (waits || recipient.to_go.empty()) {
      ++without;
    } else {
      without = 0;
      last_submitted_for_ = node;
      auto& letter = letters_.at(recipient.to_go.front());
      recipient.to_go.pop_front();
      letter.out.state = LetterState::submitted;
      letter.answer_by = now.steady + answer_patience;
      in_flight_.emplace(letter.answer_by, letter.out.id);
      bytes_in_flight_ += letter.out.bytes;
      out.push_back(letter.out.id);
    }
    ++at;
  }
  return out;
}

void Outbox::land(Letter& letter) {
  if (letter.out.state == LetterState::submitted) {
    LIAISON_CHECK(in_flight_.erase({letter.answer_by, letter.out.id}) == 1);
    bytes_in_flight_ -= letter.out.bytes;
  } else if (letter.out.state == LetterState::sealed) {
    auto& to_go = recipients_[letter.out.recipient].to_go;
    to_go.erase(std::remove(to_go.begin(), to_go.end(), letter.out.id), to_go.end());
  }
}

void Outbox::go_again(Letter& letter) {
  land(letter);
  letter.out.state = LetterState::sealed;
  recipients_[letter.out.recipient].to_go.push_back(letter.out.id);
}

void Outbox::end_items(const Letter& letter) {
  auto& recipient = recipients_[letter.out.recipient];
  for (const auto& item : letter.out.items)
    recipient.open.erase(item.id);
}

OutboxDecision Outbox::accepted(const wire::Accepted& accepted) {
  auto at = letters_.find(accepted.letter);
  if (at == letters_.end() || at->second.out.state == LetterState::accepted) return {};
  auto& letter = at->second;
  land(letter);
  recipients_[letter.out.recipient].failures = 0;
  if (letter.out.kind == LetterKind::receipts) {
    letters_.erase(at);
    return {DropLetter{accepted.letter}};
  }
  letter.out.state = LetterState::accepted;
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
  if (at == letters_.end() || at->second.out.state != LetterState::submitted) return {};
  auto& letter = at->second;
  auto& recipient = recipients_[letter.out.recipient];
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
  if (at == letters_.end() || at->second.out.recipient != report.recipient) return {};
  auto& recipient = recipients_[report.recipient];
  if (wire::meaning_of(report.reason) == wire::Meaning::final_)
    return {end(report.letter, report.reason, report.at)};
  block(recipient, report.letter, {}, now);
  return {reseal(report.letter)};
}

OutboxWrite Outbox::reseal(const LetterId& id) {
  auto& letter = letters_.at(id);
  land(letter);
  UndoSeal undo{id, letter.out.kind, {}};
  for (const auto& item : letter.out.items) {
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
  EndRefused ended{id, letter.out.kind, {}, reason, at};
  for (const auto& item : letter.out.items)
    ended.items.push_back(item.id);
  letters_.erase(id);
  return ended;
}

std::vector<ItemId> Outbox::receipted(const LetterId& id, const NodeId& from) {
  auto at = letters_.find(id);
  if (at == letters_.end() || at->second.out.recipient != from) return {};
  auto& letter = at->second;
  land(letter);
  end_items(letter);
  std::vector<ItemId> items;
  for (const auto& item : letter.out.items)
    items.push_back(item.id);
  letters_.erase(at);
  return items;
}

std::vector<ItemId> Outbox::ended_elsewhere(const NodeId& from, const std::vector<ItemId>& items) {
  std::vector<ItemId> out;
  auto& recipient = recipients_[from];
  for (const auto& id : items) {
    auto unsealed = recipient.unsealed.find(id);
    if (unsealed == recipient.unsealed.end()) continue;
    auto item = unsealed->second;
    forget_unsealed(recipient, item);
    recipient.open.erase(id);
    out.push_back(id);
  }
  return out;
}

void Outbox::disconnected() {
  while (!in_flight_.empty())
    go_again(letters_.at(in_flight_.begin()->second));
  all_blocked_until_ = Duration{};
  for (auto& [node, recipient] : recipients_)
    recipient.blocked_until = Duration{};
}

OutboxDecision Outbox::epoch_changed(Now now) {
  OutboxDecision decision;
  if (LIAISON_BUG(forget_after_epoch_change)) return decision;
  std::vector<LetterId> run_out;
  for (auto& [id, letter] : letters_) {
    if (letter.out.state != LetterState::accepted) continue;
    if (letter.out.expires <= now.wall) {
      run_out.push_back(id);
    } else {
      go_again(letter);
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
    if (letter.out.recipient == node && letter.out.state == LetterState::accepted)
      unsure.push_back(id);
  OutboxDecision decision;
  for (const auto& id : unsure)
    decision.push_back(reseal(id));
  return decision;
}

OutboxDecision Outbox::overdue(Instant at, bool calm) {
  std::vector<LetterId> late;
  for (const auto& [id, letter] : letters_) {
    bool waits = letter.out.state == LetterState::accepted;
    if (waits && calm) continue;
    auto until = letter.out.expires + (waits ? overdue_after : Duration{});
    if (letter.out.state != LetterState::submitted && until <= at) late.push_back(id);
  }
  OutboxDecision decision;
  for (const auto& id : late)
    decision.push_back(reseal(id));
  return decision;
}

const OutLetter* Outbox::find(const LetterId& letter) const {
  auto at = letters_.find(letter);
  return at == letters_.end() ? nullptr : &at->second.out;
}

bool Outbox::is_open(const NodeId& recipient, const ItemId& item) const {
  auto at = recipients_.find(recipient);
  return at != recipients_.end() && at->second.open.count(item) != 0;
}

std::size_t Outbox::waiting() const {
  std::size_t count = 0;
  for (const auto& [node, recipient] : recipients_)
    count += recipient.unsealed.size();
  for (const auto& [id, letter] : letters_)
    if (letter.out.state != LetterState::accepted) count += letter.out.items.size();
  return count;
}

std::size_t Outbox::unreceipted() const {
  std::size_t count = 0;
  for (const auto& [id, letter] : letters_)
    if (letter.out.state == LetterState::accepted) ++count;
  return count;
}

std::optional<Duration> Outbox::next_steady(Now now) const {
  std::optional<Duration> next;
  auto at_latest = [&](Duration when) { next = next ? std::min(*next, when) : when; };
  for (const auto& [node, recipient] : recipients_) {
    if (!recipient.to_go.empty())
      at_latest(std::max({recipient.blocked_until, all_blocked_until_, now.steady}));
    if (next_job(node, recipient))
      at_latest(std::max(
          {recipient.blocked_until, recipient.no_seal_until, all_blocked_until_, now.steady}));
  }
  // Nothing more may leave until an answer comes or is given up.
  if (is_window_full()) next.reset();
  if (!in_flight_.empty()) at_latest(in_flight_.begin()->first);
  return next;
}

}  // namespace liaison::node
