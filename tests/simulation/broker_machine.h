#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "broker/shell/engine.h"
#include "crypto/key.h"
#include "crypto/profile.h"
#include "machine.h"
#include "network.h"

namespace liaison::simulation {

class Network;

/// The broker's computer.
class BrokerMachine final : public Machine {
 public:
  BrokerMachine(Timeline& timeline, Network& network, LetterWatch& letters, Entropy& entropy,
                std::uint64_t disk_seed);
  ~BrokerMachine() override;

  /// A new exchange on the empty disk; then start().
  void found();
  [[nodiscard]] bool up() const override { return engine_ != nullptr; }
  [[nodiscard]] bool admits(const CurveKey& key) const { return up() && admitted_.count(key) != 0; }
  void frame(const ConnectionRef& connection, ByteView frame);
  void closed(const ConnectionRef& connection);

  certs::Invitation invite(const broker::InviteOrder& order);
  std::optional<Bytes> join(ByteView request, const CurveKey& peer);
  /// False: its machine failed meanwhile, or it is down.
  /// `as_of`: nothing that it said for so long is to be believed.
  bool revoke(const NodeId& node, const std::string& why, Duration as_of);
  bool admin(const std::string& request);

  /// The operator has the logs signed by another key. Whether that was done.
  bool change_log_key();
  /// Whether a key signs that was replaced before the broker was restored.
  [[nodiscard]] bool signs_by_replaced_key() const;

  // As an operator gone bad, who has the authority's key and the disk:
  /// A certificate of what a node's certificate says, for the key of that request.
  [[nodiscard]] Result<crypto::Certificate> issue(ByteView request,
                                                  const crypto::SigningProfile& profile);
  /// Stops, puts entries behind the registry's last, and starts again.
  void enter(const std::vector<wire::RegistryEntry>& entries);

  /// Keeps a backup, which replaces an earlier one.
  /// Whether its list of nodes says so; an ended broker has none to show.
  [[nodiscard]] bool shows_revoked(const NodeId& node);
  bool back_up();
  [[nodiscard]] bool has_backup() const { return backup_.has_value(); }
  [[nodiscard]] Moment backed_up_at() const { return backed_up_at_; }
  /// The disk is lost; a new one starts from the backup.
  void lose_disk();

  /// Its next turn that has something to say commits, and then the process is killed.
  bool die_before_speaking = false;
  /// Called when that has come, before the end.
  std::function<void()> on_unspoken;
  /// As of its last turn.
  [[nodiscard]] const broker::Engine::Counts& counts() const { return counts_; }
  [[nodiscard]] broker::Engine* engine() { return engine_.get(); }
  std::uint64_t restores = 0;
  std::function<void()> after_start;
  std::function<void()> after_turn;  ///< committed, and not yet said

 protected:
  void open() override;
  void close() noexcept override;
  void started() override;
  void ended() override;
  void stopping() override;
  std::optional<Duration> take_turn() override;

 private:
  void perform(broker::Turn turn);
  std::unique_ptr<store::Database> database();

  Network& network_;
  LetterWatch& letters_;
  Entropy& entropy_;
  broker::EngineConfig config_;
  crypto::CurvePair curve_;
  std::vector<crypto::Ed25519Key> log_keys_;  ///< in the order in which they were made
  std::set<crypto::WitnessKey> replaced_;
  std::optional<certs::Authority> authority_;
  std::unique_ptr<broker::Engine> engine_;
  std::map<ConnectionId, ConnectionRef> connections_;
  std::set<CurveKey> admitted_;
  broker::Engine::Counts counts_;
  std::optional<std::vector<std::uint8_t>> backup_;
  Moment backed_up_at_{};
  std::uint64_t backups_ = 0;
};

}  // namespace liaison::simulation
