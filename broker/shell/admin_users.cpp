#include "broker/shell/admin_command.h"
#include "crypto/password.h"

/// The exchange's administrators.
namespace liaison::broker {

namespace {

Result<Json> users_add(Engine::Parts& parts, const Asked& asked, Now now) {
  auto name = asked.text("name");
  auto password = asked.text("password");
  if (!name || !NodeId::parse(*name))
    return fail(Reason::malformed, "name: 2 to 40 of a-z, 0-9 and '-', starting with a letter");
  if (!password || password->size() < 10 || password->size() > 256)
    return fail(Reason::malformed, "password: 10 to 256 characters");
  for (const auto& each : parts.store.users())
    if (each.name == *name && !each.disabled)
      return fail(Reason::conflict, "there is a user " + *name + " already");
  const UserRow row{*name, crypto::hash_password(*password), false, now.wall};
  parts.perform.add([row](Store& kept) { kept.keep_user(row); });
  parts.act(asked.administrator(), "users-add", *name, "", now);
  parts.commit(now);
  return Json{{"name", *name}};
}

Result<Json> users_list(Engine::Parts& parts, const Asked&, Now) {
  Json out = Json::array();
  for (const auto& each : parts.store.users())
    out.push_back({{"name", each.name},
                   {"state", each.disabled ? "disabled" : "active"},
                   {"created_at", to_rfc3339(each.created_at)}});
  return out;
}

Result<Json> users_disable(Engine::Parts& parts, const Asked& asked, Now now) {
  auto name = asked.text("name");
  if (!name) return fail(name.error());
  for (auto each : parts.store.users()) {
    if (each.name != *name) continue;
    each.disabled = true;
    parts.perform.add([each](Store& kept) { kept.keep_user(each); });
    parts.act(asked.administrator(), "users-disable", *name, "", now);
    parts.commit(now);
    return Json{{"name", *name}};
  }
  return fail(Reason::not_found, "no such user: " + *name);
}

}  // namespace

std::vector<AdminCommand> user_commands() {
  return {
      {"users-add", {"name", "password"}, users_add},
      {"users-list", {}, users_list},
      {"users-disable", {"name"}, users_disable},
  };
}

}  // namespace liaison::broker
