#pragma once

#include <string>
#include <vector>

#include "cli/command.h"
#include "node/desk/desk.h"

/// What both programs of a node have in common: their operator's commands, serving, and the
/// commands of every desk.
namespace liaison::node {

/// What tells the two programs apart.
struct Kind {
  NodeRole role = NodeRole::adviser;
  std::string program;  ///< "liaison-adviser"
  int port = 7681;      ///< the desk's, unless the settings say otherwise
  std::vector<DeskRoute> routes;
};

std::vector<cli::Command> join_commands(const Kind& kind);  ///< join, restore
std::vector<cli::Command> operator_commands(
    const Kind& kind);  ///< serve, status, aside, backup, settings, ...
std::vector<cli::Command> user_commands(const Kind& kind);  ///< user add, list, disable, token, ...
std::vector<cli::Command> desk_commands(
    const Kind& kind);  ///< find, referral list, case show, manager, ...

/// The whole of main(): `commands` beside the common ones.
int run_program(const Kind& kind, std::string about, std::vector<cli::Command> commands, int argc,
                const char* const* argv);

}  // namespace liaison::node
