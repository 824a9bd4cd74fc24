#include "adviser_node/commands.h"

int main(int argc, char** argv) {
  const auto kind = liaison::adviser_node::kind();
  return liaison::node::run_program(
      kind, "A Jobcentre office's node on a referral exchange, and its desk",
      liaison::adviser_node::commands(kind), argc, argv);
}
