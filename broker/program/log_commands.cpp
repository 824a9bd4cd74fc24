#include "broker/program/commands.h"
#include "broker/program/words.h"

/// The logs' key.
namespace liaison::broker {

using Json = nlohmann::json;

void add_rotate_log_key(CLI::App& app) {
  auto& command = *app.add_subcommand(
      "rotate-log-key",
      "Have the logs signed by a new key; the former one says so, and is destroyed");
  auto with = common(command, "liaison-broker rotate-log-key --dir DIR");
  command.callback([with] {
    const auto answer = ask_broker(with->directory, {{"command", "rotate-log-key"}});
    print_object(*with, answer);
  });
}

}  // namespace liaison::broker
