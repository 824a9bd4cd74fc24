#include <malloc.h>

#include <iostream>

#include "base/text.h"
#include "broker/program/commands.h"
#include "cli/output.h"
#include "cli/words.h"
#include "crypto/start.h"

/// liaison-broker: one exchange's broker, and its operator's commands.
int main(int argc, char** argv) {
  using namespace liaison;
  // A turn's memory is wanted again by the next: giving it back to the system in between costs more
  // than what is done with it.
  mallopt(M_TRIM_THRESHOLD, 256 << 20);
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  CLI::App app("Liaison's broker: carries sealed letters between the nodes of an exchange",
               "liaison-broker");
  broker::add_commands(app);
  try {
    crypto::start();
    app.parse(argc, argv);
    if (const auto written = cli::finish_output(); !written)
      throw broker::Refusal(written.error().text);
    return 0;
  } catch (const CLI::CallForHelp& help) {
    return app.exit(help);
  } catch (const CLI::ParseError& error) {
    std::cerr << "liaison-broker: " << in_one_line(cli::usage_error(app, error)) << '\n';
    return 2;
  } catch (const broker::WrongUsage& error) {
    std::cerr << "liaison-broker: " << error.what() << '\n';
    return 2;
  } catch (const std::exception& error) {
    std::cerr << "liaison-broker: " << error.what() << '\n';
    return 1;
  }
}
