#include "node/core/unsealed.h"

#include "wire/limits.h"

namespace liaison::node {

void Unsealed::add(Item item) {
  if (item.kind == ItemKind::event) events_by_case_[item.case_id].insert(item.id);
  const auto id = item.id;
  const bool is_answer = item.kind == ItemKind::answered;
  if (items_.insert_or_assign(id, std::move(item)).second && is_answer) ++answers_;
}

const Item* Unsealed::find(const ItemId& id) const {
  auto at = items_.find(id);
  return at == items_.end() ? nullptr : &at->second;
}

std::optional<Item> Unsealed::take(const ItemId& id) {
  auto taken = items_.extract(id);
  if (taken.empty()) return std::nullopt;
  auto item = std::move(taken.mapped());
  if (item.kind == ItemKind::answered) --answers_;
  if (auto of_case = events_by_case_.find(item.case_id);
      item.kind == ItemKind::event && of_case != events_by_case_.end()) {
    of_case->second.erase(id);
    if (of_case->second.empty()) events_by_case_.erase(of_case);
  }
  return item;
}

std::vector<Item> Unsealed::take_answers() {
  std::vector<Item> out;
  for (auto at = items_.begin(); at != items_.end();) {
    if (at->second.kind != ItemKind::answered) {
      ++at;
      continue;
    }
    out.push_back(std::move(at->second));
    at = items_.erase(at);
  }
  answers_ = 0;
  return out;
}

std::vector<ItemId> Unsealed::of_case(const CaseId& id) const {
  std::vector<ItemId> out;
  for (const auto& [item_id, item] : items_)
    if (item.case_id == id) out.push_back(item_id);
  return out;
}

std::optional<SealJob> Unsealed::next_job(const NodeId& recipient, const ItemId& first_open) const {
  for (const auto& [id, item] : items_) {
    if (item.kind == ItemKind::answered && first_open != id) continue;
    SealJob job{recipient, item.case_id, item.kind, {}};
    if (item.kind != ItemKind::event) {
      job.items.push_back(id);
      return job;
    }
    std::size_t bytes = 0;
    for (const auto& other : events_by_case_.at(item.case_id)) {
      bytes += items_.at(other).bytes;
      if (!job.items.empty() && bytes > letter_content_bytes_max) break;
      job.items.push_back(other);
      if (job.items.size() == wire::events_per_letter_max) break;
    }
    return job;
  }
  return std::nullopt;
}

}  // namespace liaison::node
