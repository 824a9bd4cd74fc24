#include "auditor/commands.h"
#include "crypto/start.h"

/// liaison-audit: an exchange's logs, for administrators and for auditors who trust none of it.
int main(int argc, char** argv) {
  using namespace liaison;
  crypto::start();
  cli::Program program{"liaison-audit", "Reads, exports and verifies an exchange's logs", {}, {}};
  for (auto family : {auditor::ask_commands(), auditor::check_commands(),
                      auditor::compare_commands(), auditor::witness_commands()})
    for (auto& command : family)
      program.commands.push_back(std::move(command));
  return cli::run(program, argc, argv);
}
