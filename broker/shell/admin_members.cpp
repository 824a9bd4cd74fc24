#include "broker/shell/admin_command.h"

/// Who is on the exchange: invite, nodes, revoke.
namespace liaison::broker {

namespace {

/// An act of the registry log holds a detail of 1,024 octets, of which some are the time's.
constexpr std::size_t why_octets_max = 500;

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
  auto why = asked.sentence("why", "--reason", why_octets_max);
  if (!why) return fail(why.error());
  auto done = parts.revoke(*node, *why, *reason, as_of, asked.administrator(), now);
  if (!done) return fail(done.error());
  return Json{{"node", node->text()},
              {"revocation_number", parts.core.registry().revocation_number()}};
}

}  // namespace

std::vector<AdminCommand> member_commands() {
  return {
      {"invite", {"node", "organisation", "role", "capabilities", "valid_ms", "rejoin"}, invite},
      {"nodes", {}, nodes},
      {"revoke", {"node", "why", "reason", "as_of"}, revoke},
  };
}

}  // namespace liaison::broker
