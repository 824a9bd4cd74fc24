#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "broker/core/core.h"
#include "broker/shell/cache.h"
#include "broker/shell/engine.h"
#include "broker/shell/store.h"

namespace liaison::broker {

/// Carries decisions out, in the one order there is: writes, commit, then what is said.
class Perform {
 public:
  Perform(Store& store, const Registry& registry, std::size_t cache_bytes_max)
      : store_(store), registry_(registry), cache_(cache_bytes_max) {}

  /// Adds a decision to what the next commit carries.
  void add(Decision&& decision);
  /// Something more for the same transaction.
  void add(std::function<void(Store&)> change) { changes_.push_back(std::move(change)); }
  /// Who makes the proofs that are sent; set once, before any is.
  using Prove = std::function<std::optional<wire::Proofs>(const SendProofs&)>;
  void prove_by(Prove prove) { prove_ = std::move(prove); }
  /// One transaction for all that was added. Throws store::Failure: then nothing is said.
  void commit();
  /// What the commits since the last call let be said.
  Turn say();
  /// What those decisions refused.
  std::vector<Denial> denials() { return std::exchange(denied_, {}); }
  /// Before anybody else uses the store: ends what a deliberate bug holds open.
  void release() {
    if (const auto held = std::exchange(held_, nullptr)) held->commit();
  }
  [[nodiscard]] std::uint64_t commits() const { return commits_; }

 private:
  void say(Send&& send);
  void frame(ConnectionId to, const wire::Frame& frame) {
    ready_.sends.push_back({to, wire::encode(frame)});
  }
  /// As a frame; who follows the registry is mostly told the same as the one before.
  const Bytes& encoded(const SendEntries& entries);
  static bool join(std::vector<Send>& sends, Send& next);

  Store& store_;
  const Registry& registry_;
  LetterCache cache_;
  Prove prove_;
  std::vector<std::vector<Write>>
      writes_;  // one a decision: moving each write would cost more than deciding it
  std::vector<std::function<void(Store&)>> changes_;
  std::vector<Send> sends_;
  std::vector<Send> committed_;
  std::vector<Denial> denials_;
  std::vector<Denial> denied_;
  Turn ready_;
  std::optional<std::pair<SendEntries, Bytes>> told_;  ///< last in this turn, to nobody
  std::uint64_t commits_ = 0;
  bool early_ = false;
  std::unique_ptr<store::Transaction> held_;  ///< by a deliberate bug
};

}  // namespace liaison::broker
