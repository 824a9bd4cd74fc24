#include <fmt/format.h>

#include <utility>

#include "checks/checks.h"
#include "faults.h"
#include "trace.h"

namespace liaison::simulation {

void Faults::network_faults() {
  const auto add = [&](const std::string& name, std::uint64_t weight,
                       std::function<bool(NodeIndex)> act) {
    all_.push_back({name, weight, [this, name, act = std::move(act)] {
                      auto& node = *any_node();
                      const auto letters = letters_of(node);
                      if (!act(node.index())) return false;
                      world_.counters.strike(name, letters);
                      return true;
                    }});
  };
  auto& network = world_.network;
  const auto linked = [&network](NodeIndex node) { return network.connection(node) != nullptr; };
  add("link cut", 10, [&network, linked](NodeIndex node) {
    if (!linked(node)) return false;
    network.cut(node);
    return true;
  });
  add("link one way, to the broker lost", 4, [&network, linked](NodeIndex node) {
    if (!linked(node)) return false;
    network.cut_one_way(node, Way::to_broker);
    return true;
  });
  add("link one way, to the node lost", 4, [&network, linked](NodeIndex node) {
    if (!linked(node)) return false;
    network.cut_one_way(node, Way::to_node);
    return true;
  });
  add("frames delayed", 6, [this, &network, linked](NodeIndex node) {
    if (!linked(node)) return false;
    network.stall(node, dice_.chance(500) ? Way::to_broker : Way::to_node,
                  Duration(dice_.between(1, 40'000)));
    return true;
  });
  add("link slow", 3, [this, &network](NodeIndex node) {
    network.slow(node, Duration(dice_.between(50, 5000)));
    world_.timeline.after(Duration(dice_.between(1000, 120'000)),
                          [&network, node] { network.slow(node, std::chrono::milliseconds(20)); });
    return true;
  });
  add("partition", 5, [this, &network](NodeIndex node) {
    network.part(node);
    world_.timeline.after(Duration(dice_.between(1000, 300'000)),
                          [&network, node] { network.join(node); });
    return true;
  });
  add("link flaps", 4, [this, &network](NodeIndex node) {
    for (int times = 0; times < 6; ++times) {
      world_.timeline.after(Duration(dice_.between(0, 4000)),
                            [&network, node] { network.cut(node); });
    }
    return true;
  });
  add("frames repeated", 3, [this, &network](NodeIndex) {
    network.repeat_one_in(static_cast<std::uint64_t>(dice_.between(1, 6)));
    world_.timeline.after(Duration(dice_.between(1000, 30'000)),
                          [&network] { network.repeat_one_in(0); });
    return true;
  });
  add("frame replayed to the broker", 4,
      [&network](NodeIndex node) { return network.replay(node, Way::to_broker); });
  add("frame replayed to the node", 4,
      [&network](NodeIndex node) { return network.replay(node, Way::to_node); });
}

void Faults::exchange_faults() {
  all_.push_back({"node revoked", 6, [this] { return revoke(); }});
  all_.push_back({"logs' key changed", 3, [this] {
                    if (!world_.broker->up() || !world_.broker->change_log_key()) return false;
                    count("logs' key changed", nullptr);
                    return true;
                  }});
  all_.push_back({"mailbox all but full", 4, [this] { return squeeze_mailbox(); }});
  all_.push_back({"hostile", 10, [this] {
                    bool did = false;
                    for (int times = 0; times < 3; ++times) {
                      const auto letters = letters_of(*world_.broker);
                      const auto name = world_.intruder->attack();
                      if (name.empty()) continue;
                      trace(name);
                      world_.counters.strike(name, letters);
                      did = true;
                    }
                    return did;
                  }});
  all_.push_back({"every clock jumps together", 2, [this] {
                    count("every clock jumps together", nullptr);
                    const auto by = Duration(dice_.between(3'600'000, 60 * 86'400'000LL));
                    std::vector<Machine*> all{world_.broker.get()};
                    for (auto& node : world_.nodes)
                      all.push_back(node.get());
                    for (auto* machine : all) {
                      machine->clock.jump(by, world_.timeline.now());
                      machine->clock_changed();
                    }
                    world_.timeline.after(Duration(dice_.between(60'000, 20 * 3'600'000)),
                                          [this, all] {
                                            for (auto* machine : all) {
                                              machine->clock.correct(world_.timeline.now());
                                              machine->clock_changed();
                                            }
                                          });
                    return true;
                  }});
  all_.push_back({"list of revocations rolled back", 3, [this] { return roll_back(); }});
  all_.push_back({"certificate shown and not logged", 4, [this] {
                    auto* node = any_node_up();
                    auto* named = any_node_up();
                    if (node == nullptr || named == nullptr || node->revoked) return false;
                    if (!world_.forger->show(*node, *named)) return false;
                    count("certificate shown and not logged", node);
                    return true;
                  }});
  all_.push_back({"receipt forged by a broker", 4, [this] {
                    auto* node = any_node_up();
                    if (node == nullptr || node->revoked) return false;
                    if (!world_.intruder->forge_receipt(*node)) return false;
                    count("receipt forged by a broker", node);
                    world_.timeline.after(std::chrono::seconds(6), [this, node] {
                      if (node->up()) checks::nothing_is_lost(world_, *node);
                    });
                    return true;
                  }});
  all_.push_back({"back up", 14, [this] {
                    // No fault: what a restore may later come from.
                    if (dice_.chance(400)) return world_.broker->back_up();
                    auto* node = any_node_up();
                    return node != nullptr && node->back_up();
                  }});
}

bool Faults::revoke() {
  // At most one, and not in every run: what is between the others is to be looked at too.
  if (!may_revoke_ || !world_.broker->up()) return false;
  may_revoke_ = false;
  const auto as_of = dice_.chance(450) ? Duration(dice_.between(1000, 7'200'000)) : Duration{};
  if (dice_.chance(350)) {
    revokes_who_acts_ = as_of;
    return true;
  }
  const auto way = dice_.chance(700) ? Way::to_broker : Way::to_node;
  in_traffic(way, 50, [this, way, as_of] {
    auto* party = party_on_the_way(way);
    revoke(party != nullptr ? *party : *any_node(), as_of);
  });
  return true;
}

/// What a person has just said is not sealed yet: whoever is to be shut out then, is now.
void Faults::acted(NodeMachine& node) {
  if (healed_ || !revokes_who_acts_) return;
  world_.timeline.after(Duration{}, [this, &node, as_of = *std::exchange(revokes_who_acts_, {})] {
    if (!healed_) revoke(node, as_of);
  });
}

void Faults::revoke(NodeMachine& node, Duration as_of) {
  const auto letters = letters_of(node);
  const auto believed_until = world_.broker->now().wall - as_of;
  if (!world_.broker->revoke(node.id(), "left the exchange", as_of)) {
    // Its disk failed meanwhile: it may be done or not. An administrator sees to it that it is, and
    // looks in now and then where it is down for weeks.
    const auto again = world_.broker->up() ? std::chrono::seconds(3) : std::chrono::seconds(600);
    world_.timeline.after(again, [this, &node, as_of] { revoke(node, as_of); });
    return;
  }
  node.revoked = true;
  world_.ledger.revoked.emplace(node.id(), world_.timeline.now());
  world_.ledger.believed_until.emplace(node.id(), believed_until);
  world_.counters.strike(as_of > Duration{} ? "node revoked as of before" : "node revoked",
                         letters);
  // Now is when it pays to pretend that it had not happened.
  for (int times = 0; times < 3; ++times) {
    world_.timeline.after(Duration(dice_.between(100, 120'000)), [this, &node] {
      in_traffic(dice_.chance(500) ? Way::to_broker : Way::to_node, 50,
                 [this, &node] { deliver_of_revoked(node); });
    });
  }
  world_.timeline.after(Duration(dice_.between(1000, 600'000)), [this] {
    if (!healed_ && world_.intruder->publish_old_list())
      count("hostile: old list of revocations", nullptr);
  });
  world_.timeline.after(Duration(dice_.between(1000, 600'000)), [this] { roll_back(); });
}

bool Faults::roll_back() {
  auto* node = any_node_up();
  if (healed_ || node == nullptr || !world_.intruder->roll_back(*node)) return false;
  count("list of revocations rolled back", node);
  return true;
}

bool Faults::deliver_of_revoked(NodeMachine& revoked) {
  if (healed_) return false;
  checks::revoked_stays_out(world_);
  if (!world_.intruder->deliver_of_revoked(revoked)) return false;
  count("letter of a revoked node delivered by a broker", nullptr);
  return true;
}

bool Faults::squeeze_mailbox() {
  auto& node = *any_node();
  const auto letters = letters_of(node);
  const bool done = world_.broker->admin(
      fmt::format(R"({{"command":"quota-set","node":"{}","quota":{{"mailbox_letters":{}}}}})",
                  node.id().text(), dice_.between(1, 4)));
  if (!done) return false;
  world_.counters.strike("mailbox all but full", letters);
  world_.timeline.after(Duration(dice_.between(1000, 300'000)), [this, &node] {
    world_.broker->admin(
        fmt::format(R"({{"command":"quota-set","node":"{}","quota":null}})", node.id().text()));
  });
  return true;
}

}  // namespace liaison::simulation
