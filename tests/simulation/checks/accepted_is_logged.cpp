#include <fmt/format.h>

#include "checks/checks.h"
#include "wire/log_entry.h"

namespace liaison::simulation::checks {

void accepted_is_logged(World& world) {
  // One that is recovering accepts nothing, and may have to raise its epoch yet: an earlier restore
  // of the same backup had the same one if a clock was wrong, which nodes tell it (decision 0009).
  if (!world.broker->up() || world.broker->counts().recovering) return;
  auto& database = world.broker->engine()->database();
  auto find = database.prepare("SELECT entry FROM log WHERE leaf=?");
  const auto& accepted = world.letters.accepted();
  const auto epoch = world.broker->counts().epoch;
  for (auto& at = world.ledger.accepted_checked; at < accepted.size(); ++at) {
    const auto& each = accepted[at];
    const auto [first, is_new] =
        world.ledger.leaves.try_emplace(each.letter, each.epoch, each.leaf);
    if (!is_new && first->second.first == each.epoch && first->second.second != each.leaf) {
      throw Violation(3,
                      fmt::format("letter {} was accepted under leaf {}, and its repeat under {}",
                                  each.letter.text(), first->second.second, each.leaf));
    }
    first->second = {each.epoch, each.leaf};
    if (each.epoch != epoch) continue;  // of a disk that was lost
    auto rows = find.query(each.leaf);
    if (!rows.next()) {
      throw Violation(3,
                      fmt::format("letter {} was accepted under leaf {}, which is not in the log",
                                  each.letter.text(), each.leaf));
    }
    const auto entry = wire::decode_log_entry(rows.blob(0));
    if (!entry || entry->kind != wire::LogKind::accepted || entry->letter != each.letter) {
      throw Violation(3, fmt::format("leaf {} of the log is not letter {}, accepted under it",
                                     each.leaf, each.letter.text()));
    }
  }
}

}  // namespace liaison::simulation::checks
