#include "faults.h"

#include <fmt/format.h>

#include "trace.h"

namespace liaison::simulation {
namespace {

/// When a restored broker has long heard what its nodes know.
constexpr Duration repeated_after = std::chrono::minutes(30);

const NodeMachine* as_node(const Machine& machine) {
  return dynamic_cast<const NodeMachine*>(&machine);
}

}  // namespace

Faults::Faults(World& world, Dice dice)
    : world_(world), dice_(dice), may_revoke_(dice_.chance(700)) {
  for (auto& node : world_.nodes)
    node->after_act = [this](NodeMachine& who) { acted(who); };
  broker_faults();
  node_faults();
  network_faults();
  exchange_faults();
  for (auto& fault : all_) {
    fault.weight *= static_cast<std::uint64_t>(dice_.between(1, 4));
    weights_ += fault.weight;
  }
}

void Faults::strike() {
  // Some cannot strike now (no backup yet, nobody up): others do then.
  for (int tries = 0; tries < 5; ++tries) {
    auto at = dice_.below(weights_);
    for (auto& fault : all_) {
      if (at < fault.weight) {
        trace(fault.name);
        if (fault.strike()) return;
        break;
      }
      at -= fault.weight;
    }
  }
}

void Faults::strike_in_traffic() {
  const auto way = dice_.chance(500) ? Way::to_broker : Way::to_node;
  in_traffic(way, 200, [this, way] {
    if (const auto* node = party_on_the_way(way)) likely_ = node->index();
    strike();
    likely_.reset();
  });
}

NodeMachine* Faults::party_on_the_way(Way way) {
  const auto letter = world_.letters.on_the_way(way);
  if (!letter) return nullptr;
  return world_.node(dice_.chance(500) ? world_.letters.sender_of(*letter)
                                       : world_.letters.recipient_of(*letter));
}

void Faults::in_traffic(Way way, int patience, std::function<void()> act) {
  if (healed_) return;
  if (world_.letters.on_the_way(way) || patience == 0) return act();
  world_.timeline.after(std::chrono::milliseconds(100),
                        [this, way, patience, act = std::move(act)]() mutable {
                          in_traffic(way, patience - 1, std::move(act));
                        });
}

void Faults::count(const std::string& name, const NodeMachine* node) {
  if (healed_) return;
  world_.counters.strike(name, node != nullptr ? letters_of(*node) : letters_of(*world_.broker));
}

LetterWatch::Counts Faults::letters_of(const Machine& machine) {
  // Rows that still wait, and those not yet sealed, as the nodes that are up have them.
  std::unordered_set<LetterId> open;
  std::set<NodeId> readable;
  std::uint64_t queued = 0;
  const auto* of = as_node(machine);
  for (auto& node : world_.nodes) {
    node->use([&](node::Engine& engine, Now) {
      readable.insert(node->id());
      auto rows_open =
          engine.database().prepare("SELECT letter, recipient FROM outbox WHERE ended_at IS NULL");
      for (auto rows = rows_open.query(); rows.next();) {
        if (!rows.is_null(0)) {
          open.insert(rows.id<LetterId>(0));
        } else if (of == nullptr || of == node.get() || rows.text(1) == of->id().text()) {
          ++queued;
        }
      }
    });
  }
  auto counts =
      world_.letters.counts(of == nullptr ? std::optional<NodeId>() : of->id(),
                            [&](const NodeId& sender, const LetterId& letter) {
                              return readable.count(sender) == 0 || open.count(letter) != 0;
                            });
  counts[static_cast<std::size_t>(LetterState::queued)] = queued;
  return counts;
}

NodeMachine* Faults::any_node() {
  if (likely_) return &world_.node(*likely_);
  return world_.nodes[dice_.below(world_.nodes.size())].get();
}

NodeMachine* Faults::any_node_up() {
  auto* node = any_node();
  return node->up() ? node : nullptr;
}

void Faults::jump_clock(Machine& machine) {
  // Mostly by minutes; now and then by days, as a flat battery or a wrong hand sets it.
  const std::int64_t most_ms[] = {120'000, 7'200'000, 2 * 86'400'000LL, 40 * 86'400'000LL};
  const auto most = most_ms[dice_.below(4)];
  machine.clock.jump(Duration(dice_.between(-most, most)), world_.timeline.now());
  machine.clock_changed();
  // Its time service finds out before a day is over.
  world_.timeline.after(Duration(dice_.between(1000, 20 * 3'600'000)), [this, &machine] {
    machine.clock.correct(world_.timeline.now());
    machine.clock_changed();
  });
}

void Faults::machine_faults(const std::string& who, std::uint64_t weight,
                            const std::function<Machine*()>& choose) {
  const auto add = [&](const std::string& name, std::uint64_t times,
                       std::function<bool(Machine&)> act) {
    const auto full = who + " " + name;
    all_.push_back({full, weight * times, [this, full, choose, act = std::move(act)] {
                      auto* machine = choose();
                      if (machine == nullptr) return false;
                      const auto letters = letters_of(*machine);
                      if (!act(*machine)) return false;
                      world_.counters.strike(full, letters);
                      return true;
                    }});
  };
  add("killed", 3, [](Machine& machine) {
    if (!machine.up()) return false;
    machine.kill();
    return true;
  });
  add("loses power", 3, [](Machine& machine) {
    if (!machine.up()) return false;
    machine.lose_power();
    return true;
  });
  add("disk stops within an operation", 4, [this](Machine& machine) {
    if (!machine.up()) return false;
    machine.disk_may_fail = true;
    machine.disk.crash_at(static_cast<std::uint64_t>(dice_.between(1, 40)));
    return true;
  });
  add("write fails", 1, [](Machine& machine) {
    if (!machine.up()) return false;
    machine.disk_may_fail = true;
    machine.disk.fail_next_write();
    return true;
  });
  add("sync fails once", 2, [](Machine& machine) {
    if (!machine.up()) return false;
    machine.disk_may_fail = true;
    machine.disk.fail_next_sync();
    return true;
  });
  add("disk full for a while", 1, [this](Machine& machine) {
    machine.disk_may_fail = true;
    machine.disk.set_capacity(machine.disk.bytes_used() +
                              static_cast<std::uint64_t>(dice_.between(0, 60'000)));
    machine.disk_is_full = true;
    world_.timeline.after(Duration(dice_.between(500, 60'000)), [&machine] {
      machine.disk.set_capacity(std::nullopt);
      machine.disk_is_full = false;
    });
    return true;
  });
  add("stopped and started", 2, [](Machine& machine) {
    if (!machine.up()) return false;
    machine.stop();
    return true;
  });
  add("clock jumps", 2, [this](Machine& machine) {
    jump_clock(machine);
    return true;
  });
  add("clock drifts", 1, [this](Machine& machine) {
    machine.clock.drift(dice_.between(-2000, 2000), world_.timeline.now());
    return true;
  });
  add("away", 1, [this](Machine& machine) {
    const auto long_time = as_node(machine) != nullptr && dice_.chance(300);
    const auto away = Duration(long_time ? dice_.between(3'600'000, 33 * 86'400'000LL)
                                         : dice_.between(5'000, 600'000));
    machine.away_until = world_.timeline.now() + away;
    machine.stop();
    world_.timeline.after(away + Duration(1), [&machine] { machine.start(); });
    return true;
  });
  add("restored from a backup", 2, [this](Machine& machine) { return restore(machine); });
}

bool Faults::restore(Machine& machine) {
  if (auto* broker = dynamic_cast<BrokerMachine*>(&machine)) {
    if (!broker->has_backup()) return false;
    broker->lose_disk();
    for (const auto& [node, since] : world_.ledger.revoked) {
      if (since > broker->backed_up_at()) world_.ledger.revocation_forgotten = true;
    }
    return true;
  }
  auto& node = dynamic_cast<NodeMachine&>(machine);
  if (!node.has_backup()) return false;
  node.lose_disk();
  return true;
}

void Faults::broker_faults() {
  machine_faults("broker", 3, [this] { return world_.broker.get(); });
  all_.push_back({"broker dies between commit and send", 9, [this] {
                    if (!world_.broker->up()) return false;
                    world_.broker->die_before_speaking = true;
                    world_.broker->on_unspoken = [this] {
                      count("broker dies between commit and send", nullptr);
                    };
                    return true;
                  }});
}

void Faults::node_faults() {
  machine_faults("node", 4, [this]() -> Machine* { return any_node(); });
  all_.push_back({"node dies between commit and send", 12, [this] {
                    auto* node = any_node_up();
                    if (node == nullptr) return false;
                    node->die_before_speaking = true;
                    node->on_unspoken = [this, node] {
                      count("node dies between commit and send", node);
                    };
                    return true;
                  }});
}

void Faults::heal(const std::set<NodeIndex>& but_not) {
  healed_ = true;
  const auto repair = [this](Machine& machine) {
    machine.disk.set_capacity(std::nullopt);
    machine.disk_is_full = false;
    machine.disk.fail_next_sync(0);
    machine.disk.fail_next_write(0);
    machine.clock.correct(world_.timeline.now());
    machine.away_until.reset();
    if (machine.up()) {
      machine.clock_changed();
    } else {
      machine.start();
    }
  };
  world_.broker->die_before_speaking = false;
  repair(*world_.broker);
  world_.network.heal();
  for (auto& node : world_.nodes) {
    node->die_before_speaking = false;
    if (but_not.count(node->index()) != 0) {
      node->away_until = world_.timeline.now() + std::chrono::hours(24 * 365);
      if (node->up()) node->stop();
    } else {
      repair(*node);
    }
  }
  // Of all: a broker that was restored has the quota of its backup again.
  for (auto& node : world_.nodes) {
    world_.broker->admin(
        fmt::format(R"({{"command":"quota-set","node":"{}","quota":null}})", node->id().text()));
  }
  world_.timeline.after(repeated_after, [this] { repeat_key_change(); });
  if (world_.ledger.revocation_forgotten)
    world_.timeline.after(repeated_after, [this] { repeat_revocations(); });
}

/// What an operator does after a restore (docs/OPERATING.md): nodes say that the key of the backup
/// had been replaced.
void Faults::repeat_key_change() {
  if (world_.broker->up() && world_.broker->signs_by_replaced_key())
    world_.broker->change_log_key();
}

/// What an operator does after a restore (docs/OPERATING.md): a revocation that had reached nobody
/// when the disk was lost comes back from nobody.
void Faults::repeat_revocations() {
  for (const auto& [node, since] : world_.ledger.revoked)
    if (!world_.broker->shows_revoked(node))
      world_.broker->revoke(node, "left the exchange",
                            world_.broker->now().wall - world_.ledger.believed_until.at(node));
}

}  // namespace liaison::simulation
