#include <iterator>

#include "node/cli/kind.h"

namespace liaison::node {

int run_program(const Kind& kind, std::string about, std::vector<cli::Command> commands, int argc,
                const char* const* argv) {
  cli::Program program;
  program.name = kind.program;
  program.about = std::move(about);
  program.groups = {{"user", "People who sign in here, and their tokens"},
                    {"aside", "Letters that could not be used"},
                    {"settings", "The node's settings"},
                    {"undelivered", "What ended without being delivered"},
                    {"referral", "Referrals"},
                    {"client", "Clients"},
                    {"case", "Cases"},
                    {"manager", "Who is case manager"},
                    {"service", "Services in the directory"}};
  for (auto group : {join_commands(kind), operator_commands(kind), user_commands(kind),
                     desk_commands(kind), std::move(commands)}) {
    program.commands.insert(program.commands.end(), std::make_move_iterator(group.begin()),
                            std::make_move_iterator(group.end()));
  }
  return cli::run(program, argc, argv);
}

}  // namespace liaison::node
