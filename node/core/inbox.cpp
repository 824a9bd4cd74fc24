#include "node/core/inbox.h"

#include <algorithm>

#include "base/deliberate_bug.h"

namespace liaison::node {

bool Inbox::has(const LetterId& letter) const {
  return present_.count(letter) != 0;
}

void Inbox::renumber(const Arrived& again) {
  const auto& letter = again.letter.id;
  const auto is_here = [&](Arrived& each) {
    each.sequence = again.sequence;
    each.is_of_this_connection = true;
    // A letter of that id may have other octets now: of them nothing is said of the former.
    if (each.letter.sealed != again.letter.sealed ||
        each.letter.commitment != again.letter.commitment)
      return;
    each.accepted_at = again.accepted_at;
    each.leaf = again.leaf;
    each.epoch = again.epoch;
  };
  if (auto at = held_.find(letter); at != held_.end()) is_here(at->second.letter);
  for (auto* waiting : {&fresh_, &ready_, &suspects_})
    for (auto& each : *waiting)
      if (each.letter.id == letter) is_here(each);
}

void Inbox::arrived(Arrived letter) {
  present_.emplace(letter.letter.id, 0);
  fresh_.push_back(std::move(letter));
}

void Inbox::suspect(Arrived letter) {
  present_.emplace(letter.letter.id, 0);
  suspects_.push_back(std::move(letter));
}

bool Inbox::suspects_one_of(const NodeId& sender) const {
  return std::ranges::any_of(suspects_,
                             [&](const Arrived& each) { return each.letter.sender == sender; });
}

bool Inbox::has_earlier(const Arrived& letter) const {
  // Of what was forgotten for want of room, or with the connection, nobody knows the number.
  if (forgot_of_.count(letter.letter.sender) != 0 || !letter.is_of_this_connection) return true;
  const auto is_earlier = [&](const Arrived& each) {
    return each.letter.sender == letter.letter.sender && each.sequence < letter.sequence;
  };
  for (const auto* waiting : {&fresh_, &ready_, &suspects_})
    if (std::ranges::any_of(*waiting, is_earlier)) return true;
  return std::ranges::any_of(held_,
                             [&](const auto& each) { return is_earlier(each.second.letter); });
}

std::optional<LetterId> Inbox::next_suspect() {
  if (suspects_.empty() || suspect_under_way_) return std::nullopt;
  suspect_under_way_ = suspects_.front().letter.id;
  fresh_.push_back(std::move(suspects_.front()));
  suspects_.pop_front();
  return suspect_under_way_;
}

void Inbox::attempts_durable() {
  for (auto& letter : fresh_)
    ready_.push_back(std::move(letter));
  fresh_.clear();
}

std::vector<Arrived> Inbox::to_open(std::size_t max) {
  std::vector<Arrived> out;
  while (out.size() < max && !ready_.empty()) {
    present_.erase(ready_.front().letter.id);
    if (suspect_under_way_ == ready_.front().letter.id) suspect_under_way_.reset();
    out.push_back(std::move(ready_.front()));
    ready_.pop_front();
  }
  // One that was held comes up after some that were sent later: has_earlier does not see those that
  // are taken out here.
  std::ranges::stable_sort(out, {}, &Arrived::sequence);
  return out;
}

Inbox::Total Inbox::held_of(const NodeId& sender) const {
  Total out;
  for (const auto& [id, held] : held_) {
    if (held.letter.letter.sender != sender) continue;
    out.letters += 1;
    out.bytes += held.letter.letter.sealed.size();
  }
  return out;
}

bool Inbox::hold(Arrived letter, Need need, Now now) {
  if (LIAISON_BUG(drop_held_letter)) return true;
  auto id = letter.letter.id;
  auto bytes = letter.letter.sealed.size();
  const auto of_sender = held_of(letter.letter.sender);
  if (held_.size() >= held_letters_max_ || held_bytes_ + bytes > held_bytes_max_ ||
      (of_sender.letters + 1) * senders_part > held_letters_max_ ||
      (of_sender.bytes + bytes) * senders_part > held_bytes_max_) {
    forgot_of_.insert(letter.letter.sender);
    return false;
  }
  held_bytes_ += bytes;
  present_.emplace(id, 0);
  first_held_.emplace(id, now.steady);
  held_.insert_or_assign(id, Held{std::move(letter), need, now.steady + retry_held});
  return true;
}

std::vector<LetterId> Inbox::release(std::vector<LetterId> letters) {
  // In the order in which they were sent: a sender's letters may build on each other.
  std::ranges::sort(letters, {},
                    [this](const LetterId& id) { return held_.at(id).letter.sequence; });
  for (const auto& id : letters) {
    auto at = held_.find(id);
    held_bytes_ -= at->second.letter.letter.sealed.size();
    fresh_.push_back(std::move(at->second.letter));
    held_.erase(at);
  }
  return letters;
}

std::vector<LetterId> Inbox::came(Need need) {
  if (need == Need::registry && !forgot_of_.empty()) registry_came_ = true;
  std::vector<LetterId> out;
  for (const auto& [id, held] : held_)
    if (held.need == need) out.push_back(id);
  return release(std::move(out));
}

std::vector<LetterId> Inbox::due(Now now) {
  std::vector<LetterId> out;
  for (const auto& [id, held] : held_)
    if (held.again <= now.steady) out.push_back(id);
  return release(std::move(out));
}

std::optional<Duration> Inbox::held_since(const LetterId& letter) const {
  auto at = first_held_.find(letter);
  if (at == first_held_.end()) return std::nullopt;
  return at->second;
}

std::vector<LetterId> Inbox::disconnected() {
  std::vector<LetterId> counted;
  for (const auto* waiting : {&fresh_, &ready_})
    for (const auto& each : *waiting)
      counted.push_back(each.letter.id);
  for (const auto* waiting : {&fresh_, &ready_, &suspects_})
    for (const auto& each : *waiting)
      present_.erase(each.letter.id);
  suspects_.clear();
  suspect_under_way_.reset();
  fresh_.clear();
  ready_.clear();
  forgot_of_.clear();
  for (auto& [id, held] : held_)
    held.letter.is_of_this_connection = false;
  registry_came_ = false;
  for (auto at = first_held_.begin(); at != first_held_.end();)
    at = held_.count(at->first) == 0 ? first_held_.erase(at) : std::next(at);
  return counted;
}

bool Inbox::is_trying_again() const {
  const auto was_held = [this](const Arrived& each) {
    return held_since(each.letter.id).has_value();
  };
  return std::ranges::any_of(fresh_, was_held) || std::ranges::any_of(ready_, was_held);
}

bool Inbox::has_room_for_forgotten() const {
  if (held_.size() * 2 > held_letters_max_ || held_bytes_ * 2 > held_bytes_max_) return false;
  return std::ranges::any_of(forgot_of_, [this](const NodeId& sender) {
    const auto held = held_of(sender);
    return held.letters * 2 * senders_part <= held_letters_max_ &&
           held.bytes * 2 * senders_part <= held_bytes_max_;
  });
}

bool Inbox::take_reconnect_wish(Now now) {
  // What is tried again takes no place meanwhile, and most of it will be held as before.
  if (forgot_of_.empty() || is_trying_again()) return false;
  if (!has_room_for_forgotten()) {
    if (!registry_came_ || (reconnect_at_ && now.steady < *reconnect_at_)) return false;
    reconnect_at_ = now.steady + reconnect_again;
  }
  forgot_of_.clear();
  registry_came_ = false;
  return true;
}

std::optional<Duration> Inbox::next_steady() const {
  std::optional<Duration> next;
  for (const auto& [id, held] : held_)
    if (!next || held.again < *next) next = held.again;
  return next;
}

}  // namespace liaison::node
