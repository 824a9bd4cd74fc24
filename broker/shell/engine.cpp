#include "broker/shell/engine.h"

#include <algorithm>

#include "base/check.h"
#include "broker/shell/admin.h"
#include "broker/shell/parts.h"
#include "broker/shell/receive.h"

namespace liaison::broker {

namespace {

crypto::Certificate authority_of(store::Database& database) {
  Store store(database);
  auto entries = store.entries(0, 1);
  if (entries.empty())
    throw store::Failure(store::Failure::Kind::corrupt,
                         "the broker's store has no authority: make it with `liaison-broker init`");
  auto certificate = crypto::Certificate::parse(entries.front().body);
  if (!certificate)
    throw store::Failure(store::Failure::Kind::corrupt,
                         "the broker's store has an unreadable authority: restore a backup");
  return *certificate;
}

}  // namespace

void Engine::found(store::Database& database, const certs::Authority& authority, Now now) {
  found(database, authority.certificate(), authority.first_list(now.wall), now);
}

void Engine::found(store::Database& database, const crypto::Certificate& authority,
                   const crypto::RevocationList& list, Now now) {
  Store store(database);
  std::vector<Write> writes;
  writes.push_back(KeepState{1, false, 0, now.wall});
  writes.push_back(
      AppendRegistry{0, now.wall, {wire::EntryKind::authority, authority.der(), {}, PlainFacts{}}});
  writes.push_back(AppendRegistry{
      1, now.wall, {wire::EntryKind::revocation_list, list.der(), {}, PlainFacts{}}});
  store::Transaction transaction(database);
  store.write(writes);
  store.finish();
  database.prepare("INSERT INTO origin VALUES (1, 0, ?)").run(now.wall);
  transaction.commit();
}

void Engine::mark_restored(store::Database& database, Now now) {
  Store store(database);
  store::Transaction transaction(database);
  store.mark_restored(now);
  transaction.commit();
}

Engine::Engine(EngineConfig config, std::unique_ptr<store::Database> database,
               std::optional<certs::Authority> authority, Entropy& entropy, Now now) {
  auto certificate = authority_of(*database);
  parts_ = std::make_unique<Parts>(std::move(config), std::move(database), std::move(authority),
                                   std::move(certificate), entropy);
  parts_->load(now);
}

Engine::~Engine() = default;

void Engine::Parts::load(Now now) {
  core.load_state(store.state());
  if (auto policy = store.policy()) core.load_policy(*policy);
  for (const auto& quota : store.quotas())
    core.load_quota(quota);
  constexpr std::uint32_t at_once = 256;
  if (store.has_entry_of(wire::EntryKind::key_alarm)) door.look_for_issuers();
  for (std::uint64_t first = 0;; first = core.registry().size()) {
    auto entries = store.entries(first, at_once);
    if (entries.empty()) break;
    for (auto& entry : entries) {
      if (entry.kind == wire::EntryKind::log_key) load_log_key(entry);
      auto read = door.read(entry.kind, std::move(entry.body));
      if (!read)
        throw store::Failure(store::Failure::Kind::corrupt,
                             "the registry's entry " + std::to_string(core.registry().size()) +
                                 " cannot be read (" + read.error().text + "): restore a backup");
      door.learn(*read);
      core.load_entry(*read, entry.at);
    }
  }
  for (const auto& [node, incarnation] : store.incarnations())
    core.load_incarnation(node, incarnation);
  store.load_items(core);
  store.load_accepted(core, core.state().repeats_from);
  perform.add(core.loaded(store.last_sequence(), store.log_size(), now));
  load_store_check(now);
  logs.load(now);
  cosignatures.set_epoch(core.state().epoch);
  store.tell_of_entries([this](LogName name, const Digest& leaf, const LetterId& letter) {
    logs.append(name, leaf, letter);
  });
  perform.prove_by([this](const SendProofs& each) { return prove(each); });
  perform.commit();
}

std::optional<wire::Proofs> Engine::Parts::prove(const SendProofs& each) {
  const auto* session = core.session(each.to);
  if (session == nullptr) return std::nullopt;
  auto& tiles = proved[session->node].within(std::chrono::minutes(1), last_turn);
  if (tiles > config.limits.tiles_per_minute_max) {
    deny(Denial::What::frame, session->node, "too_many", last_turn);
    return std::nullopt;
  }
  const auto before = logs.tiles_read();
  auto out = logs.answer(each.asked);
  tiles += logs.tiles_read() - before;
  if (out) out->cosign = cosignatures.asks(session->node, logs, last_turn);
  return out;
}

Logs::Identity Engine::Parts::logs_identity() {
  const auto known = store.log_key();
  if (!config.log_key && !known)
    return {door.authority().fingerprint(), store.state().epoch, {}, std::nullopt};
  if (config.log_key && known && *known != config.log_key->public_key())
    throw store::Failure(store::Failure::Kind::corrupt,
                         "the key of the logs is not the one by which this store's checkpoints are "
                         "signed: put the key files of this broker back");
  if (config.log_key && !known) {
    store::Transaction change(*database);
    store.keep_log_key(config.log_key->public_key());
    change.commit();
  }
  return {door.authority().fingerprint(), store.state().epoch,
          config.log_key ? config.log_key->public_key() : *known, config.log_key};
}

void Engine::frame(ConnectionId connection, const CurveKey& peer, ByteView bytes, Now now) {
  receive(*parts_, connection, peer, bytes, now);
}

void Engine::misshapen(ConnectionId connection, const CurveKey& peer, Now now) {
  parts_->step(now, UnreadableCame{connection, peer, "misshapen"});
}

void Engine::closed(ConnectionId connection, Now now) {
  parts_->step(now, ConnectionClosed{connection});
}

void Engine::Parts::commit(Now now) {
  perform.add(core.settle(now));
  const auto due = checkpoint_due();
  const bool signs = due && now.steady >= *due;
  if (signs) perform.add([this](Store&) { logs.sign(); });
  perform.commit();
  if (signs) logs.committed(now);
  last_turn = now;
  for (const auto& each : perform.denials())
    deny(each.what, each.node, each.reason, now);
  denials.close_due(now.steady);
}

std::optional<Duration> Engine::Parts::checkpoint_due() {
  if (core.state().recovering) return std::nullopt;
  logs.set_epoch(core.state().epoch);
  cosignatures.set_epoch(core.state().epoch);
  return logs.due_steady();
}

void Engine::Parts::deny(Denial::What what, std::optional<NodeNumber> node, std::string_view why,
                         Now now, const std::string& key, std::uint64_t count) {
  denials.denied(what, node ? core.registry().node(*node).id.text() : "", why, now.steady, key,
                 count);
}

void Engine::denied_before(Denial::What what, const std::optional<CurveKey>& key,
                           std::string_view why, std::uint64_t count, Now now) {
  const auto owner = key ? parts_->core.registry().owner(*key) : std::nullopt;
  parts_->deny(what, owner, why, now, key && !owner ? key->text() : "", count);
}

Turn Engine::turn(Now now) {
  parts_->commit(now);
  return parts_->perform.say();
}

std::optional<Instant> Engine::next_deadline() const {
  auto out = parts_->core.next_deadline();
  if (const auto due = parts_->checkpoint_due()) {
    const auto& last = parts_->last_turn;
    const auto at = last.wall + std::max(*due - last.steady, Duration{});
    out = out ? std::min(*out, at) : at;
  }
  return out;
}

void Engine::stop(Now now) {
  parts_->step(now, Stopping{});
}

std::vector<CurveKey> Engine::admitted(Now now) const {
  return parts_->core.registry().admitted(now.wall, parts_->core.limits().curve_grace);
}

wire::JoinAnswer Engine::join(const wire::JoinRequest& request, const CurveKey& peer, Now now) {
  return parts_->join(request, peer, now);
}

std::optional<Bytes> Engine::join(ByteView bytes, const CurveKey& peer, Now now) {
  auto request = wire::decode_join_request(bytes);
  if (!request) {
    parts_->deny(Denial::What::joining, std::nullopt, "unreadable", now, peer.text());
    return std::nullopt;
  }
  return wire::encode(parts_->join(*request, peer, now));
}

Result<certs::Invitation> Engine::invite(const InviteOrder& order, std::string_view administrator,
                                         Now now) {
  return parts_->invite(order, administrator, now);
}

Result<void> Engine::revoke(const NodeId& node, std::string_view why, std::optional<Instant> as_of,
                            std::string_view administrator, Now now) {
  return parts_->revoke(node, why, crypto::RevocationReason::privilege_withdrawn, as_of,
                        administrator, now);
}

Result<void> Engine::check_clock(Now now) const {
  const auto& authority = parts_->door.authority();
  const auto clock = "this machine's clock says " + to_rfc3339(now.wall) + ", ";
  if (now.wall < authority.not_before())
    return fail(Reason::expired, clock + "before this exchange's authority began (" +
                                     to_rfc3339(authority.not_before()) +
                                     "): set the clock and start again");
  if (now.wall > authority.not_after())
    return fail(Reason::expired, clock + "after this exchange's authority ended (" +
                                     to_rfc3339(authority.not_after()) +
                                     "): set the clock, or make a new exchange");
  return {};
}

std::string Engine::admin(std::string_view request, Now now) {
  return answer_admin(*parts_, request, now);
}

Engine::Counts Engine::counts() const {
  const auto& core = parts_->core;
  const auto& from = core.counts();
  Counts out;
  out.accepted = from.accepted;
  out.refused = from.refused;
  out.delivered = from.delivered;
  out.taken = from.taken;
  out.set_aside = from.set_aside;
  out.expired = from.expired;
  out.returned = from.returned;
  out.strikes = from.strikes;
  out.unknown_frames = from.unknown;
  out.commits = parts_->perform.commits();
  for (std::uint32_t number = 0; number < core.registry().nodes(); ++number) {
    const auto& letters = core.mailbox(NodeNumber{number}).letters();
    out.waiting_letters += letters.letters;
    out.waiting_bytes += letters.bytes;
  }
  out.sessions = core.sessions();
  out.nodes = core.registry().nodes();
  out.registry_entries = core.registry().size();
  out.log_entries = core.log_size();
  out.epoch = core.state().epoch;
  out.recovering = core.state().recovering;
  return out;
}

Cosignatures& Engine::cosignatures() const {
  return parts_->cosignatures;
}
Logs& Engine::logs() const {
  return parts_->logs;
}

store::Database& Engine::database() const {
  parts_->perform.release();
  return *parts_->database;
}

}  // namespace liaison::broker
