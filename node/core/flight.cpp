#include "node/core/flight.h"

#include "base/check.h"

namespace liaison::node {

void Flight::take_off(const LetterId& letter, std::uint32_t bytes, Now now) {
  const One one{now.steady + answer_patience, bytes};
  LIAISON_CHECK(by_letter_.emplace(letter, one).second);
  by_time_.emplace(one.answer_by, letter);
  bytes_ += bytes;
}

void Flight::land(const LetterId& letter) {
  auto at = by_letter_.find(letter);
  LIAISON_CHECK(at != by_letter_.end());
  by_time_.erase({at->second.answer_by, letter});
  bytes_ -= at->second.bytes;
  by_letter_.erase(at);
}

std::optional<LetterId> Flight::first_lost(Now now) const {
  if (by_time_.empty() || by_time_.begin()->first > now.steady) return std::nullopt;
  return by_time_.begin()->second;
}

std::optional<LetterId> Flight::first() const {
  if (by_time_.empty()) return std::nullopt;
  return by_time_.begin()->second;
}

std::optional<Duration> Flight::next_steady() const {
  if (by_time_.empty()) return std::nullopt;
  return by_time_.begin()->first;
}

}  // namespace liaison::node
