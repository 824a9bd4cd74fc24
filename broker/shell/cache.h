#pragma once

#include <deque>
#include <optional>

#include "broker/core/ids.h"
#include "wire/frame.h"

namespace liaison::broker {

/// The letters that arrived last, so that those on their way straight through need not be read
/// back from the store. Sequences come in rising order; the oldest goes when it is full. A letter
/// that was taken leaves an empty place until all before it are gone, so places count as well: one
/// that waits for weeks would else keep a place for each that passed it.
class LetterCache {
 public:
  explicit LetterCache(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  void add(Sequence sequence, Instant accepted_at, wire::Letter&& letter) {
    if (sequence - first_ > places_max()) {
      entries_.clear();
      bytes_ = 0;
    }
    if (entries_.empty()) first_ = sequence;
    while (first_ + entries_.size() < sequence)
      entries_.emplace_back();
    bytes_ += letter.sealed.size() + overhead_bytes;
    entries_.push_back(wire::Delivery{sequence, accepted_at, std::move(letter)});
    while (!entries_.empty() &&
           (bytes_ > bytes_max_ || entries_.size() > places_max() || !entries_.front()))
      drop_front();
  }
  [[nodiscard]] std::size_t places() const { return entries_.size(); }
  [[nodiscard]] std::size_t places_max() const { return bytes_max_ / overhead_bytes; }

  /// Takes a letter out: it is delivered once as a rule.
  std::optional<wire::Delivery> take(Sequence sequence) {
    if (sequence < first_ || sequence - first_ >= entries_.size()) return std::nullopt;
    auto& entry = entries_[sequence - first_];
    if (!entry) return std::nullopt;
    bytes_ -= cost(*entry);
    auto out = std::exchange(entry, std::nullopt);
    while (!entries_.empty() && !entries_.front())
      drop_front();
    return out;
  }

 private:
  static constexpr std::size_t overhead_bytes = 256;
  static std::size_t cost(const wire::Delivery& delivery) {
    return std::get<wire::Letter>(delivery.item).sealed.size() + overhead_bytes;
  }
  void drop_front() {
    if (entries_.front()) bytes_ -= cost(*entries_.front());
    entries_.pop_front();
    ++first_;
  }
  std::deque<std::optional<wire::Delivery>> entries_;
  Sequence first_ = 0;
  std::size_t bytes_ = 0;
  std::size_t bytes_max_;
};

}  // namespace liaison::broker
