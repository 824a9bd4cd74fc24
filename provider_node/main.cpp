#include "provider_node/commands.h"

int main(int argc, char** argv) {
  const auto kind = liaison::provider_node::kind();
  return liaison::node::run_program(kind, "A provider's node on a referral exchange, and its desk",
                                    liaison::provider_node::commands(kind), argc, argv);
}
