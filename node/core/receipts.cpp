#include "node/core/receipts.h"

#include <algorithm>
#include <utility>

#include "wire/limits.h"

namespace liaison::node {
namespace {
constexpr Duration no_certificate_pause = std::chrono::minutes(1);
constexpr Duration returned_pause_shortest = std::chrono::minutes(1);
constexpr Duration returned_pause_longest = std::chrono::hours(1);
constexpr std::size_t worth_a_letter = 256;
}  // namespace

void Receipts::owe(const NodeId& to, const wire::Receipt& receipt, Now now) {
  auto& owed = owed_[to];
  add(owed, {receipt}, now.steady + delay_);
  if (owed.receipts.size() >= worth_a_letter) owed.due = now.steady;
}

std::vector<Receipts::Batch> Receipts::take(std::size_t max, Now now) {
  std::vector<Batch> out;
  for (auto& [node, owed] : owed_) {
    if (out.size() == max) break;
    if (owed.receipts.empty() || owed.due > now.steady) continue;
    Batch batch{node, {}};
    while (!owed.receipts.empty() && batch.receipts.size() < wire::receipts_per_letter_max) {
      auto first = owed.receipts.begin();
      batch.receipts.push_back({first->first.first, first->first.second, first->second});
      owed.receipts.erase(first);
    }
    out.push_back(std::move(batch));
  }
  return out;
}

void Receipts::put_back(Batch batch, Now now) {
  auto& owed = owed_[batch.to];
  add(owed, batch.receipts, {});
  owed.due = now.steady + no_certificate_pause;
  owed.unsealed = true;
}

void Receipts::certificates_changed(Now now) {
  for (auto& [node, owed] : owed_)
    if (std::exchange(owed.unsealed, false)) owed.due = std::min(owed.due, now.steady);
}

void Receipts::came_back(const NodeId& from, const std::vector<wire::Receipt>& receipts, Now now) {
  auto& owed = owed_[from];
  auto pause = returned_pause_shortest * (1 << std::min<std::uint32_t>(owed.returned++, 8));
  add(owed, receipts, now.steady + std::min<Duration>(pause, returned_pause_longest));
}

void Receipts::add(Owed& owed, const std::vector<wire::Receipt>& receipts, Duration due) {
  owed.due = owed.receipts.empty() ? due : std::min(owed.due, due);
  for (const auto& receipt : receipts)
    owed.receipts.emplace(std::pair(receipt.letter, receipt.stage), receipt.at);
}

std::optional<Duration> Receipts::next_steady() const {
  std::optional<Duration> next;
  for (const auto& [node, owed] : owed_)
    if (!owed.receipts.empty() && (!next || owed.due < *next)) next = owed.due;
  return next;
}

}  // namespace liaison::node
