#include "ledger.h"

#include <algorithm>

namespace liaison::simulation {

void Ledger::tell(NodeIndex author, const std::vector<wire::Event>& events, Moment at) {
  for (const auto& event : events) {
    told.push_back({event, author, at, false});
    authored.try_emplace(event.id, std::make_shared<const wire::Event>(event));
    if (std::holds_alternative<wire::events::Requested>(event.body)) ++referrals;
  }
}

void Ledger::forget(NodeIndex node, Moment backed_up_at) {
  // Its backup has the tombstones of what was disposed of before.
  auto disposed = std::move(nodes[node].disposed);
  auto came_back = std::move(nodes[node].came_back);
  std::erase_if(disposed, [&](const auto& each) {
    const bool lost = each.second > backed_up_at;
    if (lost) came_back.insert(each.first);
    return lost;
  });
  auto aside_of_lost_disk = std::move(nodes[node].aside_of_lost_disk);
  for (const auto& [letter, aside] : nodes[node].aside_said)
    aside_of_lost_disk.insert(letter);
  nodes[node] = {};
  nodes[node].aside_of_lost_disk = std::move(aside_of_lost_disk);
  nodes[node].disposed = std::move(disposed);
  nodes[node].came_back = std::move(came_back);
  for (auto& each : told) {
    if (each.author == node && each.at >= backed_up_at) each.outlived_by_backup = true;
  }
}

bool Ledger::was_outlived_by_backup(const EventId& event) const {
  return std::ranges::any_of(
      told, [&](const Told& each) { return each.event.id == event && each.outlived_by_backup; });
}

}  // namespace liaison::simulation
