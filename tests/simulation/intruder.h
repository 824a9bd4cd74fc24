#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "certs/invitation.h"
#include "crypto/certificate.h"
#include "crypto/key_vault.h"
#include "dice.h"
#include "network.h"
#include "wire/letter.h"

namespace liaison::simulation {

struct World;

class NodeMachine;

/// An admitted node gone bad: it may say anything under its own name, and tries what it may not.
class Intruder {
 public:
  Intruder(World& world, NodeIndex index, Dice dice);
  void join();
  [[nodiscard]] std::optional<CurveKey> dials() const;
  void connected(const ConnectionRef& connection);
  void frame(ByteView frame);
  void closed();
  /// One attack; its name, or empty if it has no connection.
  std::string attack();
  /// Offers the exchange the first list of revocations as if it were a new one.
  bool publish_old_list();
  // With a broker gone bad as well, which puts frames of its own on a node's connection:
  /// What a revoked node has under way, as if the exchange still carried it.
  bool deliver_of_revoked(NodeMachine& revoked);
  /// An old list of revocations as the registry's next entry.
  bool roll_back(NodeMachine& node);
  /// A receipt for what another node has not stored, in that node's name.
  bool forge_receipt(NodeMachine& node);

 private:
  void say(const wire::Frame& frame);
  void say(Bytes frame);
  void learn(const wire::Entries& entries);
  Bytes sensible_frame();
  /// A letter to an honest node with this content, sealed as it should be but for what `spoil`
  /// does.
  bool send_letter(wire::Content content, const std::string& spoil);
  [[nodiscard]] Instant wall() const;
  wire::SignedEvent forged_event(const NodeId& author);
  NodeId victim();

  World& world_;
  NodeIndex index_;
  Dice dice_;
  NodeId id_;
  crypto::KeyVault vault_;
  std::optional<crypto::PrivateKey> signing_;
  std::optional<crypto::Certificate> certificate_;
  std::optional<CurveKey> curve_;
  ConnectionRef connection_;
  std::map<Fingerprint, crypto::Certificate> signers_;
  std::map<NodeId, crypto::Certificate> sealing_;
  std::uint64_t known_ = 0;
  std::optional<wire::RegistryEntry> first_list_;
  bool gives_credit_;
};

}  // namespace liaison::simulation
