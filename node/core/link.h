#pragma once

#include <string>

#include "node/core/link_state.h"
#include "wire/frame.h"

namespace liaison::node {

/// What a hello says of this node, from what it keeps.
struct HelloFacts {
  NodeId node;
  std::uint64_t incarnation = 0;
  std::uint64_t epoch = 0;
  std::uint64_t registry_size = 0;
  std::string software;
};

/// What became of a welcome.
struct WelcomeDecision {
  bool usable = false;         ///< false: it was not expected; nothing changes
  bool epoch_changed = false;  ///< the broker was restored: submit anew all without a receipt
  bool incarnation_changed = false;
  friend bool operator==(const WelcomeDecision&, const WelcomeDecision&) = default;
};

/// One connection after the other with the broker: who may speak, and how many letters this node
/// has said it can take. Pure.
class Link {
 public:
  Link(std::uint32_t credit_letters, std::uint64_t credit_bytes)
      : credit_letters_max_(credit_letters), credit_bytes_max_(credit_bytes) {}

  [[nodiscard]] LinkState state() const { return state_; }
  [[nodiscard]] bool is_ready() const { return state_ == LinkState::ready; }
  /// Whether nothing goes until the broker has said something.
  [[nodiscard]] bool awaits_answer() const {
    return state_ == LinkState::hello_sent || state_ == LinkState::renew_only;
  }
  [[nodiscard]] const wire::Welcome& welcome() const { return welcome_; }
  [[nodiscard]] const std::string& text() const { return text_; }
  /// After hanging up: whether to dial again.
  [[nodiscard]] bool redials() const {
    return state_ != LinkState::replaced && state_ != LinkState::revoked;
  }

  wire::Hello connected(const HelloFacts& facts, Instant clock);
  void disconnected();
  WelcomeDecision welcomed(const wire::Welcome& welcome, const HelloFacts& facts);
  /// The broker ends it. Returns whether to hang up now.
  bool said_goodbye(const wire::Goodbye& goodbye);

  /// A delivery came: it uses up credit. False: it is more than was granted, or comes after such a
  /// one on this connection, which is to be ended; nothing of it is to be kept.
  [[nodiscard]] bool delivered(std::uint64_t bytes);
  /// A delivery was dealt with (or held): the broker may send as much again.
  void dealt_with(std::uint64_t bytes);
  /// What to grant now; letters 0 if it is not yet worth a frame.
  wire::Credit take_grant();

 private:
  LinkState state_ = LinkState::disconnected;
  wire::Welcome welcome_;
  std::string text_;
  std::uint32_t credit_letters_max_;
  std::uint64_t credit_bytes_max_;
  std::uint64_t granted_letters_ = 0;
  std::uint64_t granted_bytes_ = 0;
  std::uint64_t to_grant_letters_ = 0;
  std::uint64_t to_grant_bytes_ = 0;
  bool is_overdrawn_ = false;
};

}  // namespace liaison::node
