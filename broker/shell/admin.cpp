#include "broker/shell/admin.h"

#include <map>

#include "broker/shell/admin_command.h"

namespace liaison::broker {

namespace {

const std::map<std::string, AdminCommand>& commands() {
  static const auto all = [] {
    std::map<std::string, AdminCommand> out;
    for (const auto& family : {member_commands(), user_commands(), traffic_commands(),
                               authority_commands(), log_commands(), status_commands()})
      for (const auto& each : family)
        out.emplace(each.name, each);
    return out;
  }();
  return all;
}

Result<Json> answer(Engine::Parts& parts, const Json& request, Now now) {
  if (!request.is_object() || !request.contains("command") || !request["command"].is_string())
    return fail(Reason::malformed, "a request is a JSON object with a command");
  const auto name = request["command"].get<std::string>();
  const auto command = commands().find(name);
  if (command == commands().end()) return fail(Reason::malformed, "no such command: " + name);
  for (const auto& [key, ignored] : request.items())
    if (key != "command" && key != "administrator" && command->second.members.count(key) == 0)
      return fail(Reason::malformed, name + " takes no member \"" + key + "\"");
  const Asked asked(request);
  if (asked.has("administrator"))
    if (auto who = asked.sentence("administrator", "administrator", 64); !who)
      return fail(who.error());
  return command->second.run(parts, asked, now);
}

}  // namespace

std::string answer_admin(Engine::Parts& parts, std::string_view request, Now now) {
  const auto value = Json::parse(request, nullptr, false);
  auto result = answer(parts, value, now);
  if (result) return Json{{"ok", *result}}.dump();
  return Json{{"error", result.error().text}}.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace liaison::broker
