#include "node/core/outbox.h"

#include <algorithm>

#include "base/deliberate_bug.h"

namespace liaison::node {
namespace {

constexpr Duration no_certificate_pause = std::chrono::minutes(1);
constexpr std::size_t to_go_max = 64;

}  // namespace

void Outbox::load(Item item) {
  add(std::move(item));
}

void Outbox::load(OutLetter letter) {
  auto& recipient = recipients_[letter.recipient];
  for (const auto& item : letter.items)
    recipient.open.insert(item.id);
  auto id = letter.id;
  if (letter.state != LetterState::accepted) {
    letter.state = LetterState::sealed;
    recipient.to_go.push_back(id);
  }
  letters_.emplace(id, std::move(letter));
}

void Outbox::add(Item item) {
  recipients_[item.recipient].open.insert(item.id);
  enqueue(std::move(item));
}

void Outbox::enqueue(Item item) {
  auto& unsealed = recipients_[item.recipient].unsealed;
  unsealed.add(std::move(item));
}

std::vector<LetterId> Outbox::forget(const CaseId& case_id) {
  std::vector<LetterId> gone;
  for (auto& [node, recipient] : recipients_) {
    for (const auto& id : recipient.unsealed.of_case(case_id)) {
      (void)recipient.unsealed.take(id);
      recipient.open.erase(id);
    }
  }
  for (const auto& [id, letter] : letters_) {
    const auto& items = letter.items;
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

std::vector<SealJob> Outbox::to_seal(std::size_t max, Now now) {
  std::vector<SealJob> jobs;
  if (recipients_.empty() || now.steady < all_blocked_until_ || flight_.is_full()) return jobs;
  // One job a recipient and round, beginning after who was served last.
  auto at = recipients_.upper_bound(last_sealed_for_);
  std::size_t without = 0;
  while (jobs.size() < max && without < recipients_.size()) {
    if (at == recipients_.end()) at = recipients_.begin();
    auto& [node, recipient] = *at;
    bool waits = now.steady < recipient.blocked_until || now.steady < recipient.no_seal_until;
    if (waits && LIAISON_BUG(one_recipient_blocks_all)) return jobs;
    auto job = waits || recipient.to_go.size() >= to_go_max || recipient.open.empty()
                   ? std::nullopt
                   : recipient.unsealed.next_job(node, *recipient.open.begin());
    if (job) {
      without = 0;
      last_sealed_for_ = node;
      for (const auto& id : job->items) {
        being_sealed_.emplace(id, *recipient.unsealed.take(id));
      }
      jobs.push_back(std::move(*job));
    } else {
      ++without;
    }
    ++at;
  }
  return jobs;
}

std::vector<SealJob> Outbox::take_answers(const NodeId& recipient) {
  std::vector<SealJob> jobs;
  const auto at = recipients_.find(recipient);
  if (at == recipients_.end()) return jobs;
  for (auto& answer : at->second.unsealed.take_answers()) {
    jobs.push_back({recipient, answer.case_id, answer.kind, {answer.id}});
    being_sealed_.emplace(answer.id, std::move(answer));
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
  letters_.emplace(id, std::move(letter));
}

void Outbox::sealed_receipts(OutLetter letter) {
  auto id = letter.id;
  recipients_[letter.recipient].to_go.push_back(id);
  letters_.emplace(id, std::move(letter));
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

void Outbox::sealing_key_changed(const NodeId& node) {
  auto at = recipients_.find(node);
  if (at == recipients_.end() || at->second.returned == 0) return;
  at->second.returned = 0;
  at->second.blocked_until = Duration{};
}

std::vector<LetterId> Outbox::to_submit(std::size_t max, Now now) {
  while (auto lost = flight_.first_lost(now))
    go_again(letters_.at(*lost));
  std::vector<LetterId> out;
  if (recipients_.empty() || now.steady < all_blocked_until_) return out;
  auto at = recipients_.upper_bound(last_submitted_for_);
  std::size_t without = 0;
  while (out.size() < max && !flight_.is_full() && without < recipients_.size()) {
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
      letter.state = LetterState::submitted;
      flight_.take_off(letter.id, letter.bytes, now);
      out.push_back(letter.id);
    }
    ++at;
  }
  return out;
}

void Outbox::land(const OutLetter& letter) {
  if (letter.state == LetterState::submitted) {
    flight_.land(letter.id);
  } else if (letter.state == LetterState::sealed) {
    auto& to_go = recipients_[letter.recipient].to_go;
    to_go.erase(std::remove(to_go.begin(), to_go.end(), letter.id), to_go.end());
  }
}

void Outbox::go_again(OutLetter& letter) {
  land(letter);
  letter.state = LetterState::sealed;
  recipients_[letter.recipient].to_go.push_back(letter.id);
}

void Outbox::end_items(const OutLetter& letter) {
  auto& recipient = recipients_[letter.recipient];
  for (const auto& item : letter.items)
    recipient.open.erase(item.id);
}

void Outbox::disconnected() {
  while (auto letter = flight_.first())
    go_again(letters_.at(*letter));
  all_blocked_until_ = Duration{};
  for (auto& [node, recipient] : recipients_)
    recipient.blocked_until = Duration{};
}

const OutLetter* Outbox::find(const LetterId& letter) const {
  auto at = letters_.find(letter);
  return at == letters_.end() ? nullptr : &at->second;
}

bool Outbox::is_open(const NodeId& recipient, const ItemId& item) const {
  auto at = recipients_.find(recipient);
  return at != recipients_.end() && at->second.open.count(item) != 0;
}

std::size_t Outbox::answers_waiting(const NodeId& recipient) const {
  auto at = recipients_.find(recipient);
  return at == recipients_.end() ? 0 : at->second.unsealed.answers();
}

std::size_t Outbox::waiting() const {
  std::size_t count = 0;
  for (const auto& [node, recipient] : recipients_)
    count += recipient.unsealed.size();
  for (const auto& [id, letter] : letters_)
    if (letter.state != LetterState::accepted) count += letter.items.size();
  return count;
}

std::size_t Outbox::unreceipted() const {
  std::size_t count = 0;
  for (const auto& [id, letter] : letters_)
    if (letter.state == LetterState::accepted) ++count;
  return count;
}

std::optional<Duration> Outbox::next_steady(Now now) const {
  std::optional<Duration> next;
  auto at_latest = [&](Duration when) { next = next ? std::min(*next, when) : when; };
  for (const auto& [node, recipient] : recipients_) {
    if (!recipient.to_go.empty())
      at_latest(std::max({recipient.blocked_until, all_blocked_until_, now.steady}));
    if (!recipient.open.empty() && recipient.unsealed.next_job(node, *recipient.open.begin()))
      at_latest(std::max(
          {recipient.blocked_until, recipient.no_seal_until, all_blocked_until_, now.steady}));
  }
  // Nothing more may leave until an answer comes or is given up.
  if (flight_.is_full()) next.reset();
  if (auto lost = flight_.next_steady()) at_latest(*lost);
  return next;
}

}  // namespace liaison::node
