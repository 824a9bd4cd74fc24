#include "base/text.h"
#include "broker/shell/parts.h"
#include "crypto/digest.h"

/// How nodes come to be on the exchange, and how they are shut out.
namespace liaison::broker {

namespace {

constexpr std::size_t act_detail_max = 1024;  // octets, schemas/registry.capnp

bool same(const Digest& a, const Digest& b) {
  return crypto::constant_time_equal(a.view(), b.view());
}

}  // namespace

Result<certs::Invitation> Engine::Parts::invite(const InviteOrder& order,
                                                std::string_view administrator, Now now) {
  const auto& enrolment = order.enrolment;
  if (auto organisation = certs::check_organisation(enrolment.organisation); !organisation)
    return fail(organisation.error());
  const auto known = core.registry().find(enrolment.node);
  const bool rejoin = order.kind == InviteOrder::Kind::rejoin;
  if (known && !rejoin)
    return fail(Reason::conflict,
                "node " + enrolment.node.text() +
                    " is on the exchange already; use --rejoin if it lost its keys");
  if (!known && rejoin)
    return fail(Reason::not_found,
                "node " + enrolment.node.text() + " has never joined; leave out --rejoin");
  if (const auto other = core.registry().namesake(enrolment.node); other && !known)
    return fail(Reason::conflict,
                "node " + enrolment.node.text() + ": the id has the mark of " + other->text() +
                    ", who could not be told from it in cases; choose another id");
  if (!known && core.registry().nodes() >= core.limits().nodes_max)
    return fail(Reason::too_large,
                "the exchange is full: " + std::to_string(core.limits().nodes_max) + " nodes");
  certs::Invitation out;
  out.node = enrolment.node;
  out.exchange = config.exchange_addresses;
  out.joining = config.joining_addresses;
  out.broker = config.curve;
  out.authority = door.authority().fingerprint();
  if (const auto key = store.log_key()) out.log_keys.push_back(*key);
  out.secret = entropy.fresh<certs::InvitationSecret>();
  out.expires = std::chrono::floor<std::chrono::seconds>(now.wall + order.valid);
  InvitationRow row;
  row.node = enrolment.node;
  row.secret = crypto::sha256(out.secret.view());
  row.organisation = enrolment.organisation;
  row.role = enrolment.role;
  row.capabilities = enrolment.capabilities;
  row.expires = out.expires;
  row.rejoin = rejoin;
  perform.add([row](Store& kept) {
    kept.keep_invitation(row);
    // Whoever asked before, by the invitation that this one replaces or by keys that are lost.
    kept.drop_pending(row.node);
  });
  act(administrator, rejoin ? "invite-rejoin" : "invite", enrolment.node.text(),
      enrolment.organisation + ", " + name_of(enrolment.role), now);
  commit(now);
  return out;
}

void Engine::Parts::act(std::string_view administrator, std::string_view what,
                        std::string_view object, std::string_view detail, Now now) {
  // Two equal acts are two acts: the time tells their entries apart, and the digests too.
  const auto at = "at " + std::to_string(to_ms(now.wall));
  auto said = cut(detail, act_detail_max - at.size() - 1);
  if (!said.empty()) said += " ";
  wire::AdministratorAct act{std::string(administrator), std::string(what), std::string(object),
                             said + at};
  if (auto entry = door.read(wire::EntryKind::act, wire::encode(act)))
    enter(std::move(*entry), now);
}

wire::JoinAnswer Engine::Parts::join(const wire::JoinRequest& asked, const CurveKey& peer,
                                     Now now) {
  // The node named is what a stranger claims, so the log says the key and no node.
  const auto refused = [&](std::string_view reason, std::string why) {
    deny(Denial::What::joining, std::nullopt, reason, now, peer.text());
    return wire::JoinAnswer{std::move(why)};
  };
  if (asked.version != 1) return refused("version", "this exchange speaks version 1 of joining");
  if (asked.curve_key != peer)
    return refused("wrong_key", "the connection must use the CURVE key that it asks to register");
  auto row = store.invitation(asked.node);
  // One answer for no invitation and a wrong secret.
  if (!row || !same(row->secret, crypto::sha256(asked.secret.view())))
    return refused("no_such_invitation", "there is no such invitation for node " +
                                             asked.node.text() + ": ask the exchange for one");
  auto request = crypto::CertificateRequest::parse(asked.request);
  if (!request) return refused(name_of(request.error().reason), request.error().text);
  if (request->node != asked.node || request->curve != asked.curve_key ||
      request->witness.octets != asked.witness_key.octets)
    return refused(
        "wrong_request",
        "the certificate request names other keys or another node than the joining request");
  const auto known = core.registry().find(asked.node);
  if (row->used_by) {
    if (*row->used_by != peer)
      return refused("used",
                     "this invitation was used by other keys: ask the exchange for another");
    if (known && core.registry().node(*known).current().facts.curve == peer) {
      const auto& record = core.registry().node(*known);
      if (record.revoked()) return refused("revoked", "this node was shut out of the exchange");
      return wire::Joined{door.authority().der(), record.current().facts.certificate};
    }
    // A restored broker may know a used invitation again, and by its key's successors that it was.
    if (known && core.registry().owner(peer) == *known)
      return refused("used",
                     "the node has had other keys since this invitation was used: ask the "
                     "exchange for another");
  }
  if (!row->used_by && now.wall > row->expires)
    return refused("expired", "the invitation has expired: ask the exchange for another");
  if (auto owner = core.registry().owner(peer); owner && *owner != known.value_or(NodeNumber{~0U}))
    return refused("key_of_another", "the CURVE key belongs to another node");
  // Both may have been invited before either joined.
  if (const auto other = core.registry().namesake(asked.node); other && !known)
    return refused("mark_of_another", "the id has the mark of " + other->text() +
                                          ": ask the exchange for an invitation under another id");
  wire::IssuedCertificate particulars;
  particulars.reason = row->rejoin ? wire::IssueReason::rejoined : wire::IssueReason::joined;
  if (known) particulars.previous = core.registry().node(*known).current().facts.fingerprint;
  row->used_by = peer;
  perform.add([used = *row](Store& kept) { kept.keep_invitation(used); });
  if (!authority) {
    perform.add([pending = PendingRow{asked.node,
                                      particulars.reason,
                                      asked.request,
                                      particulars.previous,
                                      {},
                                      now.wall}](Store& kept) { kept.keep_pending(pending); });
    commit(now);
    return wire::JoinPending{};
  }
  auto entry = issue(*request, {asked.node, row->organisation, row->role, row->capabilities},
                     particulars, now);
  if (!entry) {
    commit(now);
    return refused(name_of(entry.error().reason), entry.error().text);
  }
  const auto certificate = std::get<SigningFacts>(entry->facts).certificate;
  enter(std::move(*entry), now);
  commit(now);
  return wire::Joined{door.authority().der(), certificate};
}

Result<CheckedEntry> Engine::Parts::issue(const crypto::CertificateRequest& request,
                                          const certs::Enrolment& enrolment,
                                          const wire::IssuedCertificate& particulars, Now now) {
  auto certificate = authority->issue(request, enrolment, now.wall);
  if (!certificate) return fail(certificate.error());
  auto issued = particulars;
  issued.certificate = certificate->der();
  return door.read(wire::EntryKind::signing_certificate, wire::encode(issued));
}

Result<CheckedEntry> Engine::Parts::list_after(const crypto::RevocationList& list,
                                               const std::vector<crypto::RevocationEntry>& more,
                                               Now now) {
  const auto after = authority->revoke(list, more, now.wall);
  if (!after) return fail(after.error());
  return door.read(wire::EntryKind::revocation_list, after->der());
}

Result<void> Engine::Parts::revoke(const NodeId& node, std::string_view why,
                                   crypto::RevocationReason reason, std::optional<Instant> as_of,
                                   std::string_view administrator, Now now) {
  const auto known = core.registry().find(node);
  if (!known) return fail(Reason::not_found, "no such node: " + node.text());
  if (!authority)
    return fail(
        Reason::unavailable,
        "the authority is offline: revoke with `liaison-ca revoke`, then `liaison-broker import`");
  if (as_of && *as_of > now.wall) return fail(Reason::malformed, "--as-of lies in the future");
  std::vector<crypto::RevocationEntry> more;
  for (auto& serial : core.registry().node(*known).serials())
    more.push_back(
        {std::move(serial), std::chrono::floor<std::chrono::seconds>(now.wall), reason, as_of});
  auto entry = list_after(*door.list(), more, now);
  if (!entry) return fail(entry.error());
  enter(std::move(*entry), now, why);
  drop_admission(node);
  act(administrator, "revoke", node.text(), why, now);
  commit(now);
  return {};
}

void Engine::Parts::drop_admission(const NodeId& node) {
  perform.add([node](Store& kept) {
    kept.drop_invitation(node);
    kept.drop_pending(node);
  });
}

Result<void> Engine::Parts::import(wire::EntryKind kind, Bytes body, Now now) {
  if (kind == wire::EntryKind::revocation_list) {
    auto entry = door.check(kind, std::move(body), core.registry(), now.wall);
    if (!entry) return fail(entry.error());
    auto judged = core.registry().judge(*entry, Registry::From::owner);
    if (!judged) return fail(judged.error());
    enter(std::move(*entry), now);
    commit(now);
    return {};
  }
  auto certificate = crypto::Certificate::parse(body);
  if (!certificate) return fail(certificate.error());
  auto profile = crypto::check_signing(*certificate, door.authority(), now.wall);
  if (!profile) return fail(profile.error());
  for (const auto& row : store.pending()) {
    if (row.node != profile->node) continue;
    auto request = crypto::CertificateRequest::parse(row.request);
    if (!request || !(request->public_key == certificate->public_key())) continue;
    wire::IssuedCertificate issued{certificate->der(), row.reason, row.previous,
                                   row.reason == wire::IssueReason::renewed ? row.request : Bytes{},
                                   row.continuity};
    auto entry = door.check(wire::EntryKind::signing_certificate, wire::encode(issued),
                            core.registry(), now.wall);
    if (!entry) return fail(entry.error());
    auto judged = core.registry().judge(*entry, Registry::From::owner);
    if (!judged) return fail(judged.error());
    enter(std::move(*entry), now);
    perform.add([node = row.node](Store& kept) { kept.drop_pending(node); });
    commit(now);
    return {};
  }
  // The process may have been killed before it could put the file away.
  if (core.registry().signing(certificate->fingerprint()) != nullptr) return {};
  return fail(Reason::not_found,
              "no request of node " + profile->node.text() + " waits for this certificate");
}

}  // namespace liaison::broker
