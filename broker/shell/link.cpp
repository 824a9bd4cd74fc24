#include <algorithm>

#include "base/deliberate_bug.h"
#include "base/log.h"
#include "broker/shell/parts.h"
#include "broker/shell/receive.h"
#include "certs/renewal.h"
#include "crypto/digest.h"

/// Frames of nodes: bytes in, typed events to the core. What a frame says of signatures and
/// certificates is checked here first.
namespace liaison::broker {

namespace {

constexpr std::uint64_t renewals_a_day = 24;

/// Of a list the deliberate bug is in what comes after.
bool may_come_from_nodes(wire::EntryKind kind) {
  if (kind == wire::EntryKind::revocation_list) return !LIAISON_BUG(revocation_list_backwards);
  return kind != wire::EntryKind::authority && kind != wire::EntryKind::act &&
         kind != wire::EntryKind::log_key;
}

/// Of each node, whether it is shut out.
std::vector<bool> shut_out(const Registry& registry) {
  std::vector<bool> out;
  for (std::uint32_t each = 0; each < registry.nodes(); ++each)
    out.push_back(registry.node(NodeNumber{each}).revoked());
  return out;
}

/// The CURVE key that a renewed certificate is about to take the place of, if it brings another.
std::optional<CurveKey> replaced_key(const Registry& registry, const CheckedEntry& entry) {
  const auto* signing = std::get_if<SigningFacts>(&entry.facts);
  if (signing == nullptr || signing->reason != wire::IssueReason::renewed) return std::nullopt;
  const auto node = registry.find(signing->node);
  if (!node || registry.node(*node).current().facts.curve == signing->curve) return std::nullopt;
  return registry.node(*node).current().facts.curve;
}

/// One member of the union of frames each; what only a broker sends is unreadable from a node.
struct Receiver {
  Engine::Parts& parts;
  ConnectionId connection;
  const CurveKey& peer;
  Now now;

  void give(Event event) const { parts.step(now, std::move(event)); }
  void refuse() const { give(UnreadableCame{connection, peer, "not_for_a_broker"}); }

  void operator()(wire::Hello& hello) const { give(HelloCame{connection, peer, std::move(hello)}); }
  void operator()(std::vector<wire::Letter>& letters) const {
    LettersCame event{connection, {}};
    event.letters.reserve(letters.size());
    for (auto& letter : letters) {
      const auto digest = crypto::sha256(letter.sealed);
      event.letters.push_back({std::move(letter), digest});
    }
    give(std::move(event));
  }
  void operator()(wire::Credit& credit) const { give(CreditCame{connection, credit}); }
  void operator()(std::vector<wire::Taken>& taken) const {
    give(TakenCame{connection, std::move(taken)});
  }
  void operator()(std::vector<wire::SetAside>& set_aside) const {
    give(SetAsideCame{connection, std::move(set_aside)});
  }
  void operator()(std::vector<wire::Publication>& publications) const {
    for (auto& each : publications)
      parts.publication(connection, std::move(each), now);
  }
  void operator()(wire::Since& since) const { give(SinceCame{connection, since.index}); }
  void operator()(wire::Renewal& renewal) const { parts.renewal(connection, renewal, now); }
  void operator()(wire::Prove& prove) const { give(ProveCame{connection, std::move(prove)}); }
  void operator()(wire::Cosigned& cosigned) const {
    parts.cosigned(connection, peer, cosigned, now);
  }
  void operator()(wire::Goodbye&) const { give(GoodbyeCame{connection}); }
  void operator()(wire::UnknownFrame&) const { give(UnknownCame{connection}); }

  void operator()(wire::Welcome&) const { refuse(); }
  void operator()(std::vector<wire::Accepted>&) const { refuse(); }
  void operator()(std::vector<wire::Refused>&) const { refuse(); }
  void operator()(std::vector<wire::Delivery>&) const { refuse(); }
  void operator()(std::vector<wire::Published>&) const { refuse(); }
  void operator()(wire::Entries&) const { refuse(); }
  void operator()(wire::Renewed&) const { refuse(); }
  void operator()(wire::Proofs&) const { refuse(); }
};

}  // namespace

void receive(Engine::Parts& parts, ConnectionId connection, const CurveKey& peer, ByteView bytes,
             Now now) {
  auto frame = wire::decode_frame(bytes);
  if (!frame) return parts.step(now, UnreadableCame{connection, peer, "unreadable"});
  // Nothing is computed for who said no hello.
  if (!std::holds_alternative<wire::Hello>(*frame) && parts.core.session(connection) == nullptr)
    return parts.step(now, EarlyFrameCame{connection});
  std::visit(Receiver{parts, connection, peer, now}, *frame);
}

void Engine::Parts::publication(ConnectionId connection, wire::Publication&& publication, Now now) {
  const auto digest = crypto::sha256(publication.body);
  // After a restore each node tells all that it has, most of which stands here, and much of which
  // would not pass the door any more.
  if (const auto known = core.registry().index_of(digest);
      known && may_come_from_nodes(publication.kind))
    return step(now, PublicationAnswered{connection, {digest, *known}});
  if (!core.may_publish(connection, now))
    return step(
        now, PublicationAnswered{connection,
                                 {digest, "too many publications in one minute; try again later"},
                                 "too_many"});
  auto entry = door.check(publication.kind, std::move(publication.body), core.registry(), now.wall);
  if (!entry)
    return step(now, PublicationAnswered{
                         connection, {digest, entry.error().text}, name_of(entry.error().reason)});
  const auto merged = merge_list(*entry, now);
  if (!merged)
    return step(now,
                PublicationAnswered{
                    connection, {digest, merged.error().text}, name_of(merged.error().reason)});
  if (*merged) {
    // The answer is the index of the list that now says all that this one says.
    return step(now, PublicationAnswered{connection, {digest, core.registry().revocation_index()}});
  }
  const auto learnt = *entry;
  take(learnt, PublicationCame{connection, std::move(*entry)}, now);
}

/// After a restore, a list that nodes kept may have a number that ours has too, and other names: a
/// revocation is never lost to that, nor the earlier time of one. One list that names all takes the
/// place of both.
Result<bool> Engine::Parts::merge_list(const CheckedEntry& entry, Now now) {
  if (!std::holds_alternative<RevocationFacts>(entry.facts) || !authority || !door.list())
    return false;
  const auto theirs = crypto::RevocationList::parse(entry.body);
  if (!theirs) return false;
  const auto& ours = *door.list();
  const bool newer = theirs->number() > ours.number();
  const auto& ahead = newer ? *theirs : ours;
  const auto& behind = newer ? ours : *theirs;
  std::vector<crypto::RevocationEntry> missing;
  for (const auto& each : behind.entries()) {
    // Named by both, the earlier time counts: what was signed after it is not to be believed.
    const auto* said = ahead.find(each.serial);
    if (said == nullptr || each.holds_until() < said->holds_until()) missing.push_back(each);
  }
  if (missing.empty()) return false;
  auto made = list_after(ahead, missing, now);
  // Theirs alone would let in again whom ours names.
  if (!made) return fail(made.error());
  enter(std::move(*made), now);
  return true;
}

void Engine::Parts::enter(CheckedEntry entry, Now now, std::string_view why) {
  const auto learnt = entry;
  take(learnt, EntryMade{std::move(entry), std::string(why)}, now);
}

void Engine::Parts::take(const CheckedEntry& entry, Event event, Now now) {
  const auto before = core.registry().size();
  const auto* list = std::get_if<RevocationFacts>(&entry.facts);
  const bool shuts_out = list != nullptr && list->number > core.registry().revocation_number();
  const auto out_before = shuts_out ? shut_out(core.registry()) : std::vector<bool>{};
  const auto replaced = replaced_key(core.registry(), entry);
  step(now, std::move(event));
  if (core.registry().size() == before) return;
  door.learn(entry);
  // The registry forgets a key in time: its invitation must not outlive it and admit it anew.
  if (replaced)
    perform.add([node = std::get<SigningFacts>(entry.facts).node, key = *replaced](Store& kept) {
      const auto row = kept.invitation(node);
      if (row && row->used_by == key) kept.drop_invitation(node);
    });
  for (std::uint32_t each = 0; each < out_before.size(); ++each)
    if (const auto& node = core.registry().node(NodeNumber{each});
        node.revoked() && !out_before[each])
      drop_admission(node.id);
  if (authority) name_continued(entry, now);
}

/// After a restore, a certificate may be brought back after the node was revoked that it belongs
/// to, or before a list comes that does not know of it. The broker takes it for revoked with the
/// one that it continues; others take for good what no list names.
void Engine::Parts::name_continued(const CheckedEntry& entry, Now now) {
  std::vector<crypto::RevocationEntry> more;
  const auto look_at = [&](const NodeRecord& node) {
    if (!node.revoked()) return;
    const auto revoked = std::find_if(node.signing.rbegin(), node.signing.rend(),
                                      [](const KnownSigning& known) { return known.revoked; });
    const auto* said = door.list()->find(revoked->facts.serial);
    if (said == nullptr) return;
    for (auto each = node.signing.rbegin(); each != revoked; ++each) {
      more.push_back(*said);
      more.back().serial = each->facts.serial;
    }
  };
  if (const auto* signing = std::get_if<SigningFacts>(&entry.facts)) {
    if (const auto number = core.registry().find(signing->node))
      look_at(core.registry().node(*number));
  } else if (std::holds_alternative<RevocationFacts>(entry.facts)) {
    for (std::uint32_t each = 0; each < core.registry().nodes(); ++each)
      look_at(core.registry().node(NodeNumber{each}));
  }
  if (more.empty()) return;
  auto list = list_after(*door.list(), more, now);
  if (!list)
    return log::warning("what continues a revoked certificate is not listed",
                        {{"reason", name_of(list.error().reason)}});
  enter(std::move(*list), now);
}

void Engine::Parts::renewal(ConnectionId connection, const wire::Renewal& renewal, Now now) {
  const auto* session = core.session(connection);
  if (session == nullptr) return;
  std::optional<CheckedEntry> entry;
  auto answer = renew(*session, renewal, now, entry);
  if (!entry) return step(now, std::move(answer));
  const auto learnt = *entry;
  take(learnt, RenewalGranted{connection, std::move(*entry)}, now);
}

RenewalAnswered Engine::Parts::renew(const Session& session, const wire::Renewal& renewal, Now now,
                                     std::optional<CheckedEntry>& entry) {
  const auto node = session.node;
  const auto answered = [&](wire::Renewed answer) {
    return RenewalAnswered{session.connection, std::move(answer)};
  };
  const auto refused = [&](std::string_view reason, std::string text) {
    return RenewalAnswered{session.connection, {std::move(text)}, reason};
  };
  const auto failed = [&](const Error& error) {
    return refused(name_of(error.reason), error.text);
  };
  const auto& current = core.registry().node(node).current().facts;
  auto request = crypto::CertificateRequest::parse(renewal.request);
  if (!request) return failed(request.error());
  auto present = door.parse(current.certificate);
  if (!present) return failed(present.error());
  // The answer to an earlier, equal request was lost on its way.
  if (present->public_key() == request->public_key) return answered({current.certificate});
  // Who was shut out since the backup is not known before the others have told.
  if (core.state().recovering)
    return refused("recovering", "the exchange was restored and is catching up; ask again later");
  if (core.clock_was_set() && current.not_after > now.wall)
    return refused("clock_set", "the exchange's clock was set; ask again tomorrow");
  if (renewal.previous != current.fingerprint)
    return refused("not_current",
                   "the certificate named is not this node's current one; welcome carries that");
  auto checked =
      certs::check_renewal({renewal.request, {renewal.previous, renewal.continuity}}, *present);
  if (!checked) return failed(checked.error());
  if (auto owner = core.registry().owner(request->curve); owner && *owner != node)
    return refused("key_of_another", "the CURVE key named belongs to another node");
  const auto& held = core.registry().node(node).signing;
  if (held.size() >= Registry::certificates_max && held.front().facts.not_after > now.wall)
    return refused("too_many", "too many certificates of this node have not ended yet");
  if (++renewals[node].within(std::chrono::hours(24), now) > renewals_a_day)
    return refused("too_many", "too many renewals in one day; try again tomorrow");
  wire::IssuedCertificate particulars;
  particulars.reason = wire::IssueReason::renewed;
  particulars.previous = renewal.previous;
  particulars.request = renewal.request;
  particulars.continuity = renewal.continuity;
  if (!authority) {
    perform.add(
        [row = PendingRow{current.node, particulars.reason, renewal.request, renewal.previous,
                          renewal.continuity, now.wall}](Store& kept) { kept.keep_pending(row); });
    return answered({wire::RenewalPending{}});
  }
  auto issued =
      issue(*request, {current.node, current.organisation, current.role, current.capabilities},
            particulars, now);
  if (!issued) return failed(issued.error());
  entry = std::move(*issued);
  return answered({});
}

}  // namespace liaison::broker
