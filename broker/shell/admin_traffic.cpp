#include <map>
#include "broker/shell/admin.h"
#include "broker/shell/admin_command.h"
#include "broker/shell/policy_json.h"

/// What is carried: policy, quotas, what waits.
namespace liaison::broker {

namespace {

Json quota_json(const Quota& quota) {
  return {{"mailbox_letters", quota.mailbox_letters_max},
          {"mailbox_bytes", quota.mailbox_bytes_max},
          {"sender_letters", quota.sender_letters_max},
          {"sender_bytes", quota.sender_bytes_max}};
}

Result<Json> policy_show(Engine::Parts& parts, const Asked&, Now) {
  return Json::parse(to_json_text(parts.core.policy()));
}

Result<Json> policy_set(Engine::Parts& parts, const Asked& asked, Now now) {
  if (!asked.has("policy")) return fail(Reason::malformed, "policy: missing");
  auto policy = policy_from_json(asked.at("policy").dump());
  if (!policy) return fail(policy.error());
  parts.step(now, PolicySet{*policy});
  parts.act(asked.administrator(), "policy", "", to_json_text(*policy), now);
  parts.commit(now);
  return Json::parse(to_json_text(*policy));
}

Result<Json> quota_show(Engine::Parts& parts, const Asked& asked, Now) {
  auto node = node_if_named(parts, asked);
  if (!node) return fail(node.error());
  auto out = quota_json(parts.core.quota_of(node->value_or(NodeId())));
  out["node"] = *node ? Json((*node)->text()) : Json();
  return out;
}

Result<Json> quota_set(Engine::Parts& parts, const Asked& asked, Now now) {
  auto node = node_if_named(parts, asked);
  if (!node) return fail(node.error());
  std::optional<Quota> quota;
  if (asked.has("quota")) {
    quota = parts.core.quota_of(node->value_or(NodeId()));
    const std::map<std::string, std::uint64_t*> members{
        {"mailbox_letters", &quota->mailbox_letters_max},
        {"mailbox_bytes", &quota->mailbox_bytes_max},
        {"sender_letters", &quota->sender_letters_max},
        {"sender_bytes", &quota->sender_bytes_max}};
    if (!asked.at("quota").is_object())
      return fail(Reason::malformed, "quota: an object is wanted");
    for (const auto& [key, value] : asked.at("quota").items()) {
      auto member = members.find(key);
      if (member == members.end())
        return fail(Reason::malformed, "quota: unknown member \"" + key + "\"");
      if (!value.is_number_unsigned() || value.get<std::uint64_t>() > (std::uint64_t{1} << 60))
        return fail(Reason::malformed, "quota: " + key + " is not a number from 0 up");
      *member->second = value.get<std::uint64_t>();
    }
  }
  parts.step(now, QuotaSet{*node, quota});
  parts.act(asked.administrator(), "quota", *node ? (*node)->text() : "",
            quota ? quota_json(*quota).dump() : "default", now);
  parts.commit(now);
  return quota_show(parts, asked, now);
}

Json item_json(Engine::Parts& parts, const NodeRecord& recipient, const Item& item) {
  Json out{{"sequence", item.sequence},
           {"letter", item.letter.text()},
           {"recipient", recipient.id.text()},
           {"accepted_at", to_rfc3339(item.accepted_at)}};
  if (item.kind == Item::Kind::report) {
    out["kind"] = "report";
    return out;
  }
  out["kind"] = "letter";
  out["sender"] = parts.core.registry().node(item.sender).id.text();
  out["size_bytes"] = item.size_bytes;
  out["expires"] = to_rfc3339(item.expires);
  out["sha256"] = item.digest.text();
  out["commitment"] = item.commitment.text();
  out["first_octets"] = to_hex(parts.store.first_octets(item.sequence, first_octets_shown));
  return out;
}

Result<Json> mailboxes(Engine::Parts& parts, const Asked& asked, Now) {
  auto only = node_if_named(parts, asked);
  if (!only) return fail(only.error());
  auto left = asked.number_or("items_max", 100);
  Json out = Json::array();
  for (std::uint32_t at = 0; at < parts.core.registry().nodes(); ++at) {
    const auto& record = parts.core.registry().node(NodeNumber{at});
    if (*only && record.id != **only) continue;
    const auto& mailbox = parts.core.mailbox(NodeNumber{at});
    Json items = Json::array();
    if (left > 0) {
      for (const auto& item : mailbox.items()) {
        if (left == 0) break;
        --left;
        items.push_back(item_json(parts, record, item));
      }
    }
    out.push_back({{"node", record.id.text()},
                   {"letters", mailbox.letters().letters},
                   {"bytes", mailbox.letters().bytes},
                   {"reports", mailbox.reports()},
                   {"items", items}});
  }
  return out;
}

}  // namespace

std::vector<AdminCommand> traffic_commands() {
  return {
      {"policy-show", {}, policy_show},
      {"policy-set", {"policy"}, policy_set},
      {"quota-show", {"node"}, quota_show},
      {"quota-set", {"node", "quota"}, quota_set},
      {"mailboxes", {"node", "items_max"}, mailboxes},
  };
}

}  // namespace liaison::broker
