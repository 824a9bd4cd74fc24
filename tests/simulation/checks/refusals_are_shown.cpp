#include <fmt/format.h>

#include <map>
#include <set>

#include "checks/checks.h"
#include "node/core/keyring.h"

namespace liaison::simulation::checks {

void refusals_are_shown(World& world, NodeMachine& node) {
  const auto& notes = world.ledger.nodes[node.index()];
  node.use([&](node::Engine& engine, Now) {
    // Rows that ended undelivered are what `undelivered` lists, until a person has seen them; those
    // of a document's parts by the event that describes it.
    std::set<std::pair<std::string, EventId>> shown;
    std::set<std::pair<std::string, CaseId>> of_cases;
    for (const auto& each : engine.undelivered()) {
      shown.emplace(each.step.recipient.text(), each.step.event);
      of_cases.emplace(each.step.recipient.text(), each.case_id);
    }
    auto failed = engine.database().prepare(
        "SELECT recipient, case_id, object FROM outbox WHERE reason IS NOT NULL AND seen=0");
    for (auto rows = failed.query(); rows.next();) {
      const auto event = EventId::from(rows.blob(2));
      const bool is_shown =
          event ? shown.count({std::string(rows.text(0)), *event}) != 0
                : of_cases.count({std::string(rows.text(0)), rows.id<CaseId>(1)}) != 0;
      if (!is_shown)
        throw Violation(8, fmt::format("{}: what ended undelivered to {} is not shown", node.name(),
                                       rows.text(0)));
    }
    std::set<LetterId> aside;
    std::map<NodeId, std::uint32_t> aside_of;
    for (const auto& each : engine.aside()) {
      aside.insert(each.letter);
      ++aside_of[each.sender];
    }
    auto stored = engine.database().prepare("SELECT 1 FROM letter_in WHERE letter=?");
    for (const auto& [letter, told] : notes.aside_said) {
      if (aside.count(letter) != 0) continue;
      // What was sealed to a lost key its sender seals anew, so it goes from the list in its time,
      // and first of all where the list of its sender's letters is full.
      if (told.reason == wire::RefusalReason::no_such_key &&
          (notes.latest - told.at > node::sealing_kept_retired - std::chrono::minutes(1) ||
           aside_of[world.letters.sender_of(letter)] >= node::EngineConfig{}.aside_letters_max))
        continue;
      if (auto rows = stored.query(letter); rows.next()) continue;
      throw Violation(8, fmt::format("{} set letter {} aside, and it is neither shown nor kept",
                                     node.name(), letter.text()));
    }
  });
}

}  // namespace liaison::simulation::checks
