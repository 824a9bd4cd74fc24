#include "letter_watch.h"

#include <algorithm>

#include "base/check.h"

namespace liaison::simulation {

const char* name_of(LetterState state) {
  switch (state) {
    case LetterState::queued:
      return "queued";
    case LetterState::sealed:
      return "sealed";
    case LetterState::to_broker:
      return "to broker";
    case LetterState::mailbox:
      return "mailbox";
    case LetterState::to_recipient:
      return "to recipient";
    case LetterState::stored:
      return "stored";
    case LetterState::receipt:
      return "receipt";
    case LetterState::done:
      return "done";
  }
  return "";
}

void LetterWatch::note(const std::vector<wire::Letter>& letters) {
  for (const auto& letter : letters) {
    const auto [at, is_new] = letters_.try_emplace(
        letter.id, Seen{letter.sender, letter.recipient, {}, false, false, false, {}});
    if (is_new) live_.push_back(letter.id);
  }
}

void LetterWatch::made(const wire::Frame& frame) {
  if (const auto* letters = std::get_if<std::vector<wire::Letter>>(&frame)) note(*letters);
}

LetterWatch::Cargo LetterWatch::sent(const wire::Frame& frame, Way way) {
  Cargo cargo{{}, way};
  if (const auto* letters = std::get_if<std::vector<wire::Letter>>(&frame);
      letters && way == Way::to_broker) {
    note(*letters);
    for (const auto& letter : *letters)
      cargo.letters.push_back(letter.id);
  } else if (const auto* deliveries = std::get_if<std::vector<wire::Delivery>>(&frame);
             deliveries && way == Way::to_node) {
    for (const auto& delivery : *deliveries) {
      const auto* letter = std::get_if<wire::Letter>(&delivery.item);
      if (letter == nullptr) continue;
      cargo.letters.push_back(letter->id);
      if (const auto at = letters_.find(letter->id); at != letters_.end())
        at->second.sequence = delivery.sequence;
    }
  } else if (const auto* accepted = std::get_if<std::vector<wire::Accepted>>(&frame);
             accepted && way == Way::to_node) {
    for (const auto& each : *accepted) {
      accepted_.push_back({each.letter, each.leaf, epoch_});
      if (const auto at = letters_.find(each.letter); at != letters_.end())
        at->second.accepted = true;
    }
  } else if (const auto* taken = std::get_if<std::vector<wire::Taken>>(&frame);
             taken && way == Way::to_broker) {
    for (const auto& each : *taken) {
      if (const auto at = letters_.find(each.letter); at != letters_.end())
        at->second.stored = true;
      cargo.letters.push_back(each.letter);
    }
  }
  std::erase_if(cargo.letters, [this](const LetterId& id) { return letters_.count(id) == 0; });
  for (const auto& id : cargo.letters)
    ++letters_[id].on_the_way[static_cast<int>(way)];
  return cargo;
}

std::optional<LetterWatch::Open> LetterWatch::not_stored(const NodeId& sender) const {
  for (auto at = live_.rbegin(); at != live_.rend(); ++at) {
    const auto& seen = letters_.at(*at);
    if (seen.sender == sender && !seen.stored) return Open{*at, seen.recipient};
  }
  return std::nullopt;
}

std::optional<LetterId> LetterWatch::on_the_way(Way way) const {
  for (auto at = live_.rbegin(); at != live_.rend(); ++at) {
    if (letters_.at(*at).on_the_way[static_cast<int>(way)] > 0) return *at;
  }
  return std::nullopt;
}

void LetterWatch::arrived(const Cargo& cargo) {
  for (const auto& id : cargo.letters)
    --letters_[id].on_the_way[static_cast<int>(cargo.way)];
}

LetterWatch::Counts LetterWatch::counts(
    const std::optional<NodeId>& node,
    const std::function<bool(const NodeId&, const LetterId&)>& open) {
  Counts out{};
  for (const auto& id : live_) {
    auto& seen = letters_[id];
    if (node && seen.sender != *node && seen.recipient != *node) continue;
    auto state = LetterState::sealed;
    if (seen.stored) {
      if (seen.on_the_way[0] > 0) {
        state = LetterState::stored;
      } else if (open(seen.sender, id)) {
        state = LetterState::receipt;
      } else {
        state = LetterState::done;
        seen.done = true;
      }
    } else if (seen.on_the_way[1] > 0) {
      state = LetterState::to_recipient;
    } else if (seen.accepted) {
      state = LetterState::mailbox;
    } else if (seen.on_the_way[0] > 0) {
      state = LetterState::to_broker;
    }
    ++out[static_cast<std::size_t>(state)];
  }
  // What is done stays so, and is counted by number alone.
  std::erase_if(live_, [this](const LetterId& id) { return letters_[id].done; });
  out[static_cast<std::size_t>(LetterState::done)] = letters_.size() - live_.size();
  return out;
}

}  // namespace liaison::simulation
