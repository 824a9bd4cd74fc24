#include <algorithm>
#include <filesystem>

#include "base/log.h"
#include "base/text.h"
#include "casework/settle.h"
#include "casework/text.h"
#include "crypto/digest.h"
#include "node/shell/backup_file.h"
#include "node/shell/engine_parts.h"

/// For the operator: how it stands, what went wrong, disposing, backing up.
namespace liaison::node {
namespace {

const char* name_of(ItemKind kind) {
  switch (kind) {
    case ItemKind::event:
      return "event";
    case ItemKind::part:
      return "part";
    case ItemKind::ask:
      return "ask";
    case ItemKind::answered:
      return "answered";
  }
  return "";
}

/// Of which document a part is.
Digest digest_of_part(const LetterStore::Failed& failed) {
  return Digest::from(ByteView(failed.object).first(Digest::size)).value();
}

}  // namespace

const char* name_of_step(const DeliveryStep& step) {
  if (step.refused) return "refused";
  if (step.opened_at) return "opened";
  if (step.stored_at) return "stored";
  if (step.accepted_at) return "accepted";
  return "queued";
}

Status Engine::status(Now now) const {
  auto& p = *parts_;
  Status out;
  out.node = p.self();
  out.organisation = p.profile.organisation;
  out.role = p.profile.role;
  out.capabilities = p.profile.capabilities;
  out.link = p.link.state();
  out.link_text = p.link.text().empty() ? p.shut_out : p.link.text();
  out.epoch = p.replica.epoch();
  out.incarnation = p.incarnation;
  out.registry_size = p.replica.size();
  out.registry_current = p.replica.is_current();
  out.cases = p.summaries.size();
  out.outbox_waiting = p.outbox.waiting();
  out.outbox_unreceipted = p.outbox.unreceipted();
  out.inbox_held = p.inbox.held();
  out.set_aside = p.letters.aside_count();
  out.undelivered = p.letters.failed_count();
  out.frames_unreadable = p.frames_unreadable;
  out.frames_unknown = p.frames_unknown;
  out.signing_until = p.certificate.not_after();
  for (const auto& [fingerprint, own] : p.own_keys) {
    if (own.key.state == KeyState::current)
      out.sealing_until = std::max(out.sealing_until, own.key.not_after);
    if (own.key.state == KeyState::retired) ++out.sealing_keys_retired;
  }
  out.keys_unprotected = p.vault.unprotected();
  out.clock_guarded = p.clock.is_guarded(now);
  out.catching_up = p.catch_up.is_active();
  out.catching_up_from = p.catch_up.awaited();
  out.logs = p.logs.view(now);

  auto warn = [&](const char* kind, std::string text) {
    out.alarms.push_back({kind, std::move(text), ""});
  };
  if (out.keys_unprotected)
    warn("keys_unprotected",
         "the private keys lie in plain files: whoever has the disk has them; to have "
         "them encrypted, join in a new directory with a passphrase, by an invitation --rejoin");
  if (p.store_watch.soundness() != store::Soundness::sound) warn("store", p.store_warning());
  if (out.link == LinkState::replaced)
    warn("replaced",
         "another connection of this node took over: stop the other daemon, or the copy of this "
         "directory");
  if (!p.shut_out.empty())
    warn("shut_out", "the exchange shut this node out: " + shown_safely(p.shut_out) +
                         "; ask its operator for an invitation to join again");
  if (p.key_refused && p.shut_out.empty())
    warn(
        "refused",
        "the exchange does not know this node's key: it was shut out, or the exchange was restored "
        "from before it joined; ask its operator");
  if (out.link == LinkState::renew_only)
    warn("certificate_ended",
         "this node's certificate has ended: nothing goes until it is renewed");
  if (!p.renewal_text.empty())
    warn(p.signing_lost ? "signing_key_lost" : "renewal_refused", p.renewal_text);
  if (out.clock_guarded)
    warn("clock_jumped",
         "a clock jumped by more than an hour: nothing expires and no key is destroyed for a day");
  if (out.set_aside > 0)
    warn("set_aside", std::to_string(out.set_aside) + " letters could not be used: see aside list");
  if (out.undelivered > 0)
    warn("undelivered",
         std::to_string(out.undelivered) + " things were not delivered: see undelivered list");
  if (out.catching_up) {
    std::string who;
    for (const auto& node : out.catching_up_from)
      who += (who.empty() ? "" : ", ") + node.text();
    warn("catching_up", "restored from a backup, and waiting to hear what these have: " +
                            (who.empty() ? "(not asked yet)" : who));
  }
  for (auto& alarm : p.logs.alarms(now))
    out.alarms.push_back(std::move(alarm));
  for (auto& alarm : p.key_alarms(now.wall))
    out.alarms.push_back(std::move(alarm));
  for (const auto& node : p.peers.nodes()) {
    if (node == p.self()) continue;
    const auto* newest = p.peers.newest(node);
    if (newest->logged && !p.peers.is_followed(*newest, now.wall))
      warn("key_changed", node.text() +
                              " changed its keys without proof: ask them, then confirm-key " +
                              node.text() + " " + newest->fingerprint.text());
  }
  return out;
}

std::optional<EventId> Engine::Parts::event_of(const LetterStore::Failed& failed) {
  if (failed.kind != ItemKind::part) {
    if (const auto id = EventId::from(failed.object)) return *id;
    // What a restored node asks goes by words, of another length than any id.
    return EventId::from(crypto::sha256(failed.object).view().first(EventId::size)).value();
  }
  if (summaries.count(failed.case_id) == 0) return std::nullopt;
  const auto& open = open_case(failed.case_id);
  std::optional<EventId> out;
  for (const auto& document : documents_of(open)) {
    if (document.about.digest != digest_of_part(failed)) continue;
    // The same document may be in several referrals: it was on its way in one that is the
    // recipient's, unless that has left since.
    if (casework::audience(open.view, document.event->strand).count(failed.step.recipient) != 0)
      return document.event->id;
    out = document.event->id;
  }
  return out;
}

std::vector<Engine::Undelivered> Engine::undelivered() {
  auto& p = *parts_;
  std::vector<Undelivered> out;
  std::set<std::pair<EventId, NodeId>> listed;
  auto all = p.letters.failed();
  // A document is one thing, however many its parts are, and none if its event failed as well.
  std::stable_partition(all.begin(), all.end(),
                        [](const auto& failed) { return failed.kind != ItemKind::part; });
  for (auto& failed : all) {
    const auto of = p.event_of(failed);
    if (of && !listed.emplace(*of, failed.step.recipient).second) continue;
    Undelivered each{std::move(failed.step), failed.case_id, name_of(failed.kind)};
    if (of) each.step.event = *of;
    if (failed.kind == ItemKind::event && p.summaries.count(failed.case_id) != 0)
      if (const auto* event = p.open_case(failed.case_id).file.find(each.step.event))
        each.kind = wire::name_of(event->body);
    out.push_back(std::move(each));
  }
  return out;
}

Result<void> Engine::settle_undelivered(const EventId& event, const NodeId& recipient,
                                        SeenOrAgain what, Now now) {
  auto& p = *parts_;
  bool found = false;
  for (const auto& failed : p.letters.failed()) {
    if (failed.step.recipient != recipient || p.event_of(failed) != event) continue;
    found = true;
    p.write();
    p.letters.mark_seen(failed.object, recipient);
    p.touch(failed.case_id);
    if (what == SeenOrAgain::seen || p.summaries.count(failed.case_id) == 0) continue;
    if (failed.kind == ItemKind::event) {
      if (const auto* kept = p.open_case(failed.case_id).file.find(event))
        p.queue_event(wire::Event(*kept), recipient, now, Again::yes);
    } else {
      const auto& open = p.open_case(failed.case_id);
      for (const auto& document : documents_of(open))
        if (document.event->id == event && document.about.digest == digest_of_part(failed) &&
            casework::audience(open.view, document.event->strand).count(recipient) != 0)
          p.queue_parts(failed.case_id, document.about, recipient, now, Again::yes);
    }
  }
  if (found) return {};
  return fail(Reason::not_found,
              "nothing undelivered of that id to that node: see undelivered list");
}

Result<void> Engine::dispose(const CaseId& id, Now now) {
  auto& p = *parts_;
  if (!p.cases.has(id)) return fail(Reason::not_found, "no such case");
  if (p.letters.is_owed(id))
    return fail(
        Reason::conflict,
        "something of this case has not arrived at another node, or was not delivered and "
        "nobody has marked that as seen: nothing was disposed of; see undelivered list, and "
        "try again when all has arrived");
  p.write();
  p.outbox.forget(id);
  p.letters.dispose_case(id);
  p.kept_letters.dispose_case(id);
  p.cases.dispose(id, now.wall);
  p.wanted.set(id, {}, now);
  p.close_case(id);
  p.summaries.erase(id);
  for (auto at = p.referral_case.begin(); at != p.referral_case.end();)
    at = at->second == id ? p.referral_case.erase(at) : std::next(at);
  p.touch(id);
  // A deleted key lies in the write-ahead log until that is cut.
  p.transaction->commit();
  p.transaction.reset();
  p.inbox.attempts_durable();
  p.database->checkpoint_truncate();
  log::info("a case was disposed of", {{"case", id.text()}});
  return {};
}

Result<void> Engine::backup(const std::string& path, Now now) {
  auto& p = *parts_;
  if (p.transaction) {
    p.transaction->commit();
    p.transaction.reset();
    p.inbox.attempts_durable();
  }
  return write_backup(*p.database, path, now);
}

}  // namespace liaison::node
