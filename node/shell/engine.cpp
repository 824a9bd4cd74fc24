#include "node/shell/engine.h"

#include <algorithm>
#include <stdexcept>

#include "base/check.h"
#include "base/deliberate_bug.h"
#include "base/log.h"
#include "crypto/digest.h"
#include "node/shell/engine_parts.h"
#include "wire/limits.h"

/// The engine's life: opening, the turn, deadlines.
namespace liaison::node {
namespace {

constexpr std::size_t submit_per_turn = 512;
/// Longer than any letter can wait anywhere, sealed anew once.
constexpr Duration letters_remembered = std::chrono::hours(24 * 120);
/// Who looked at a record is kept as long as a record is after its case closes.
constexpr Duration viewings_kept = std::chrono::hours(24 * 731);
/// That a letter was logged is kept as long.
constexpr Duration proofs_kept = viewings_kept;

[[noreturn]] void cannot_start(const std::string& why) {
  throw std::runtime_error(why);
}

[[noreturn]] void is_another_key(const std::string& name, const std::string& whose) {
  cannot_start("the key file keys/" + name + ".pem is not that of " + whose +
               ": restore it from a backup of the keys; if there is none, ask for an invitation to "
               "join again");
}

/// A key that was exchanged for another, or damaged into one, is found here and not by a peer.
void check_keys(const crypto::KeyVault& keys, const crypto::Certificate& certificate,
                const crypto::PrivateKey& signing, const crypto::CurvePair& curve) {
  const auto profile = crypto::read_signing(certificate);
  const std::string certified = "the node's certificate";
  if (!(signing.public_key() == certificate.public_key()))
    is_another_key(signing_key_name(certificate.public_key()), certified);
  if (curve.public_key() != profile->curve) is_another_key(curve_key, certified);
  const auto witness = keys.ed25519(witness_key);
  if (!witness) cannot_start("the node's witness key: " + witness.error().text);
  if (witness->public_key() != profile->witness) is_another_key(witness_key, certified);
}

}  // namespace

Engine::Parts::Parts(EngineConfig config_given, std::unique_ptr<store::Database> database_given,
                     crypto::KeyVault vault_given, Entropy& entropy_given,
                     Installation installation_given, crypto::Certificate authority_given,
                     crypto::Certificate certificate_given, crypto::PrivateKey signing_given,
                     crypto::CurvePair curve_given, Secret store_key_given)
    : config(std::move(config_given)),
      database(std::move(database_given)),
      vault(std::move(vault_given)),
      entropy(entropy_given),
      sql(*database),
      cases(sql, std::move(store_key_given)),
      letters(sql),
      kept_letters(sql, cases),
      registry(sql),
      logs(sql, registry, authority_given.fingerprint(), installation_given.log_keys,
           config.logs_asked_every),
      store_watch(*database, kept_soundness()),
      installation(std::move(installation_given)),
      certificate(std::move(certificate_given)),
      profile(*crypto::read_signing(certificate)),
      signing(std::move(signing_given)),
      curve(std::move(curve_given)),
      link(config.credit_letters, config.credit_bytes),
      inbox(config.held_letters_max, config.held_bytes_max),
      receipts(config.receipts_delay),
      replica(registry.number("epoch"), registry.size()),
      door(std::move(authority_given)) {}

Engine::Engine(EngineConfig config, std::unique_ptr<store::Database> database,
               crypto::KeyVault keys, Entropy& entropy, Now now) {
  auto installation = read_installation(*database);
  if (!installation)
    cannot_start("this directory has not joined an exchange; run join with an invitation first");
  auto authority = crypto::Certificate::parse(installation->authority);
  auto certificate = crypto::Certificate::parse(installation->certificate);
  if (!authority || !certificate || !crypto::read_signing(*certificate))
    cannot_start(
        "the node's own certificates cannot be read; restore from a backup, or join again");
  auto signing = keys.private_key(signing_key_name(certificate->public_key()));
  auto curve = keys.curve(curve_key);
  auto store_secret = keys.secret(store_key);
  if (!signing) cannot_start("the node's signing key: " + signing.error().text);
  if (!curve) cannot_start("the node's CURVE key: " + curve.error().text);
  if (!store_secret) cannot_start("the store's key: " + store_secret.error().text);
  check_keys(keys, *certificate, *signing, *curve);
  parts_ = std::make_unique<Parts>(std::move(config), std::move(database), std::move(keys), entropy,
                                   std::move(*installation), std::move(*authority),
                                   std::move(*certificate), std::move(*signing), std::move(*curve),
                                   std::move(*store_secret));
  parts_->load(now);
}

Engine::~Engine() = default;

void Engine::Parts::write() {
  if (!transaction) transaction.emplace(*database);
}

void Engine::Parts::touch(const CaseId& id) {
  changed = true;
  if (!id.is_zero()) touched.insert(id);
}

void Engine::Parts::load(Now now) {
  clock.observe(now);
  incarnation = registry.number("incarnation");
  Duration jumped{};
  if (auto kept = registry.number("last_wall"); kept != 0)
    jumped = clock.observe_kept(
        from_ms(static_cast<std::int64_t>(kept)),
        Duration(static_cast<std::int64_t>(registry.number("clock_calm_left"))), now);
  check_store_key();
  if (store_watch.soundness() != kept_soundness()) keep_soundness();
  if (auto kept = registry.meta(shut_out_meta)) shut_out.assign(as_text(*kept));
  load_keys();
  clock_moved(jumped);
  load_registry(now);
  begin_witness();
  logs.begin(replica.epoch(), now);
  load_trust(now);
  for (auto& item : letters.open_unsealed())
    outbox.load(std::move(item));
  for (auto& letter : letters.letters())
    outbox.load(std::move(letter));
  load_receipts(now);
  load_cases();
  bool restored = registry.number("restored") != 0;
  if (restored) {
    write();
    registry.clear_meta("restored");
    begin_catch_up(now);
    perform(outbox.restored(), now);
  } else if (auto began = registry.number("catch_up_began"); began != 0) {
    catch_up.load(from_ms(static_cast<std::int64_t>(began)), registry.answers(),
                  registry.freed_cases());
    ask_who_may_have_forgotten(now);
  }
  housekeeping_at = now.steady;
}

/// Any 32 octets are a store key: the store names the one its records are under.
void Engine::Parts::check_store_key() {
  const auto key = vault.secret(store_key);
  LIAISON_CHECK(key.has_value());
  const auto mark = crypto::sha256({as_bytes("liaison store key"), key->view()});
  if (const auto kept = registry.meta("store_key"); !kept) {
    write();
    registry.set_meta("store_key", mark.view());
  } else if (!equal(*kept, mark.view())) {
    is_another_key(store_key, "the node's store");
  }
}

void Engine::Parts::begin_catch_up(Now now) {
  write();
  registry.end_catch_up();
  // An answer to what was asked after an earlier restore is none to this one.
  letters.rename_object(everything_object(), as_bytes("asked before"));
  registry.set_number("catch_up_began", static_cast<std::uint64_t>(to_ms(now.wall)));
  catch_up.begin(now.wall);
  asked_everything_at = now.steady;
  held_back.reset();
}

/// What needs no more than a look a minute.
void Engine::Parts::housekeeping(Now now) {
  if (now.steady < housekeeping_at) return;
  housekeeping_at = now.steady + config.housekeeping_every;
  write();
  registry.set_number("last_wall", static_cast<std::uint64_t>(to_ms(now.wall)));
  registry.set_number("clock_calm_left", static_cast<std::uint64_t>(clock.calm_left(now).count()));
  registry.drop_ended_certificates();
  keys_due = true;
  auto broker = clock.broker_time(now);
  if (broker) {
    auto at = std::min(*broker, now.wall);
    const bool calm = clock.is_guarded(now);
    perform(outbox.overdue(at, calm), now);
    if (!calm && at - pruned_at >= std::chrono::hours(24)) {
      pruned_at = at;
      letters.prune(at - letters_remembered);
      letters.prune_aside(at - sealing_kept_retired);
      kept_letters.prune(at - KeptLetters::kept_without_case);
      sql.run("DELETE FROM viewing WHERE at < ?", at - viewings_kept);
      logs.store().prune(at - proofs_kept);
    }
  }
  if (catch_up.is_active() && now.wall < catch_up.began()) {
    catch_up.set_back(now.wall);
    registry.set_number("catch_up_began", static_cast<std::uint64_t>(to_ms(now.wall)));
  }
  if (catch_up.is_active()) tend_catch_up(now);
  look_for_left_out(now);
  // A change of key without proof may have come to be followed by time alone.
  if (replica.is_current()) count_attempts(inbox.came(Need::registry));
  look_at_listings_again(now);
  outbox.certificates_changed();
  if (!link.is_ready()) return;
  if (now.steady >= publish_at) say_publications();
  offer_former(now);
  if (!replica.is_current()) say_last.emplace_back(wire::Since{replica.size()});
}

Turn Engine::Parts::turn(Now now) {
  // A jump is kept at once: the program may end before it is corrected.
  if (const auto jumped = clock.observe(now); jumped != Duration{}) {
    housekeeping_at = now.steady;
    clock_moved(jumped);
  }
  housekeeping(now);
  if (replica.is_current()) count_attempts(inbox.due(now));
  open_some(now);
  if (keys_due) tend_keys(now);
  if (link.awaits_answer() && now.steady >= answered_by) hang_up = true;
  if (link.is_ready()) {
    ask_everything(now);
    ask_for_missing(now);
    seal_receipts(now);
    seal_some(now);
    if (auto prove = logs.ask(replica.size(), now)) say_last.emplace_back(std::move(*prove));
  }
  std::vector<wire::Letter> submits;
  if (link.is_ready()) {
    for (const auto& id : outbox.to_submit(submit_per_turn, now)) {
      auto fresh = just_sealed.find(id);
      auto envelope = fresh != just_sealed.end() ? std::optional(std::move(fresh->second))
                                                 : letters.envelope(id, self());
      LIAISON_CHECK(envelope.has_value());
      submits.push_back(std::move(*envelope));
    }
  }
  just_sealed.clear();

  if (transaction) {
    transaction->commit();
    transaction.reset();
  }
  // ---- From here on everything above is durable, and may be said.
  for (const auto& name : destroy_after_commit)
    vault.destroy(name);
  destroy_after_commit.clear();
  inbox.attempts_durable();

  Turn out;
  auto add = [&](wire::Frame frame) { out.frames.push_back(wire::encode(frame)); };
  for (auto& frame : say)
    add(std::move(frame));
  if (link.is_ready()) {
    auto add_list = [&](auto& list, std::size_t most) {
      using List = std::decay_t<decltype(list)>;
      for (std::size_t at = 0; at < list.size(); at += most) {
        auto end = std::min(at + most, list.size());
        add(List(std::make_move_iterator(list.begin() + static_cast<std::ptrdiff_t>(at)),
                 std::make_move_iterator(list.begin() + static_cast<std::ptrdiff_t>(end))));
      }
    };
    add_list(say_taken, wire::answers_per_frame_max);
    add_list(say_aside, wire::answers_per_frame_max);
    std::vector<wire::Letter> letters_of_frame;
    std::size_t cost = 0;
    for (auto& letter : submits) {
      auto more = wire::frame_cost(letter);
      if (!letters_of_frame.empty() && (letters_of_frame.size() == wire::letters_per_frame_max ||
                                        cost + more > wire::frame_bytes_max - 4096)) {
        add(std::exchange(letters_of_frame, {}));
        cost = 0;
      }
      cost += more;
      letters_of_frame.push_back(std::move(letter));
    }
    if (!letters_of_frame.empty()) add(std::move(letters_of_frame));
    std::vector<wire::Publication> publications;
    cost = 0;
    for (auto& publication : say_publish) {
      auto more = publication.body.size() + 64;
      if (!publications.empty() && (publications.size() == wire::publications_per_frame_max ||
                                    cost + more > wire::frame_bytes_max - 4096)) {
        add(std::exchange(publications, {}));
        cost = 0;
      }
      cost += more;
      publications.push_back(std::move(publication));
    }
    if (!publications.empty()) add(std::move(publications));
    for (auto& frame : say_last)
      add(std::move(frame));
    if (auto grant = link.take_grant(); grant.letters > 0) add(grant);
    if (inbox.take_reconnect_wish(now)) hang_up = true;
  }
  say.clear();
  say_last.clear();
  say_taken.clear();
  say_aside.clear();
  say_publish.clear();
  out.hang_up = std::exchange(hang_up, false);
  out.redial = link.redials();
  out.changed = std::exchange(changed, false);
  out.cases.assign(touched.begin(), touched.end());
  touched.clear();
  auto next = outbox.next_steady(now);
  out.more = has_to_open() || (link.is_ready() && next && *next <= now.steady);
  last_now = now;
  return out;
}

void Engine::connected(Now now) {
  parts_->connected(now);
}
void Engine::disconnected(Now now) {
  parts_->disconnected(now);
}
void Engine::refused() {
  parts_->key_refused = true;
  parts_->changed = true;
}
void Engine::frame(ByteView bytes, Now now) {
  parts_->frame(bytes, now);
}
Turn Engine::turn(Now now) {
  return parts_->turn(now);
}

std::optional<Instant> Engine::next_deadline() const {
  const auto& p = *parts_;
  auto next = p.housekeeping_at;
  auto sooner = [&](std::optional<Duration> when) {
    if (when && *when < next) next = *when;
  };
  if (p.replica.is_current()) sooner(p.inbox.next_steady());
  if (p.link.awaits_answer()) sooner(p.answered_by);
  if (p.link.is_ready()) {
    sooner(p.outbox.next_steady(p.last_now));
    sooner(p.receipts.next_steady());
    sooner(p.wanted.next_steady());
    sooner(p.logs.next_steady());
  }
  bool now = p.transaction.has_value() || !p.say.empty() || p.keys_due || p.has_to_open();
  auto wait = now ? Duration{} : std::max(Duration{}, next - p.last_now.steady);
  return p.last_now.wall + wait;
}

const Installation& Engine::installation() const {
  return parts_->installation;
}
const NodeId& Engine::self() const {
  return parts_->self();
}
NodeRole Engine::role() const {
  return parts_->profile.role;
}
const std::string& Engine::organisation() const {
  return parts_->profile.organisation;
}
const crypto::CurvePair& Engine::curve() const {
  return parts_->curve;
}

store::Database& Engine::database_for_writing() {
  parts_->write();
  return *parts_->database;
}
store::Database& Engine::database() {
  return *parts_->database;
}
Bytes Engine::seal_record(std::string_view place, ByteView plain) const {
  return parts_->cases.seal_record(place, plain);
}
Result<Bytes> Engine::open_record(std::string_view place, ByteView sealed) const {
  return parts_->cases.open_record(place, sealed);
}

}  // namespace liaison::node
