#include <fmt/format.h>

#include "checks/checks.h"
#include "checks/strands.h"

namespace liaison::simulation::checks {

void each_event_once(World& world, NodeMachine& node, const casework::CaseView& view) {
  auto& ledger = world.ledger;
  auto& notes = ledger.nodes[node.index()];
  for_each_strand(view, [&](const casework::StrandView& strand) {
    std::unordered_set<EventId> seen;
    for (const auto& entry : strand.history) {
      const auto& event = entry.event;
      if (!seen.insert(event->id).second) {
        throw Violation(2, fmt::format("{} shows event {} twice", node.name(), event->id.text()));
      }
      if (notes.verified.count(event->id) != 0) continue;
      auto* author = world.node(event->author);
      if (author == nullptr)
        continue;  // of the one gone bad: under its own name it may say what it likes
      if (author == &node) {
        const auto [at, is_new] = ledger.authored.try_emplace(event->id, event);
        if (!is_new && !(*at->second == *event)) {
          throw Violation(
              2, fmt::format("{} changed its own event {}", node.name(), event->id.text()));
        }
      } else if (const auto at = ledger.authored.find(event->id); at == ledger.authored.end()) {
        ledger.awaiting_author.emplace(event->id, event);
      } else if (!(*at->second == *event)) {
        throw Violation(2, fmt::format("{} shows event {} otherwise than {} wrote it", node.name(),
                                       event->id.text(), event->author.text()));
      }
      notes.verified.insert(event->id);
    }
  });
}

void nothing_is_invented(World& world) {
  for (const auto& [id, event] : world.ledger.awaiting_author) {
    const auto at = world.ledger.authored.find(id);
    if (at != world.ledger.authored.end() && *at->second == *event) continue;
    throw Violation(2, fmt::format("event {} ({}) is not of {}, whose name it bears", id.text(),
                                   wire::name_of(event->body), event->author.text()));
  }
}

}  // namespace liaison::simulation::checks
