#include "broker/shell/admin_command.h"
#include "certs/signing_request.h"

/// An authority kept offline: what waits for it, and what it answered.
namespace liaison::broker {

namespace {

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

}  // namespace

std::vector<AdminCommand> authority_commands() {
  return {
      {"pending", {}, pending},
      {"import", {"kind", "der"}, import_one},
  };
}

}  // namespace liaison::broker
