#include <fmt/format.h>

#include "checks/checks.h"

namespace liaison::simulation::checks {

void logs_are_followed(World& world) {
  for (auto& node : world.nodes) {
    if (node->revoked) continue;
    node->use([&](node::Engine& engine, Now now) {
      const auto status = engine.status(now);
      if (!status.logs.are_followed) throw Violation(3, node->name() + " does not follow the logs");
      for (const auto& alarm : status.alarms) {
        // Said with good reason until the operator has changed the key again.
        if (alarm.kind == "log_key_former" && world.broker->restores > 0) continue;
        const auto& forged = world.ledger.contested;
        if (alarm.kind == "key_contested" && forged &&
            alarm.text.find(forged->text()) != std::string::npos)
          continue;
        // What it was shown was not logged, and it says so for as long as it has a copy of it.
        // A change of the logs' key may have had the place of it.
        if (node->lied_to &&
            (alarm.kind.rfind("registry_", 0) == 0 || alarm.kind == "log_key_refused"))
          continue;
        if (alarm.kind == "key_contested" || alarm.kind.rfind("log_", 0) == 0 ||
            alarm.kind.rfind("registry_", 0) == 0)
          throw Violation(3, fmt::format("{} has an alarm: {}", node->name(), alarm.text));
      }
    });
  }
}

}  // namespace liaison::simulation::checks
