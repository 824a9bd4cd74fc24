#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "certs/invitation.h"
#include "crypto/key_vault.h"
#include "machine.h"
#include "network.h"
#include "node/shell/engine.h"

namespace liaison::simulation {

/// A node's computer.
class NodeMachine final : public Machine {
 public:
  NodeMachine(NodeIndex index, NodeId id, NodeRole role, Timeline& timeline, Network& network,
              Entropy& entropy, std::uint64_t disk_seed);
  ~NodeMachine() override;

  /// A machine that already joined: what `vault` and the store on its disk say.
  [[nodiscard]] bool up() const override { return engine_ != nullptr; }
  [[nodiscard]] NodeIndex index() const { return index_; }
  [[nodiscard]] const NodeId& id() const { return id_; }
  [[nodiscard]] NodeRole role() const { return role_; }
  [[nodiscard]] bool is_office() const { return role_ == NodeRole::adviser; }

  /// Joins with an invitation: `ask` carries the request to the broker and its answer back.
  void join(const certs::Invitation& invitation,
            const std::function<std::optional<Bytes>(ByteView, const CurveKey&)>& ask);

  std::optional<CurveKey> dials() const;
  void connected(const ConnectionRef& connection);
  void frame(const ConnectionRef& connection, ByteView frame);
  void closed(const ConnectionRef& connection);

  /// Something a person or a checker does with the engine. False: it is down, or its disk failed
  /// meanwhile (then what was done may be undone).
  template <class Work>
  bool use(Work work) {
    return guarded([&] { work(*engine_, now()); });
  }
  /// What a person does; told as done after the next turn.
  using Act = std::function<Result<std::vector<wire::Event>>(node::Engine&, Now)>;
  std::optional<Error> act(const Act& act);

  bool back_up();
  [[nodiscard]] bool has_backup() const { return backup_.has_value(); }
  [[nodiscard]] Moment backed_up_at() const { return backed_up_at_; }
  void lose_disk();

  bool die_before_speaking = false;
  std::function<void()> on_unspoken;
  bool revoked = false;  ///< the broker has published it
  bool lied_to = false;  ///< of the registry, by a broker gone bad
  std::uint64_t restores = 0;
  Moment restored_at{};

  /// After every turn that was committed: what people were told, and which cases changed.
  std::function<void(NodeMachine&, const std::vector<wire::Event>&, const std::vector<CaseId>&)>
      after_turn;
  /// After what a person did, before the turn that seals what it queued.
  std::function<void(NodeMachine&)> after_act;
  std::function<void(NodeMachine&)> after_start;
  std::function<void(NodeMachine&)> after_restore;
  std::function<void(const std::vector<Bytes>&)> unspoken;

 protected:
  void open() override;
  void close() noexcept override;
  void started() override;
  void ended() override;
  void stopping() override;
  std::optional<Duration> take_turn() override;

 private:
  void perform(node::Turn turn);
  std::unique_ptr<store::Database> database();

  NodeIndex index_;
  NodeId id_;
  NodeRole role_;
  Network& network_;
  Entropy& entropy_;
  std::optional<std::uint32_t> credit_letters_;  ///< that it gives; else as nodes do
  crypto::KeyVault vault_;
  std::unique_ptr<node::Engine> engine_;
  ConnectionRef connection_;
  bool redial_ = true;
  std::vector<wire::Event> untold_;
  struct Backup {
    std::vector<std::uint8_t> store;
    crypto::KeyVault vault;
  };
  std::optional<Backup> backup_;
  Moment backed_up_at_{};
  std::uint64_t backups_ = 0;
};

}  // namespace liaison::simulation
