#pragma once

#include <memory>
#include <string>
#include <vector>

#include "broker_machine.h"
#include "counters.h"
#include "dice.h"
#include "forger.h"
#include "intruder.h"
#include "ledger.h"
#include "letter_watch.h"
#include "network.h"
#include "node_machine.h"
#include "timeline.h"

namespace liaison::simulation {

/// What a run is asked for.
struct Plan {
  std::uint64_t seed = 1;
  std::size_t nodes = 6;  ///< honest ones; one more, gone bad, joins them
  std::uint64_t referrals = 100;
};

/// One exchange, simulated: a broker, its nodes, what lies between them, and the one who watches.
struct World {
  explicit World(const Plan& asked);
  ~World();

  /// Founds the exchange and has every node join and publish.
  void found();
  /// A node whose signing key is lost joins again, where it is.
  void rejoin(NodeMachine& node);
  [[nodiscard]] NodeMachine& node(NodeIndex index) { return *nodes[index]; }
  [[nodiscard]] NodeMachine* node(const NodeId& id);
  [[nodiscard]] bool is_office(NodeIndex index) const { return index < offices; }

  Plan plan;
  Dice dice;
  SeededEntropy entropy;
  Timeline timeline;
  LetterWatch letters;
  Ledger ledger;
  Counters counters;
  Network network;
  std::size_t offices;
  std::unique_ptr<BrokerMachine> broker;
  std::vector<std::unique_ptr<NodeMachine>> nodes;
  std::unique_ptr<Intruder> intruder;
  std::unique_ptr<Forger> forger;

 private:
  void invite(NodeMachine& node, broker::InviteOrder::Kind kind);
};

}  // namespace liaison::simulation
