#include "broker_machine.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "broker/shell/store.h"
#include "trace.h"

namespace liaison::simulation {
namespace {

constexpr const char* store_file = "broker.db";
// Small, so that checkpoints happen, and fail, within a run.
constexpr std::uint32_t checkpoint_bytes = 256U << 10;

}  // namespace

BrokerMachine::BrokerMachine(Timeline& timeline, Network& network, LetterWatch& letters,
                             Entropy& entropy, std::uint64_t disk_seed)
    : Machine("broker", timeline, disk_seed),
      network_(network),
      letters_(letters),
      entropy_(entropy),
      curve_(crypto::CurvePair::generate()) {
  config_.curve = curve_.public_key();
  config_.log_key = crypto::Ed25519Key::generate();
  log_keys_.push_back(*config_.log_key);
  // A run has days in which nothing happens; looking through empty mailboxes would be most of it.
  config_.limits.expiry_every = std::chrono::minutes(20);
  config_.limits.recovery_window = std::chrono::minutes(10);
}

BrokerMachine::~BrokerMachine() {
  engine_.reset();
}

std::unique_ptr<store::Database> BrokerMachine::database() {
  auto options = broker::Store::options(store_file);
  options.vfs = disk.vfs();
  options.checkpoint_bytes = checkpoint_bytes;
  options.cache_bytes = 4U << 20;
  return std::make_unique<store::Database>(options, broker::Store::schema());
}

void BrokerMachine::found() {
  authority_ = certs::Authority::make("Exchange of the simulation", now().wall);
  auto fresh = database();
  broker::Engine::found(*fresh, *authority_, now());
}

void BrokerMachine::open() {
  {
    // As the program does: of the key files that there are, the one that the store names.
    auto kept = database();
    const auto known = broker::Store(*kept).log_key();
    for (const auto& key : log_keys_)
      if (known == key.public_key()) config_.log_key = key;
  }
  engine_ = std::make_unique<broker::Engine>(config_, database(), authority_, entropy_, now());
}

void BrokerMachine::close() noexcept {
  engine_.reset();
  connections_.clear();
  die_before_speaking = false;
}

void BrokerMachine::started() {
  counts_ = engine_->counts();
  letters_.epoch(counts_.epoch);
  const auto keys = engine_->admitted(now());
  admitted_ = {keys.begin(), keys.end()};
  network_.broker_serves();
  if (after_start) after_start();
}

void BrokerMachine::ended() {
  network_.broker_died();
}

void BrokerMachine::stopping() {
  engine_->stop(now());
  perform(engine_->turn(now()));
}

void BrokerMachine::frame(const ConnectionRef& connection, ByteView frame) {
  if (guarded([&] {
        connections_[connection->id] = connection;
        engine_->frame(connection->id, connection->key, frame, now());
      })) {
    wake();
  }
}

void BrokerMachine::closed(const ConnectionRef& connection) {
  if (connections_.erase(connection->id) == 0) return;
  if (guarded([&] { engine_->closed(connection->id, now()); })) wake();
}

std::optional<Duration> BrokerMachine::take_turn() {
  auto turn = engine_->turn(now());
  counts_ = engine_->counts();
  letters_.epoch(counts_.epoch);  // a node that saw a later one may have raised it
  if (after_turn) after_turn();
  if (die_before_speaking && !turn.sends.empty()) {
    for (const auto& outgoing : turn.sends) {
      if (const auto frame = wire::decode_frame(outgoing.frame)) letters_.made(*frame);
    }
    if (on_unspoken) on_unspoken();
    kill();
    return std::nullopt;
  }
  perform(std::move(turn));
  const auto deadline = engine_->next_deadline();
  if (!deadline) return std::nullopt;
  return clock.until(*deadline, timeline_.now());
}

void BrokerMachine::perform(broker::Turn turn) {
  for (auto& outgoing : turn.sends) {
    if (const auto at = connections_.find(outgoing.to); at != connections_.end()) {
      network_.send(at->second, Way::to_node, std::move(outgoing.frame));
    }
  }
  for (const auto& drop : turn.drops) {
    if (const auto at = connections_.find(drop); at != connections_.end()) {
      network_.close_by_broker(at->second);
      connections_.erase(at);
    }
  }
  if (turn.admitted_changed) {
    const auto keys = engine_->admitted(now());
    admitted_ = {keys.begin(), keys.end()};
  }
}

certs::Invitation BrokerMachine::invite(const broker::InviteOrder& order) {
  const auto invitation = engine_->invite(order, "console", now());
  if (!invitation) throw Violation(0, "the broker does not invite: " + invitation.error().text);
  wake();
  return *invitation;
}

std::optional<Bytes> BrokerMachine::join(ByteView request, const CurveKey& peer) {
  std::optional<Bytes> answer;
  if (!guarded([&] { answer = engine_->join(request, peer, now()); })) return std::nullopt;
  const auto keys = engine_->admitted(now());
  admitted_ = {keys.begin(), keys.end()};
  wake();
  return answer;
}

bool BrokerMachine::revoke(const NodeId& node, const std::string& why, Duration as_of) {
  bool done = false;
  const bool lived = guarded([&] {
    const auto since = std::chrono::floor<std::chrono::seconds>(now().wall - as_of);
    const auto outcome = engine_->revoke(
        node, why, as_of > Duration{} ? std::optional<Instant>(since) : std::nullopt, "console",
        now());
    if (!outcome) throw Violation(0, "the broker does not revoke: " + outcome.error().text);
    done = true;
  });
  if (lived) wake();
  return lived && done;
}

bool BrokerMachine::admin(const std::string& request) {
  std::string answer;
  const bool lived = guarded([&] { answer = engine_->admin(request, now()); });
  if (lived) wake();
  trace(fmt::format("{} -> {}", request, answer), *this);
  return lived && answer.find("\"error\"") == std::string::npos;
}

bool BrokerMachine::change_log_key() {
  bool done = false;
  log_keys_.push_back(crypto::Ed25519Key::generate());
  const bool lived = guarded([&] {
    const auto change = engine_->change_log_key(log_keys_.back(), "console", now());
    if (!change) return;
    done = true;
    replaced_.insert({change->former.octets});
    config_.log_key = log_keys_.back();
  });
  if (lived) wake();
  return lived && done;
}

Result<crypto::Certificate> BrokerMachine::issue(ByteView request,
                                                 const crypto::SigningProfile& profile) {
  return authority_->issue(crypto::CertificateRequest::parse(request).value(),
                           {profile.node, profile.organisation, profile.role, profile.capabilities},
                           now().wall);
}

void BrokerMachine::enter(const std::vector<wire::RegistryEntry>& entries) {
  away_until = timeline_.now() + std::chrono::seconds(1);
  stop();
  {
    auto kept = database();
    store::Transaction change(*kept);
    auto insert =
        kept->prepare("INSERT INTO registry SELECT max(position) + 1, ?, ?, ? FROM registry");
    for (const auto& each : entries)
      insert.run(static_cast<int>(each.kind), each.at, each.body);
    change.commit();
  }
  away_until.reset();
  start();
}

bool BrokerMachine::signs_by_replaced_key() const {
  return replaced_.count(config_.log_key->public_key()) != 0;
}

bool BrokerMachine::shows_revoked(const NodeId& node) {
  std::string answer = "{}";
  guarded([&] { answer = engine_->admin(R"({"command":"nodes"})", now()); });
  const auto nodes = nlohmann::json::parse(answer).value("ok", nlohmann::json::array());
  return std::any_of(nodes.begin(), nodes.end(), [&](const auto& each) {
    return each.at("id") == node.text() && each.at("state") == "revoked";
  });
}

bool BrokerMachine::back_up() {
  const auto file = fmt::format("backup-{}.db", ++backups_);
  bool done = false;
  const bool lived = guarded([&] {
    try {
      engine_->database().backup_to(file);
      done = true;
    } catch (const store::Failure& failure) {
      // No room for the copy: the command says so and the daemon goes on, unless reading was what
      // failed.
      if (failure.kind() != store::Failure::Kind::disk_full &&
          failure.kind() != store::Failure::Kind::io)
        throw;
      if (!disk_may_fail) throw;
      trace(failure.what(), *this);
    }
  });
  if (!lived || !done) return false;
  backup_ = disk.image().files.at(file);
  backed_up_at_ = timeline_.now();
  trace("backed up", *this);
  return true;
}

void BrokerMachine::lose_disk() {
  LIAISON_CHECK(backup_.has_value());
  if (up()) kill();
  disk.restore({{{store_file, *backup_}}});
  disk_may_fail = disk_is_full = false;
  disk.set_capacity(std::nullopt);
  disk.fail_next_write(0);
  disk.fail_next_sync(0);
  network_.forget_to_replay_from_broker();
  auto old = database();
  broker::Engine::mark_restored(*old, now());
  ++restores;
  trace("restored from a backup", *this);
}

}  // namespace liaison::simulation
