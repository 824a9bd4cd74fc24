#include "node_machine.h"

#include <fmt/format.h>

#include "node/shell/backup.h"
#include "node/shell/join.h"
#include "node/shell/registry_store.h"
#include "node/shell/schema.h"
#include "trace.h"
#include "vault_copy.h"
#include "wire/join.h"

namespace liaison::simulation {
namespace {

constexpr const char* store_file = "node.db";
constexpr std::uint32_t checkpoint_bytes = 256U << 10;

}  // namespace

NodeMachine::NodeMachine(NodeIndex index, NodeId id, NodeRole role, Timeline& timeline,
                         Network& network, Entropy& entropy, std::uint64_t disk_seed)
    : Machine(id.text(), timeline, disk_seed),
      index_(index),
      id_(std::move(id)),
      role_(role),
      network_(network),
      entropy_(entropy),
      vault_(crypto::KeyVault::in_memory()) {
  // Every third is a small machine: what it cannot take yet waits at the broker, among the rest.
  if (disk_seed % 3 == 0) credit_letters_ = static_cast<std::uint32_t>(1 + disk_seed / 3 % 8);
}

NodeMachine::~NodeMachine() {
  engine_.reset();
}

std::unique_ptr<store::Database> NodeMachine::database() {
  store::Options options;
  options.path = store_file;
  options.vfs = disk.vfs();
  options.checkpoint_bytes = checkpoint_bytes;
  options.cache_bytes = 4U << 20;
  return std::make_unique<store::Database>(options, node::schema());
}

void NodeMachine::join(const certs::Invitation& invitation,
                       const std::function<std::optional<Bytes>(ByteView, const CurveKey&)>& ask) {
  const auto request = node::prepare_join(vault_, invitation);
  const auto answer = ask(wire::encode(request), request.curve_key);
  LIAISON_CHECK(answer.has_value());
  const auto decoded = wire::decode_join_answer(*answer);
  LIAISON_CHECK(decoded.has_value());
  const auto* joined = std::get_if<wire::Joined>(&*decoded);
  if (joined == nullptr) throw Violation(0, name() + " is not let in");
  auto fresh = database();
  const auto outcome = node::complete_join(*fresh, vault_, invitation, *joined, now());
  if (!outcome) throw Violation(0, name() + " cannot join: " + outcome.error().text);
}

void NodeMachine::open() {
  node::EngineConfig config;
  // Most of a run's weeks nothing happens: questions each minute would be most of it.
  config.logs_asked_every = std::chrono::minutes(10);
  // As for the broker: most of a run's days are idle.
  config.housekeeping_every = std::chrono::hours(1);
  config.receipts_delay = std::chrono::seconds(2);
  if (credit_letters_) config.credit_letters = *credit_letters_;
  engine_ = std::make_unique<node::Engine>(config, database(), vault_, entropy_, now());
  engine_->starts_after(ended_by_itself_ ? node::LastEnd::by_itself : node::LastEnd::killed);
}

void NodeMachine::close() noexcept {
  engine_.reset();
  connection_ = nullptr;
  untold_.clear();
  die_before_speaking = false;
}

void NodeMachine::started() {
  redial_ = true;
  network_.dial(index_);
  if (after_start) after_start(*this);
}

void NodeMachine::ended() {
  network_.node_died(index_);
}

void NodeMachine::stopping() {
  perform(engine_->turn(now()));
  if (connection_) {
    network_.send(connection_, Way::to_broker,
                  wire::encode(wire::Frame(wire::Goodbye{wire::GoodbyeReason::stopping, ""})));
    network_.close_by_node(connection_);
  }
}

std::optional<CurveKey> NodeMachine::dials() const {
  if (!up() || !redial_) return std::nullopt;
  return engine_->curve().public_key();
}

void NodeMachine::connected(const ConnectionRef& connection) {
  connection_ = connection;
  if (guarded([&] { engine_->connected(now()); })) wake();
}

void NodeMachine::frame(const ConnectionRef& connection, ByteView frame) {
  if (connection != connection_) return;
  if (guarded([&] { engine_->frame(frame, now()); })) wake();
}

void NodeMachine::closed(const ConnectionRef& connection) {
  if (connection != connection_) return;
  connection_ = nullptr;
  if (!guarded([&] { engine_->disconnected(now()); })) return;
  wake();
  if (redial_) network_.dial(index_);
}

std::optional<Error> NodeMachine::act(const Act& act) {
  std::optional<Error> failed;
  guarded([&] {
    auto events = act(*engine_, now());
    if (!events) {
      failed = events.error();
      return;
    }
    untold_.insert(untold_.end(), std::make_move_iterator(events->begin()),
                   std::make_move_iterator(events->end()));
    if (after_act) after_act(*this);
    wake();
  });
  return failed;
}

std::optional<Duration> NodeMachine::take_turn() {
  auto turn = engine_->turn(now());
  // Committed: what people did is told them before anything is sent.
  const auto told = std::exchange(untold_, {});
  const auto changed = turn.cases;
  const bool more = turn.more;
  if (die_before_speaking && !turn.frames.empty()) {
    if (after_turn) after_turn(*this, told, changed);
    if (unspoken) unspoken(turn.frames);
    if (on_unspoken) on_unspoken();
    if (up()) kill();
    return std::nullopt;
  }
  perform(std::move(turn));
  if (after_turn) after_turn(*this, told, changed);
  if (!up()) return std::nullopt;
  if (more) return Duration(1);
  const auto deadline = engine_->next_deadline();
  if (!deadline) return std::nullopt;
  return clock.until(*deadline, timeline_.now());
}

void NodeMachine::perform(node::Turn turn) {
  redial_ = turn.redial;
  if (!connection_) return;
  for (auto& frame : turn.frames)
    network_.send(connection_, Way::to_broker, std::move(frame));
  if (turn.hang_up) {
    network_.close_by_node(std::exchange(connection_, nullptr));
    engine_->disconnected(now());
    if (redial_) network_.dial(index_);
  }
}

bool NodeMachine::back_up() {
  const auto file = fmt::format("backup-{}.db", ++backups_);
  bool done = false;
  const bool lived = guarded([&] {
    // What is under way is committed first, as by the command.
    take_turn();
    if (!up()) return;
    wake();
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
  backup_.emplace(Backup{disk.image().files.at(file), copy_without_sealing_keys(vault_)});
  backed_up_at_ = timeline_.now();
  trace("backed up", *this);
  return true;
}

void NodeMachine::lose_disk() {
  LIAISON_CHECK(backup_.has_value());
  if (up()) kill();
  disk.restore({{{store_file, backup_->store}}});
  disk_may_fail = disk_is_full = false;
  disk.set_capacity(std::nullopt);
  disk.fail_next_write(0);
  disk.fail_next_sync(0);
  vault_ = copy_without_sealing_keys(backup_->vault);
  {
    // What `restore` does with a backup's store.
    auto old = database();
    node::Sql sql(*old);
    store::Transaction change(*old);
    node::RegistryStore registry(sql);
    node::mark_restored(registry);
    registry.drop_own_keys();
    change.commit();
  }
  ended_by_itself_ = true;  // in another directory: nothing there says otherwise
  ++restores;
  restored_at = timeline_.now();
  trace("restored from a backup", *this);
  if (after_restore) after_restore(*this);
}

}  // namespace liaison::simulation
