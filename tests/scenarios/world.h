#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "broker/shell/engine.h"
#include "casework/commands.h"
#include "crypto/key_vault.h"
#include "node/shell/engine.h"
#include "store/testing/faulty_disk.h"
#include "wire/frame.h"

/// A whole exchange in one thread, without sockets: one broker and some nodes, real engines on
/// disks in memory, time and randomness given. For tests that tell a dialogue.
namespace liaison::scenarios {

/// A seed's octets, for ours and for OpenSSL's randomness.
class Seeded final : public Entropy {
 public:
  explicit Seeded(std::uint64_t seed);
  ~Seeded() override;
  void fill(std::span<std::uint8_t> out) override;
  /// Where it stands; set back there, it gives the same again.
  [[nodiscard]] std::uint64_t state() const { return state_; }
  void set_back(std::uint64_t state) { state_ = state; }

 private:
  std::uint64_t state_;
};

/// One node: its disk and keys outlive its engine, as a machine outlives a process.
struct Node {
  NodeId id;
  NodeRole role = NodeRole::adviser;
  std::string organisation;
  std::unique_ptr<store::testing::FaultyDisk> disk;
  std::optional<crypto::KeyVault> keys;
  std::unique_ptr<node::Engine> engine;
  std::uint64_t connection = 0;  ///< 0: not connected
  bool may_connect = true;
  Duration clock_ahead{};
  std::deque<Bytes> to_node;  ///< on the way from the broker
};

class World {
 public:
  explicit World(std::uint64_t seed = 1);
  ~World();

  Node& join(const std::string& id, NodeRole role, const std::string& organisation);
  /// The node's machine is gone: it joins again with an invitation for a new one, empty, or with
  /// what there is of its keys.
  void lose(Node& node, crypto::KeyVault keys = crypto::KeyVault::in_memory());
  [[nodiscard]] Node& node(const std::string& id) { return *nodes_.at(id); }
  [[nodiscard]] Now now(const Node& node) const;

  /// The process is killed; with `power`, what was not synced may be lost.
  void kill(Node& node);
  void power_off(Node& node);
  void start(Node& node, node::LastEnd last = node::LastEnd::killed);
  void disconnect(Node& node);
  /// Its line is cut, until it may connect again.
  void take_away(Node& node);
  void kill_broker();
  void start_broker();
  /// The broker's logs are signed by another key.
  void change_log_key();
  /// As an operator would: yesterday's copy is put in place of what there is, and marked so.
  void restore_broker(const store::testing::FaultyDisk::Image& image);
  /// As who has the broker's machine: it is stopped, its store altered, and it is started.
  void alter_broker(const std::function<void(store::Database&)>& alter);
  void restore_node(Node& node, const store::testing::FaultyDisk::Image& image);
  void restore_node(Node& node, const store::testing::FaultyDisk::Image& image,
                    crypto::KeyVault keys);
  /// All but the sealing keys, which are never in a backup.
  static crypto::KeyVault keys_in_backup(const Node& node);

  /// Once around: every engine's turn, every frame carried.
  void step();
  /// Until nothing is said any more but what is said now and then (prove, proofs, cosigned); time
  /// goes on by a millisecond a step, and by more when all wait for less than `patience`.
  void run(Duration patience = std::chrono::seconds(2), int steps_max = 3000);
  void pass(Duration time);

  /// Drops the frames that `drop` says true of (to the node or from it).
  std::function<bool(const Node&, ByteView frame, bool to_node)> drop;
  /// Rewrites what the broker says to a node: one that has gone bad.
  std::function<void(const Node&, Bytes& frame)> rewrite;

  /// The exchange's own, as its operator has it.
  [[nodiscard]] const certs::Authority& authority() const { return *authority_; }
  /// Changes what a node's invitation says, as one that was made at another time.
  std::function<void(certs::Invitation&)> invited;

  node::EngineConfig node_config;      ///< of nodes started from now on
  broker::EngineConfig broker_config;  ///< of brokers started from now on

  std::unique_ptr<Seeded> entropy;
  std::unique_ptr<store::testing::FaultyDisk> broker_disk;
  std::unique_ptr<broker::Engine> broker;
  Now clock{};
  std::uint64_t frames = 0;

 private:
  void connect(Node& node);
  void enrol(Node& node, broker::InviteOrder::Kind kind,
             crypto::KeyVault keys = crypto::KeyVault::in_memory());
  bool carry();

  std::optional<certs::Authority> authority_;
  std::map<std::string, std::unique_ptr<Node>> nodes_;
  std::map<std::uint64_t, Node*> connections_;
  std::uint64_t next_connection_ = 1;
};

/// An office and a provider that know each other.
struct Two : World {
  explicit Two(std::uint64_t seed = 1) : World(seed) {
    join("jcp-leeds", NodeRole::adviser, "Leeds office (invented)");
    join("able-futures", NodeRole::provider, "Able Futures (invented)");
    run();
  }
  Node& leeds() { return node("jcp-leeds"); }
  Node& able() { return node("able-futures"); }
};

/// Whether the frame is of that kind.
template <class T>
bool is(ByteView frame) {
  auto decoded = wire::decode_frame(frame);
  return decoded && std::holds_alternative<T>(*decoded);
}

/// Commands as a desk gives them.
casework::Actor adviser(const Node& node);
casework::Actor caseworker(const Node& node);
wire::events::ClientRecord invented_client();
CaseId add_client(World& world, Node& office);
/// Shares name, phone and needs with the provider, and requests a referral.
ReferralId refer(World& world, Node& office, const CaseId& id, const Node& provider,
                 const std::vector<node::NewAttachment>& attachments = {});
/// The provider accepts the referral.
void accept(World& world, Node& provider, const CaseId& id, const ReferralId& of);
template <class Command>
Result<std::vector<wire::Event>> act(World& world, Node& node, const CaseId& id,
                                     const casework::Actor& actor, const Command& command) {
  auto now = world.now(node);
  return node.engine->act(
      id, actor,
      [&](const casework::CaseView& view) {
        return casework::decide(view, actor, command, now.wall);
      },
      now);
}
/// What the node shows of the referral; none: it does not have it.
const casework::ReferralView* referral(Node& node, const ReferralId& id);
std::string state_of(Node& node, const ReferralId& id);
/// "queued", "accepted", "stored", "opened", "refused" or "none".
std::string delivery_of(Node& node, const CaseId& id, const ReferralId& referral);

}  // namespace liaison::scenarios
