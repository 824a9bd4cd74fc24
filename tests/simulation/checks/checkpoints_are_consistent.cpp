#include <fmt/format.h>

#include "audit/hash.h"
#include "audit/proof.h"
#include "broker/shell/logs.h"
#include "checks/checks.h"

namespace liaison::simulation::checks {
namespace {

constexpr std::uint32_t at_once = 256;

/// What was signed under the name that the log has now follows from its entries.
void check_log(World& world, broker::VerifiableLog& log) {
  const auto& signed_ones = world.ledger.checkpoints[log.key().name];
  audit::RootOf root;
  for (const auto& [size, expected] : signed_ones) {
    while (root.size() < size) {
      const auto entries = log.store().entries(root.size(), at_once);
      if (entries.empty())
        throw Violation(
            3, fmt::format("{} signed {} entries and has {}", log.key().name, size, root.size()));
      for (const auto& entry : entries)
        if (root.size() < size) root.add(audit::leaf_hash(entry));
    }
    if (root.root() != expected)
      throw Violation(
          3, fmt::format("the {} entries that {} signed were others", size, log.key().name));
  }
}

}  // namespace

void checkpoint_is_new_or_the_same(World& world) {
  auto& logs = world.broker->engine()->logs();
  for (const auto name : {broker::LogName::registry, broker::LogName::message}) {
    const auto& newest = logs.of(name).newest();
    if (!newest) continue;
    const auto& checkpoint = newest->checkpoint;
    const auto [known, is_new] =
        world.ledger.checkpoints[checkpoint.origin].try_emplace(checkpoint.size, checkpoint.root);
    if (known->second != checkpoint.root)
      throw Violation(3, fmt::format("{} signed two histories of {} entries", checkpoint.origin,
                                     checkpoint.size));
  }
}

void checkpoints_are_consistent(World& world) {
  if (!world.broker->up() || world.broker->counts().recovering) return;
  auto& logs = world.broker->engine()->logs();
  for (const auto name : {broker::LogName::registry, broker::LogName::message})
    check_log(world, logs.of(name));
}

}  // namespace liaison::simulation::checks
