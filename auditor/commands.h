#pragma once

#include <vector>

#include "cli/command.h"

namespace liaison::auditor {

/// What asks a broker, or a node: checkpoint, log, export, prove, disclose.
std::vector<cli::Command> ask_commands();
/// What needs none: verify, report, check-proof, check-disclosure.
std::vector<cli::Command> check_commands();
/// compare.
std::vector<cli::Command> compare_commands();
/// What is a party of its own: witness.
std::vector<cli::Command> witness_commands();

}  // namespace liaison::auditor
