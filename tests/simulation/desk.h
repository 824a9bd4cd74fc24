#pragma once

#include "casework/commands.h"
#include "checks/checks.h"
#include "people.h"
#include "world.h"

namespace liaison::simulation {

// How people.h's classes give a command to a node; for people_*.cpp alone.
template <class Command>
bool People::decide(NodeMachine& node, const CaseId& id, const Command& command,
                    const std::vector<node::NewAttachment>& attachments) {
  const auto who = actor(node);
  const auto error = node.act([&](node::Engine& engine, Now now) {
    const auto awaited = checks::awaited_in_case(world_, node, engine, id, now);
    auto made = engine.act(
        id, who,
        [&](const casework::CaseView& view) {
          return casework::decide(view, who, command, now.wall);
        },
        now, attachments);
    if (made && awaited) {
      throw Violation(9, node.name() + " decided in case " + id.text() + " before " +
                             awaited->text() + " had told what it has");
    }
    return made;
  });
  note(error);
  return !error;
}

}  // namespace liaison::simulation
