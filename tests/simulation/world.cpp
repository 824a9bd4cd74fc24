#include "world.h"

#include <fmt/format.h>

#include "checks/checks.h"
#include "crypto/random.h"
#include "store/testing/faulty_disk.h"
#include "trace.h"

namespace liaison::simulation {
namespace {

NodeId name_of_node(std::size_t index, std::size_t offices) {
  const auto text = index < offices ? fmt::format("office-{}", index + 1)
                                    : fmt::format("provider-{}", index + 1 - offices);
  return *NodeId::parse(text);
}

}  // namespace

World::World(const Plan& asked)
    : plan(asked),
      dice(plan.seed),
      entropy(dice.next()),
      network(timeline, letters, dice.split(), plan.nodes + 1),
      offices(plan.nodes >= 7 ? 3 : 2) {
  trace_begin(&timeline);
  crypto::use_entropy(&entropy);
  store::testing::seed_sqlite(static_cast<std::uint32_t>(dice.next()) | 1U);
  broker = std::make_unique<BrokerMachine>(timeline, network, letters, entropy, dice.next());
  for (std::size_t index = 0; index < plan.nodes; ++index) {
    nodes.push_back(
        std::make_unique<NodeMachine>(index, name_of_node(index, offices),
                                      is_office(index) ? NodeRole::adviser : NodeRole::provider,
                                      timeline, network, entropy, dice.next()));
  }
  intruder = std::make_unique<Intruder>(*this, nodes.size(), dice.split());
  forger = std::make_unique<Forger>(*this, dice.split());
}

World::~World() {
  crypto::use_entropy(nullptr);
}

NodeMachine* World::node(const NodeId& id) {
  for (auto& each : nodes) {
    if (each->id() == id) return each.get();
  }
  return nullptr;
}

void World::rejoin(NodeMachine& node) {
  trace("joins again", node);
  node.stop();
  invite(node, broker::InviteOrder::Kind::rejoin);
  node.start();
}

void World::invite(NodeMachine& node, broker::InviteOrder::Kind kind) {
  broker::InviteOrder order;
  order.enrolment.node = node.id();
  order.enrolment.organisation = node.name() + " (invented)";
  order.enrolment.role = node.role();
  order.kind = kind;
  node.join(broker->invite(order),
            [this](ByteView request, const CurveKey& peer) { return broker->join(request, peer); });
}

void World::found() {
  broker->found();
  broker->start();
  for (auto& node : nodes) {
    invite(*node, broker::InviteOrder::Kind::join);
    node->start();
  }
  intruder->join();
}

}  // namespace liaison::simulation
