#pragma once

#include <string>

#include "casework/actor.h"
#include "casework/commands.h"
#include "dice.h"
#include "node_machine.h"

namespace liaison::simulation {

struct World;

/// The people of all organisations: what they do at their desks, in no order anyone planned.
class People {
 public:
  People(World& world, Dice dice) : world_(world), dice_(dice) {}

  /// One person sits down somewhere and does a few things at once.
  void act();
  /// A withdrawal at the office and an acceptance (or completion) at the provider in one moment.
  void race();
  /// What administrators and advisers do about what they are shown: letters set aside are tried
  /// again, what ended undelivered is sent again, and who will never answer is not waited for.
  void put_right(NodeMachine& node);
  /// Every provider publishes its services.
  void publish(NodeMachine& node);

 private:
  struct Place {
    CaseId case_id;
    ReferralId referral;
  };
  void at_office(NodeMachine& node);
  void at_provider(NodeMachine& node);
  void add_client(NodeMachine& node);
  void refer(NodeMachine& node, const CaseId& id);
  void on_referral_at_office(NodeMachine& node, const Place& place);
  void on_referral_at_provider(NodeMachine& node, const Place& place);
  void on_case_at_office(NodeMachine& node, const CaseId& id);
  void manage(NodeMachine& node, const CaseId& id);
  void dispose(NodeMachine& node);
  void confirm_or_propose(NodeMachine& node, const CaseId& id);
  std::vector<Place> open_referrals(NodeMachine& node);
  casework::Actor actor(const NodeMachine& node);

  template <class Command>
  bool decide(NodeMachine& node, const CaseId& id, const Command& command,
              const std::vector<node::NewAttachment>& attachments = {});
  void note(const std::optional<Error>& error);

  World& world_;
  Dice dice_;
  std::uint64_t clients_ = 0;
};

}  // namespace liaison::simulation
