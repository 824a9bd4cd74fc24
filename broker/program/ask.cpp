#include <limits>

#include "broker/program/archive.h"
#include "broker/program/backup.h"
#include "broker/program/commands.h"
#include "broker/program/export.h"
#include "broker/program/installation.h"
#include "crypto/random.h"
#include "net/admin.h"
#include "net/directory_lock.h"

namespace liaison::broker {

using Json = nlohmann::json;

namespace {

Json value_of(const std::string& line) {
  auto answer = Json::parse(line, nullptr, false);
  if (!answer.is_object())
    throw Refusal("the broker's answer cannot be read: is it of this version?");
  if (answer.contains("error")) throw Refusal(answer["error"].get<std::string>());
  return answer["ok"];
}

/// Nobody serves: this process is the broker for one request.
Json ask_store(const std::string& directory, const Json& request) {
  const auto now = system_now();
  auto installation = read_installation(directory);
  if (!installation) throw Refusal(installation.error().text);
  const net::DirectoryLock lock(directory);
  const auto command = request.value("command", "");
  std::optional<crypto::KeyVault> keys;
  if (command == "rotate-log-key" ||
      (command == "revoke" && installation->settings.authority_online)) {
    auto opened = open_keys(*installation);
    if (!opened) throw Refusal(opened.error().text);
    keys = std::move(*opened);
  }
  crypto::SystemEntropy entropy;
  auto engine = open_engine(*installation, keys ? &*keys : nullptr, entropy, now);
  if (command == "rotate-log-key") {
    auto changed = change_log_key(*engine, *keys, "root", now);
    if (!changed) throw Refusal(changed.error().text);
    return json_of(*changed);
  }
  if (command == "backup") {
    auto made = make_backup(engine->database(), directory, request.at("file").get<std::string>());
    if (!made) throw Refusal(made.error().text);
    return {{"file", request.at("file")}};
  }
  if (command == "export") {
    ExportInPieces pieces(*engine, request.at("directory").get<std::string>());
    for (;;) {
      const auto done = pieces.step();
      if (!done) continue;
      if (!*done) throw Refusal(done->error().text);
      return told(pieces, *engine, request.at("directory").get<std::string>());
    }
  }
  if (command == "archive") {
    const auto path = request.at("directory").get<std::string>();
    const auto before = before_of(request, now);
    if (!before) throw Refusal(before.error().text);
    ArchiveInPieces pieces(*engine, path, *before, std::numeric_limits<int>::max());
    for (;;) {
      const auto done = pieces.step();
      if (!done) continue;
      if (!*done) throw Refusal(done->error().text);
      return told(pieces, *engine, path);
    }
  }
  auto answer = value_of(engine->admin(request.dump(), now));
  if (command == "status")
    answer["authority"] = installation->settings.authority_online ? "online" : "offline";
  return answer;
}

}  // namespace

Json ask_broker(const std::string& directory, const Json& request) {
  std::string line;
  try {
    line = request.dump();
  } catch (const Json::type_error&) {
    throw Refusal("what was given is not UTF-8, which no name and no path may be here");
  }
  if (!net::is_locked(directory)) return ask_store(directory, request);
  constexpr auto longest = std::chrono::minutes(10);  // a backup of a full store takes its time
  auto answer = net::admin_call(directory, line, longest);
  if (!answer) throw Refusal(answer.error().text);
  return value_of(*answer);
}

}  // namespace liaison::broker
