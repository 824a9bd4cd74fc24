#include "broker/shell/admin.h"

#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "broker/shell/parts.h"
#include "broker/shell/policy_json.h"
#include "certs/signing_request.h"
#include "crypto/password.h"

namespace liaison::broker {

namespace {

using Json = nlohmann::json;

/// The members of a request, checked for kind as they are asked for.
class Asked {
 public:
  explicit Asked(const Json& value) : value_(value) {}
  Result<std::string> text(const char* name) const {
    if (!value_.contains(name) || !value_[name].is_string())
      return fail(Reason::malformed, std::string(name) + ": a text is wanted");
    return value_[name].get<std::string>();
  }
  std::string text_or(const char* name, std::string otherwise) const {
    auto found = text(name);
    return found ? *found : otherwise;
  }
  Result<NodeId> node() const {
    auto found = text("node");
    if (!found) return fail(found.error());
    return NodeId::parse(*found);
  }
  bool has(const char* name) const { return value_.contains(name) && !value_[name].is_null(); }
  const Json& at(const char* name) const { return value_[name]; }
  std::string administrator() const { return text_or("administrator", "root"); }
  std::uint64_t number_or(const char* name, std::uint64_t otherwise) const {
    return value_.contains(name) && value_[name].is_number_unsigned()
               ? value_[name].get<std::uint64_t>()
               : otherwise;
  }

 private:
  const Json& value_;
};

Json quota_json(const Quota& quota) {
  return {{"mailbox_letters", quota.mailbox_letters_max},
          {"mailbox_bytes", quota.mailbox_bytes_max},
          {"sender_letters", quota.sender_letters_max},
          {"sender_bytes", quota.sender_bytes_max}};
}

Result<Json> invite(Engine::Parts& parts, const Asked& asked, Now now) {
  InviteOrder order;
  auto node = asked.node();
  if (!node) return fail(Reason::malformed, "--node: " + node.error().text);
  order.enrolment.node = *node;
  auto role = parse_role(asked.text_or("role", ""));
  if (!role) return fail(Reason::malformed, "--role: " + role.error().text);
  order.enrolment.role = *role;
  auto organisation = asked.text("organisation");
  if (!organisation) return fail(organisation.error());
  order.enrolment.organisation = *organisation;
  if (asked.has("capabilities")) {
    for (const auto& each : asked.at("capabilities")) {
      auto capability = parse_capability(each.is_string() ? each.get<std::string>() : "");
      if (!capability) return fail(Reason::malformed, "--capability: " + capability.error().text);
      order.enrolment.capabilities.add(*capability);
    }
  }
  constexpr std::uint64_t longest = std::chrono::milliseconds(std::chrono::hours(24 * 90)).count();
  const auto valid = asked.number_or("valid_ms", static_cast<std::uint64_t>(order.valid.count()));
  if (valid == 0 || valid > longest) return fail(Reason::malformed, "--valid: between 1s and 90d");
  order.valid = Duration(static_cast<std::int64_t>(valid));
  if (asked.has("rejoin") && asked.at("rejoin") == true) order.kind = InviteOrder::Kind::rejoin;
  auto invitation = parts.invite(order, asked.administrator(), now);
  if (!invitation) return fail(invitation.error());
  return Json{{"node", node->text()},
              {"invitation", certs::encode(*invitation)},
              {"expires", to_rfc3339(invitation->expires)}};
}

const char* state_of(const NodeRecord& record, Now now) {
  if (record.revoked()) return "revoked";
  return record.current().facts.not_after < now.wall ? "ended" : "admitted";
}

Result<Json> nodes(Engine::Parts& parts, const Asked&, Now now) {
  Json out = Json::array();
  for (std::uint32_t at = 0; at < parts.core.registry().nodes(); ++at) {
    const NodeNumber number{at};
    const auto& record = parts.core.registry().node(number);
    const auto& facts = record.current().facts;
    Json capabilities = Json::array();
    for (auto each : facts.capabilities.list())
      capabilities.push_back(name_of(each));
    const auto& mailbox = parts.core.mailbox(number);
    Json sealing;
    if (!record.sealing.empty() && !record.sealing.back().voided)
      sealing = to_rfc3339(record.sealing.back().not_after);
    out.push_back({{"id", record.id.text()},
                   {"organisation", facts.organisation},
                   {"role", name_of(facts.role)},
                   {"capabilities", capabilities},
                   {"state", state_of(record, now)},
                   {"connected", parts.core.session_of(number) != nullptr},
                   {"certificate_fingerprint", facts.fingerprint.text()},
                   {"certificate_expires", to_rfc3339(facts.not_after)},
                   {"sealing_certificate_expires", sealing},
                   {"incarnation", record.incarnation},
                   {"waiting", mailbox.letters().letters},
                   {"waiting_bytes", mailbox.letters().bytes},
                   {"waiting_reports", mailbox.reports()},
                   {"sent_waiting_letters", parts.core.sent_by(number).letters}});
  }
  return out;
}

Result<Json> revoke(Engine::Parts& parts, const Asked& asked, Now now) {
  auto node = asked.node();
  if (!node) return fail(node.error());
  auto reason = crypto::parse_revocation_reason(asked.text_or("reason", "privilege_withdrawn"));
  if (!reason) return fail(reason.error());
  std::optional<Instant> as_of;
  if (asked.has("as_of")) {
    auto at = parse_rfc3339(asked.text_or("as_of", ""));
    if (!at) return fail(Reason::malformed, "--as-of: " + at.error().text);
    as_of = *at;
  }
  auto done =
      parts.revoke(*node, asked.text_or("why", ""), *reason, as_of, asked.administrator(), now);
  if (!done) return fail(done.error());
  return Json{{"node", node->text()},
              {"revocation_number", parts.core.registry().revocation_number()}};
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

Result<std::optional<NodeId>> node_if_named(Engine::Parts& parts, const Asked& asked) {
  if (!asked.has("node")) return std::optional<NodeId>{};
  auto node = asked.node();
  if (!node) return fail(node.error());
  if (!parts.core.registry().find(*node))
    return fail(Reason::not_found, "no such node: " + node->text());
  return std::optional<NodeId>(*node);
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

Result<Json> alarms(Engine::Parts&, const Asked&, Now) {
  return Json::array();
}

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

/// What is known of a node that asks for a certificate: from its invitation, or, when it renews,
/// from the certificate that it has.
std::optional<certs::Enrolment> enrolment_of(Engine::Parts& parts, const PendingRow& row) {
  const auto known = parts.core.registry().find(row.node);
  if (row.reason == wire::IssueReason::renewed && known) {
    const auto& der = parts.core.registry().node(*known).current().facts.certificate;
    const auto certificate = crypto::Certificate::parse(der);
    const auto profile = certificate ? crypto::read_signing(*certificate)
                                     : Result<crypto::SigningProfile>(fail(certificate.error()));
    if (!profile) return std::nullopt;
    return certs::Enrolment{row.node, profile->organisation, profile->role, profile->capabilities};
  }
  const auto invitation = parts.store.invitation(row.node);
  if (!invitation) return std::nullopt;
  return certs::Enrolment{row.node, invitation->organisation, invitation->role,
                          invitation->capabilities};
}

Result<Json> pending(Engine::Parts& parts, const Asked&, Now) {
  Json out = Json::array();
  for (const auto& row : parts.store.pending()) {
    const bool renewed = row.reason == wire::IssueReason::renewed;
    Json each{{"node", row.node.text()}, {"asked_at", to_rfc3339(row.at)}};
    each["reason"] = renewed                                   ? "renewed"
                     : row.reason == wire::IssueReason::joined ? "joined"
                                                               : "rejoined";
    if (auto enrolment = enrolment_of(parts, row)) {
      each["organisation"] = enrolment->organisation;
      each["role"] = name_of(enrolment->role);
      certs::SigningRequest request{std::move(*enrolment), row.request, std::nullopt};
      if (renewed) request.continuity = certs::Continuity{row.previous, row.continuity};
      each["signing_request"] = certs::encode(request);
    }
    out.push_back(std::move(each));
  }
  return out;
}

Result<Json> import_one(Engine::Parts& parts, const Asked& asked, Now now) {
  const auto kind = asked.text_or("kind", "");
  auto der = from_base64(asked.text_or("der", ""));
  if (!der || der->empty()) return fail(Reason::malformed, "der: base64 is wanted");
  if (kind != "certificate" && kind != "revocations")
    return fail(Reason::malformed, "kind: certificate or revocations");
  auto done = parts.import(kind == "certificate" ? wire::EntryKind::signing_certificate
                                                 : wire::EntryKind::revocation_list,
                           std::move(*der), now);
  if (!done) return fail(done.error());
  return Json{{"imported", kind}};
}

Result<Json> status(Engine::Parts& parts, const Asked&, Now) {
  const auto& core = parts.core;
  std::uint64_t letters = 0;
  std::uint64_t bytes = 0;
  for (std::uint32_t at = 0; at < core.registry().nodes(); ++at) {
    letters += core.mailbox(NodeNumber{at}).letters().letters;
    bytes += core.mailbox(NodeNumber{at}).letters().bytes;
  }
  return Json{{"name", parts.config.name},
              {"epoch", core.state().epoch},
              {"recovering", core.state().recovering},
              {"clock_jumped", core.is_resting()},
              {"authority", parts.authority ? "online" : "offline"},
              {"authority_fingerprint", parts.door.authority().fingerprint().text()},
              {"nodes", core.registry().nodes()},
              {"connected", core.sessions()},
              {"registry_entries", core.registry().size()},
              {"revocation_number", core.registry().revocation_number()},
              {"log_entries", core.log_size()},
              {"waiting_letters", letters},
              {"waiting_bytes", bytes}};
}

struct Command {
  Result<Json> (*run)(Engine::Parts&, const Asked&, Now);
  std::set<std::string> members;
};

const std::map<std::string, Command>& commands() {
  static const std::map<std::string, Command> all{
      {"invite", {invite, {"node", "organisation", "role", "capabilities", "valid_ms", "rejoin"}}},
      {"nodes", {nodes, {}}},
      {"revoke", {revoke, {"node", "why", "reason", "as_of"}}},
      {"policy-show", {policy_show, {}}},
      {"policy-set", {policy_set, {"policy"}}},
      {"quota-show", {quota_show, {"node"}}},
      {"quota-set", {quota_set, {"node", "quota"}}},
      {"alarms", {alarms, {}}},
      {"users-add", {users_add, {"name", "password"}}},
      {"users-list", {users_list, {}}},
      {"users-disable", {users_disable, {"name"}}},
      {"mailboxes", {mailboxes, {"node", "items_max"}}},
      {"pending", {pending, {}}},
      {"import", {import_one, {"kind", "der"}}},
      {"status", {status, {}}},
  };
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
  return command->second.run(parts, Asked(request), now);
}

}  // namespace

std::string answer_admin(Engine::Parts& parts, std::string_view request, Now now) {
  const auto value = Json::parse(request, nullptr, false);
  auto result = answer(parts, value, now);
  if (result) return Json{{"ok", *result}}.dump();
  return Json{{"error", result.error().text}}.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace liaison::broker
