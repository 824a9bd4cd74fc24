#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "dice.h"
#include "world.h"

namespace liaison::simulation {

/// All that may go wrong, each with its name in the table of counts. All of them are on in every
/// run; which strike, where and when, is the seed's.
class Faults {
 public:
  Faults(World& world, Dice dice);
  /// One of them strikes now.
  void strike();
  /// One of them strikes when a letter is next on the wire, one of whose parties it may well be;
  /// after a while in any case.
  void strike_in_traffic();
  /// None strikes any more; what still fails is put right (but for revocations).
  void heal(const std::set<NodeIndex>& but_not);
  /// Counts a fault that the simulation caused elsewhere.
  void count(const std::string& name, const NodeMachine* node);

 private:
  struct Fault {
    std::string name;
    std::uint64_t weight;
    std::function<bool()> strike;  ///< whether it did
  };
  void machine_faults(const std::string& who, std::uint64_t weight,
                      const std::function<Machine*()>& choose);
  void broker_faults();
  void node_faults();
  void network_faults();
  void exchange_faults();
  /// Does it when a letter is next on the wire that way, or after so many tenths of a second.
  void in_traffic(Way way, int patience, std::function<void()> act);
  /// The sender or the recipient of a letter that is on the wire that way, if there is one.
  NodeMachine* party_on_the_way(Way way);
  NodeMachine* any_node();
  NodeMachine* any_node_up();
  void jump_clock(Machine& machine);
  bool restore(Machine& machine);
  bool revoke();
  void repeat_revocations();
  void repeat_key_change();
  void revoke(NodeMachine& node, Duration as_of);
  void acted(NodeMachine& node);
  bool roll_back();
  bool deliver_of_revoked(NodeMachine& revoked);
  bool squeeze_mailbox();
  [[nodiscard]] LetterWatch::Counts letters_of(const Machine& machine);

  World& world_;
  Dice dice_;
  std::vector<Fault> all_;
  std::uint64_t weights_ = 0;
  bool may_revoke_;
  std::optional<Duration> revokes_who_acts_;  ///< as of so long before
  std::optional<NodeIndex> likely_;           ///< whom the present fault had best strike
  bool healed_ = false;
};

}  // namespace liaison::simulation
