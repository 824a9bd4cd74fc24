#include <unistd.h>

#include <iostream>

#include "base/time.h"
#include "broker/program/commands.h"
#include "broker/program/words.h"
#include "cli/place.h"

/// The logs: their key, and where their older part lies.
namespace liaison::broker {

using Json = nlohmann::json;

namespace {

Instant before_of(const std::string& before, const std::string& older_than) {
  if (!before.empty()) {
    const auto at = parse_rfc3339(before);
    if (!at) throw WrongUsage("--before: not a time such as 2026-05-06T10:42:00Z");
    return *at;
  }
  const auto age = parse_duration(older_than);
  if (!age || *age < Duration{}) throw WrongUsage("--older-than: not a time such as 30d");
  return system_now().wall - *age;
}

}  // namespace

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

void add_archive(CLI::App& app) {
  auto& command = *app.add_subcommand(
      "archive", "Move the older part of the message log out of the store, to a directory");
  struct Words {
    std::string archive, before, older_than = "30d";
  };
  auto words = std::make_shared<Words>();
  auto with = common(command, "liaison-broker archive /srv/archive --dir DIR --older-than 90d");
  command
      .add_option(
          "DIR", words->archive,
          "A new directory, or the archive of before: it is added to. The auditors' exports "
          "need it")
      ->required();
  auto* before = command.add_option("--before", words->before,
                                    "Entries from before then, as 2026-05-06T10:42:00Z");
  command
      .add_option("--older-than", words->older_than,
                  "Entries that are older than that (30d); letters that still wait, or may be "
                  "submitted again, stay in any case")
      ->excludes(before);
  command.callback([words, with] {
    const auto path = cli::absolute_directory(words->archive);
    const Json request{{"command", "archive"},
                       {"directory", path},
                       {"before_ms", to_ms(before_of(words->before, words->older_than))}};
    const bool tells = ::isatty(STDERR_FILENO) != 0;
    std::uint64_t moved = 0;
    auto answer = ask_broker(with->directory, request);
    for (;; answer = ask_broker(with->directory, request)) {
      moved += answer.at("moved").get<std::uint64_t>();
      if (!answer.at("more").get<bool>()) break;
      if (tells) std::cerr << '\r' << moved << " entries moved  " << std::flush;
    }
    if (tells && moved > 0) std::cerr << "\r                              \r" << std::flush;
    answer["moved"] = moved;
    answer.erase("more");
    print_object(*with, answer);
  });
}

}  // namespace liaison::broker
