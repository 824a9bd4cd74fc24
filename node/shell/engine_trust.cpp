#include <algorithm>

#include "base/log.h"
#include "crypto/digest.h"
#include "node/shell/engine_parts.h"
#include "wire/key_alarm.h"
#include "wire/limits.h"

/// Key transparency: certificates count once the registry's log is shown to have them, this node
/// watches for such as are in its own name and not its own, and heeds what others say of theirs.
namespace liaison::node {
namespace {

constexpr const char* first_certificate_meta = "first_certificate";

/// That a person here knows of a certificate in this node's name from before its own.
std::string known_meta(const Fingerprint& certificate) {
  return "known_" + certificate.text();
}

}  // namespace

void Engine::Parts::load_trust(Now now) {
  const auto first = registry.meta(first_certificate_meta);
  first_certificate = first ? Fingerprint::from(*first).value() : certificate.fingerprint();
  if (!first) {
    write();
    registry.set_meta(first_certificate_meta, first_certificate.view());
  }
  peers.confirm(first_certificate);  // whom would its node ask?
  for (const auto& kept : registry.certificates())
    if (!kept.logged && kept.position) unlogged.emplace(*kept.position, kept.fingerprint);
  for (auto& kept : registry.key_alarms()) {
    peers.contest(kept.node, kept.contested, kept.signer);
    if (kept.node == self()) own_alarms.push_back(std::move(kept));
  }
  // Those whose signer did not count yet when they came.
  for (auto& entry : registry.entries_of(wire::EntryKind::key_alarm))
    alarms_waiting.push_back(std::move(entry));
  logged(now);
}

void Engine::Parts::await_logged(const Fingerprint& of, std::uint64_t position, Now now) {
  unlogged.emplace(position, of);
  logs.await_registry(position + 1, now);
}

void Engine::Parts::logged(Now now) {
  const bool revocations = revocations_logged(now);
  if (certificates_logged(now) || revocations) look_at_trust_again(now);
}

bool Engine::Parts::certificates_logged(Now now) {
  const auto end =
      logs.are_followed() ? unlogged.lower_bound(logs.registry_logged()) : unlogged.end();
  if (unlogged.begin() == end) return false;
  write();
  // Of what it copied first, this node has been told the past; else its own clock counts, and not
  // before the log shows to all what was shown to it.
  const bool is_first_copy = registry.number(copied_once_meta) == 0;
  const auto first_copy = registry.number(first_copy_meta);
  for (auto each = unlogged.begin(); each != end; each = unlogged.erase(each)) {
    const bool is_past = is_first_copy || each->first < first_copy;
    const auto seen = is_past ? std::nullopt : std::optional(now.wall);
    registry.certificate_logged(each->second, seen);
    peers.logged(each->second, seen);
    if (const auto* sealing_fact = peers.sealing(each->second))
      outbox.sealing_key_changed(sealing_fact->node);
  }
  return true;
}

/// Something counts now, or not any more, that others' letters, alarms and listings rest on.
void Engine::Parts::look_at_trust_again(Now now) {
  for (const auto& entry : std::exchange(alarms_waiting, {}))
    learn(entry, std::nullopt, entry.at, now);
  outbox.certificates_changed();
  receipts.certificates_changed(now);
  count_attempts(inbox.came(Need::registry));
  look_at_listings_again(now);
  changed = true;
}

/// What continues this node's former key was asked for by who had that key: it is told of as such
/// (adopt), and is not contested, since a machine set up again from an old copy would contest what
/// it has forgotten. What stood before this node's first certificate here is of an earlier life.
bool Engine::Parts::is_foreign(const SigningFact& fact,
                               const crypto::Certificate& registered) const {
  if (fact.node != self() || peers.is_continued(fact)) return false;
  if (peers.signing(first_certificate) == nullptr || fact.fingerprint == first_certificate)
    return false;
  const auto own_key = [&](const crypto::PublicKey& key) { return registered.public_key() == key; };
  if (own_key(certificate.public_key())) return false;
  for (const auto* name : {renewal_key, joining_key})
    if (const auto key = vault.private_key(name); key && own_key(key->public_key())) return false;
  return true;
}

void Engine::Parts::raise_key_alarm(const Fingerprint& contested, Now now) {
  const wire::KeyAlarm alarm{self(), contested, now.wall};
  wire::SignedKeyAlarm signed_{wire::encode(alarm), {}, certificate.fingerprint()};
  signed_.signature = signing.sign(wire::signed_bytes_of_key_alarm(signed_.body));
  StoredKeyAlarm kept{self(),   contested, signed_.certificate, wire::encode(signed_),
                      now.wall, false};
  publish(wire::EntryKind::key_alarm, kept.alarm, "", 0, now);
  own_alarms.push_back(kept);
  keep_key_alarm(kept, now);
  if (signing_lost) {  // a welcome named it before the registry told how it came to be
    signing_lost = false;
    renewal_text.clear();
    keys_due = true;
  }
  log::error("the exchange registered a certificate in this node's name that it did not ask for",
             {{"certificate", contested.text()}});
}

void Engine::Parts::keep_key_alarm(const StoredKeyAlarm& alarm, Now now) {
  if (!peers.contest(alarm.node, alarm.contested, alarm.signer)) return;
  write();
  registry.keep_key_alarm(alarm);
  look_at_trust_again(now);
}

void Engine::Parts::take_key_alarm(const wire::RegistryEntry& entry, const StoredKeyAlarm& alarm,
                                   Now now) {
  // Told before this node was restored, which has told it again: once stands already.
  if (alarm.node == self())
    for (const auto& each : own_alarms)
      if (each.contested == alarm.contested && each.alarm != alarm.alarm)
        registry.settle_publication(crypto::sha256(each.alarm), PublicationState::refused,
                                    "an alarm of before stands");
  switch (peers.standing_of_alarm(alarm.signer, alarm.node, alarm.contested, entry.at, now.wall)) {
    case AlarmStanding::counts:
      return keep_key_alarm(alarm, now);
    case AlarmStanding::waits:
      alarms_waiting.push_back(entry);
      return;
    case AlarmStanding::never:
      return;
  }
}

/// Those that ride in a letter, which is its sender's.
void Engine::Parts::take_key_alarms(const wire::Content& content, Instant accepted_at, Now now) {
  for (const auto& octets : content.key_alarms) {
    const auto alarm = door.read_key_alarm(octets, peers, now.wall);
    if (!alarm || alarm->node != content.sender) continue;
    const auto& by = alarm->signer;
    if (peers.signer_of_letter(by, alarm->node, accepted_at, now.wall) == Standing::revoked)
      continue;
    if (peers.standing_of_alarm(by, alarm->node, alarm->contested, accepted_at, now.wall) ==
        AlarmStanding::counts)
      keep_key_alarm(*alarm, now);
  }
}

/// To ride in each letter until a person here has acknowledged them. That what they are about is on
/// a revocation list ends them not: the list may have been shown to this node alone.
std::vector<Bytes> Engine::Parts::key_alarms_to_send() const {
  std::vector<Bytes> out;
  for (const auto& each : own_alarms)
    if (!each.acknowledged && out.size() < wire::key_alarms_max) out.push_back(each.alarm);
  return out;
}

std::vector<const SigningFact*> Engine::Parts::unknown_before_own(Instant now) {
  auto out = peers.standing_before(first_certificate, now);
  std::erase_if(out, [&](const auto* fact) {
    return registry.meta(known_meta(fact->fingerprint).c_str()).has_value();
  });
  return out;
}

std::vector<Alarm> Engine::Parts::key_alarms(Instant now) {
  std::vector<Alarm> out;
  for (const auto& each : own_alarms)
    if (!each.acknowledged)
      out.push_back({"key_contested",
                     "the exchange registered certificate " + each.contested.text() +
                         " in this node's name, and this node did not ask for it: tell " +
                         (peers.is_distrusted(each.contested)
                              ? "an auditor (by what this node was told it is revoked)"
                              : "the exchange's operator, who can revoke it, and an auditor") +
                         "; those you write to are warned, until you give alarm acknowledge " +
                         each.contested.text(),
                     each.contested.text()});
  for (const auto* fact : unknown_before_own(now))
    out.push_back(
        {"key_before_own",
         "certificate " + fact->fingerprint.text() +
             " in this node's name was registered before this node joined, and is not "
             "revoked: if it is none that you know, of a machine you had before, letters may "
             "have been sealed to it; tell the exchange's operator, who can revoke it, and an "
             "auditor. If you know it: alarm acknowledge " +
             fact->fingerprint.text(),
         fact->fingerprint.text()});
  for (const auto* fact : peers.contested())
    if (fact->node != self() && !peers.is_distrusted(fact->fingerprint))
      out.push_back({"key_contested",
                     fact->node.text() + " says that certificate " + fact->fingerprint.text() +
                         " in its name is not its own: it is not used, and mail goes to the one "
                         "before; ask them. If they were wrong: confirm-key " +
                         fact->node.text() + " " + fact->fingerprint.text(),
                     ""});
  return out;
}

Result<void> Engine::acknowledge_alarm(const std::string& id, Now now) {
  auto& p = *parts_;
  if (const auto contested = Fingerprint::parse(id)) {
    p.write();
    const auto before = p.unknown_before_own(now.wall);
    if (std::ranges::any_of(before,
                            [&](const auto* fact) { return fact->fingerprint == *contested; })) {
      p.registry.set_meta(known_meta(*contested).c_str(), contested->view());
      p.changed = true;
      return {};
    }
    if (p.registry.acknowledge_key_alarm(p.self(), *contested)) {
      for (auto& each : p.own_alarms)
        each.acknowledged = each.acknowledged || each.contested == *contested;
      p.changed = true;
      return {};
    }
  } else {
    p.write();
    p.changed = true;
    if (p.logs.acknowledge(id)) return {};
  }
  return fail(Reason::not_found,
              "no alarm of that id: alarms lists them; those without one end by themselves");
}

Result<std::string> Engine::alarm_evidence(const std::string& id) {
  auto out = parts_->logs.evidence(id);
  if (!out) return fail(Reason::not_found, "no evidence of that id is kept: alarms lists them");
  return *out;
}

}  // namespace liaison::node
