#pragma once

#include <optional>

#include "dice.h"
#include "wire/frame.h"

namespace liaison::simulation {

struct World;

class NodeMachine;

/// The exchange's own operator gone bad, who has the authority's key and wants to read what others
/// write to a node: certificates in its name, of keys that it does not have (docs/PROTOCOL.md,
/// 7.8). All else in them is as it was, so that the node stays connected.
class Forger {
 public:
  Forger(World& world, Dice dice) : world_(world), dice_(dice) {}

  /// Shows some to one node, as the registry's next entries, and logs them nowhere.
  bool show(NodeMachine& to, NodeMachine& in_name_of);
  /// Puts some into the exchange's store, and so into its log, while it does not serve. The
  /// certificate that the node is to contest.
  std::optional<Fingerprint> enter(NodeMachine& in_name_of);

 private:
  struct Forged {
    wire::RegistryEntry signing;
    wire::RegistryEntry sealing;
    Fingerprint certificate;
  };
  std::optional<Forged> forge(NodeMachine& in_name_of);

  World& world_;
  Dice dice_;
};

}  // namespace liaison::simulation
