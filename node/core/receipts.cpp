#include "node/core/receipts.h"

#include "wire/limits.h"

namespace liaison::node {
namespace {
constexpr Duration no_certificate_pause = std::chrono::minutes(1);
constexpr std::size_t worth_a_letter = 256;
}  // namespace

void Receipts::owe(const NodeId& to, const wire::Receipt& receipt, Now now) {
  auto& owed = owed_[to];
  if (owed.receipts.empty()) owed.due = now.steady + delay_;
  owed.receipts.emplace(std::pair(receipt.letter, receipt.stage), receipt.at);
  if (owed.receipts.size() >= worth_a_letter && owed.due <= now.steady + delay_)
    owed.due = now.steady;
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
  for (const auto& receipt : batch.receipts)
    owed.receipts.emplace(std::pair(receipt.letter, receipt.stage), receipt.at);
  owed.due = now.steady + no_certificate_pause;
}

std::optional<Duration> Receipts::next_steady() const {
  std::optional<Duration> next;
  for (const auto& [node, owed] : owed_)
    if (!owed.receipts.empty() && (!next || owed.due < *next)) next = owed.due;
  return next;
}

}  // namespace liaison::node
