#include "ledger.h"

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
  std::erase_if(disposed, [&](const auto& each) { return each.second > backed_up_at; });
  nodes[node] = {};
  nodes[node].disposed = std::move(disposed);
  for (auto& each : told) {
    if (each.author == node && each.at >= backed_up_at) each.outlived_by_backup = true;
  }
}

}  // namespace liaison::simulation
