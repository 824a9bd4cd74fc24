#include <fmt/format.h>

#include "checks/checks.h"

namespace liaison::simulation::checks {

void refusals_are_shown(World& world, NodeMachine& node) {
  const auto& said = world.ledger.nodes[node.index()].aside_said;
  node.use([&](node::Engine& engine, Now) {
    // Rows that ended undelivered are what `undelivered` lists, until a person has seen them.
    auto failed = engine.database().prepare(
        "SELECT count(*) FROM outbox WHERE reason IS NOT NULL AND seen=0");
    std::uint64_t rows_failed = 0;
    if (auto rows = failed.query(); rows.next()) rows_failed = rows.uint64(0);
    const auto shown = engine.undelivered().size();
    if (shown != rows_failed) {
      throw Violation(8, fmt::format("{}: {} things ended undelivered, and {} are shown",
                                     node.name(), rows_failed, shown));
    }
    std::set<LetterId> aside;
    for (const auto& each : engine.aside())
      aside.insert(each.letter);
    auto stored = engine.database().prepare("SELECT 1 FROM letter_in WHERE letter=?");
    for (const auto& letter : said) {
      if (aside.count(letter) != 0) continue;
      if (auto rows = stored.query(letter); rows.next()) continue;
      throw Violation(8, fmt::format("{} set letter {} aside, and it is neither shown nor kept",
                                     node.name(), letter.text()));
    }
  });
}

}  // namespace liaison::simulation::checks
