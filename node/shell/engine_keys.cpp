#include <algorithm>
#include <stdexcept>

#include "base/log.h"
#include "certs/renewal.h"
#include "node/shell/engine_parts.h"

/// This node's own keys: made, published, renewed, retired, destroyed (docs/ARCHITECTURE,
/// "Keys").
namespace liaison::node {
namespace {
constexpr Duration renewal_again_after = std::chrono::hours(1);
}  // namespace

void Engine::Parts::load_keys() {
  bool lost = false;
  for (auto& own : registry.own_keys()) {
    auto name = sealing_key_name(own.key.fingerprint);
    auto certificate_of_key = crypto::Certificate::parse(own.certificate);
    auto key = vault.private_key(name);
    // A file that is there and cannot be read may be mended: nothing is given up for it.
    if (!key && key.error().reason != Reason::not_found)
      throw std::runtime_error("a sealing key: " + key.error().text);
    if (!certificate_of_key || !key) {
      // A restored node has none of its sealing keys: what is sealed to them comes again, sealed
      // anew.
      log::warning(
          "a sealing key is not here; letters sealed to it will be sealed anew by their senders",
          {{"key", own.key.fingerprint.text()}});
      write();
      registry.drop_own_key(own.key.fingerprint);
      lost = true;
      continue;
    }
    if (!(key->public_key() == certificate_of_key->public_key()))
      throw std::runtime_error("the key file keys/" + name +
                               ".pem is not that of its certificate: restore it from a backup of "
                               "the keys, or remove it (what is sealed to it is sealed anew)");
    own.key.not_before = certificate_of_key->not_before();
    own.key.not_after = certificate_of_key->not_after();
    sealing.emplace(own.key.fingerprint,
                    SealingPair{std::move(*key), std::move(*certificate_of_key)});
    auto fingerprint = own.key.fingerprint;
    own_keys.emplace(fingerprint, std::move(own));
  }
  if (lost) registry.drop_ended_certificates();
  // Keys that were kept but whose row was not, or whose row was removed first.
  for (const auto& name : vault.names()) {
    if (name.rfind(sealing_key_prefix, 0) != 0) continue;
    bool known = std::any_of(own_keys.begin(), own_keys.end(),
                             [&](const auto& own) { return sealing_key_name(own.first) == name; });
    if (!known) vault.destroy(name);
  }
  for (const auto& name : vault.names())
    if (name.rfind("signing-", 0) == 0 && name != signing_key_name(certificate.public_key()))
      vault.destroy(name);
  // Kept under its own name by now. Joining again in this directory asks with a key of its own.
  for (const auto* name : {renewal_key, joining_key})
    if (auto key = vault.private_key(name); key && key->public_key() == certificate.public_key())
      vault.destroy(name);
}

/// A key cosigns with the store that knows all it has cosigned, and with no other.
void Engine::Parts::begin_witness() {
  const auto key = vault.ed25519(witness_key);
  const auto kept = registry.meta(witness_meta);
  const Bytes of_before{0};
  if (!key || !kept || !(*kept == of_before || equal(*kept, profile.witness.view()))) return;
  logs.witness_by(self(), *key);
}

/// After this node and the exchange were both restored, what this node lost may be given back to
/// the registry by others, after what this node has published since.
bool Engine::Parts::lost_key_is_last() const {
  auto last = peers.last_sealing(self(), first_certificate);
  if (!replica.is_current() || !last || own_keys.count(*last) != 0) return false;
  return std::none_of(own_keys.begin(), own_keys.end(), [&](const auto& own) {
    return own.second.key.state != KeyState::retired && peers.sealing(own.first) == nullptr;
  });
}

void Engine::Parts::tend_keys(Now now) {
  keys_due = false;
  if (renewal_again_at && now.steady >= *renewal_again_at) forget_refused_renewal();
  KeyringFacts facts;
  facts.signing = certificate.fingerprint();
  facts.signing_not_before = certificate.not_before();
  facts.signing_not_after = certificate.not_after();
  facts.renewal_pending = renewal_asked;
  for (const auto& [fingerprint, own] : own_keys)
    facts.sealing.push_back(own.key);
  facts.lost_key_is_last = lost_key_is_last();
  facts.needed = letters.keys_needed_aside();
  facts.guarded = clock.is_guarded(now);
  facts.clock_set = clock.was_set(now);
  facts.broker_time = clock.broker_time(now);
  facts.anything_waits = inbox.held() > 0 || inbox.has_to_open() || inbox.has_undurable();
  auto decision = decide_keys(facts, now.wall);
  if (decision.make_sealing) make_sealing_key(now);
  // What continues the registered certificate only its key can ask for.
  bool may_ask = !signing_lost && (link.is_ready() || link.state() == LinkState::renew_only);
  bool must_ask = link.state() == LinkState::renew_only && !renewal_asked;
  if (may_ask && (decision.renew_signing || must_ask)) ask_renewal();
  for (const auto& fingerprint : decision.destroy) {
    write();
    registry.drop_own_key(fingerprint);
    own_keys.erase(fingerprint);
    sealing.erase(fingerprint);
    destroy_after_commit.push_back(sealing_key_name(fingerprint));
    log::info("a retired sealing key was destroyed", {{"key", fingerprint.text()}});
  }
}

void Engine::Parts::make_sealing_key(Now now) {
  auto key = crypto::PrivateKey::generate();
  auto issued = crypto::issue_sealing(key.public_key(), signing, certificate, now.wall);
  // The key lies in the vault before the store names it: the other way round a crash between the
  // two would publish a certificate whose letters nobody can open.
  vault.keep(sealing_key_name(issued.fingerprint()), key);
  StoredOwnKey own;
  own.key.fingerprint = issued.fingerprint();
  own.key.signing = certificate.fingerprint();
  own.key.state = KeyState::fresh;
  own.key.not_before = issued.not_before();
  own.key.not_after = issued.not_after();
  own.certificate = issued.der();
  write();
  registry.keep_own_key(own);
  own_keys.insert_or_assign(own.key.fingerprint, own);
  sealing.insert_or_assign(issued.fingerprint(), SealingPair{std::move(key), issued});
  publish(wire::EntryKind::sealing_certificate, issued.der(), "", 0, now);
  changed = true;
}

void Engine::Parts::sealing_key_stands(const Bytes& der, Now now) {
  auto parsed = crypto::Certificate::parse(der);
  if (!parsed) return;
  auto at = own_keys.find(parsed->fingerprint());
  if (at == own_keys.end() || at->second.key.state != KeyState::fresh) return;
  write();
  at->second.key.state = KeyState::current;
  registry.keep_own_key(at->second);
  for (auto& [fingerprint, own] : own_keys) {
    if (own.key.state != KeyState::current || fingerprint == at->first) continue;
    own.key.state = KeyState::retired;
    own.key.retired_at = now.wall;
    own.key.retired_broker_at = clock.broker_time(now).value_or(now.wall);
    registry.keep_own_key(own);
  }
  registry.drop_ended_certificates();
  changed = true;
}

/// The days since a key was retired, and the hours since another's was seen, are those that passed,
/// not those that the clock was set by: that may have been while the clock was wrong.
void Engine::Parts::clock_moved(Duration jumped) {
  if (jumped == Duration{}) return;
  write();
  registry.clock_moved(jumped);
  peers.clock_moved(jumped);
  for (auto& [fingerprint, own] : own_keys) {
    if (!own.key.retired_at) continue;
    write();
    *own.key.retired_at += jumped;
    registry.keep_own_key(own);
  }
}

void Engine::Parts::ask_renewal() {
  if (!vault.has(renewal_key)) vault.keep(renewal_key, crypto::PrivateKey::generate());
  auto next = vault.private_key(renewal_key);
  if (!next) return;
  auto renewal =
      certs::make_renewal(self(), *next, profile.curve, profile.witness, signing, certificate);
  say.emplace_back(wire::Renewal{std::move(renewal.request), renewal.continuity.previous,
                                 std::move(renewal.continuity.signature)});
  renewal_asked = true;
}

/// So that it is asked again: a connection may last until the certificate ends.
void Engine::Parts::forget_refused_renewal() {
  if (renewal_again_at) renewal_asked = false;
  renewal_again_at.reset();
}

void Engine::Parts::on(const wire::Renewed& renewed, Now now) {
  if (const auto* der = std::get_if<Bytes>(&renewed.result)) {
    adopt(*der, now);
    // A connection that could do nothing but renew starts anew with the new certificate.
    if (link.state() == LinkState::renew_only) hang_up = true;
  } else if (const auto* why = std::get_if<std::string>(&renewed.result)) {
    renewal_text = *why;
    renewal_again_at = now.steady + renewal_again_after;
    log::warning("the exchange did not renew this node's certificate; it is asked again later");
  } else {
    renewal_text = "the exchange's authority has yet to sign this node's new certificate";
  }
  changed = true;
}

void Engine::Parts::adopt(const Bytes& der, Now now) {
  if (der == installation.certificate && signing_lost) {
    // A registry is copied from its beginning: what was taken for the newest was a former one.
    signing_lost = false;
    renewal_text.clear();
    keys_due = true;
    changed = true;
  }
  if (der.empty() || der == installation.certificate) return;
  auto parsed = crypto::Certificate::parse(der);
  if (!parsed || parsed->not_before() < certificate.not_before()) return;
  auto checked = door.check_own(*parsed, parsed->not_before());
  if (!checked || checked->node != self()) return;
  if (std::ranges::any_of(
          own_alarms, [&](const auto& alarm) { return alarm.contested == parsed->fingerprint(); }))
    return;
  bool same_key = parsed->public_key() == certificate.public_key();
  auto next = vault.private_key(renewal_key);
  bool renewed_key = next && next->public_key() == parsed->public_key();
  // The profile's keys are this node's own, or it would not have started; with others it would not
  // start again.
  bool same_others = checked->curve == profile.curve && checked->witness == profile.witness;
  if ((!same_key && !renewed_key) || !same_others) {
    signing_lost = true;
    renewal_text =
        "the exchange has another certificate for this node, of a key that is not here (as after "
        "restoring a backup from before it was renewed): if you do not know why, tell the "
        "exchange's operator; to join again ask for an invitation with --rejoin";
    log::error("the registered certificate of this node is of a key that is not here");
    return;
  }
  if (renewed_key) {
    vault.keep(signing_key_name(parsed->public_key()), *next);
    signing = *next;
    destroy_after_commit.emplace_back(renewal_key);
    if (!same_key) destroy_after_commit.push_back(signing_key_name(certificate.public_key()));
  }
  certificate = *parsed;
  profile = *checked;
  installation.certificate = der;
  write();
  write_installation(*database, installation);
  renewal_asked = false;
  signing_lost = false;
  renewal_text.clear();
  keys_due = true;
  changed = true;
  log::info("this node's signing certificate was renewed",
            {{"until", to_rfc3339(certificate.not_after())}});
  (void)now;
}

}  // namespace liaison::node
