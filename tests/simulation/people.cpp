#include "people.h"

#include <fmt/format.h>

#include <algorithm>

#include "desk.h"
#include "trace.h"

namespace liaison::simulation {

casework::Actor People::actor(const NodeMachine& node) {
  if (node.is_office()) {
    return dice_.chance(150)
               ? casework::Actor{node.id(), "morgan", casework::UserRole::manager, "Morgan Vale"}
               : casework::Actor{node.id(), "ashby", casework::UserRole::adviser, "Ashby Thorne"};
  }
  return {node.id(), "rowan", casework::UserRole::caseworker, "Rowan Firth"};
}

void People::note(const std::optional<Error>& error) {
  ++world_.ledger.acts;
  if (!error) return;
  ++world_.ledger.refused_acts;
  ++world_.ledger.refusals[error->text];
  if (tracing()) trace("refused: " + error->text);
}

std::vector<People::Place> People::open_referrals(NodeMachine& node) {
  std::vector<Place> out;
  node.use([&](node::Engine& engine, Now) {
    for (const auto& [id, summary] : engine.cases()) {
      for (const auto& referral : summary.referrals) {
        const auto state = casework::parse_referral_state(referral.state);
        if (!state || *state == casework::ReferralState::draft) continue;
        // What has ended can be claimed to be an error, rarely; and is looked at again.
        if (casework::is_final(*state) && !dice_.chance(60)) continue;
        out.push_back({id, referral.id});
      }
    }
  });
  return out;
}

void People::act() {
  std::vector<NodeMachine*> there;
  for (auto& node : world_.nodes) {
    if (node->up() && !node->revoked) there.push_back(node.get());
  }
  if (there.empty()) return;
  auto& node = *dice_.pick(there);
  if (node.is_office()) {
    at_office(node);
  } else {
    at_provider(node);
  }
}

void People::race() {
  std::vector<NodeMachine*> providers;
  for (auto& node : world_.nodes) {
    if (node->up() && !node->is_office() && !node->revoked) providers.push_back(node.get());
  }
  if (providers.empty()) return;
  auto& provider = *dice_.pick(providers);
  const auto places = open_referrals(provider);
  if (places.empty()) return;
  const auto place = dice_.pick(places);
  NodeId office;
  auto state = casework::ReferralState::draft;
  provider.use([&](node::Engine& engine, Now) {
    const auto view = engine.case_view(place.case_id);
    if (!view) return;
    office = (*view)->lead_office;
    if (const auto* referral = (*view)->referral(place.referral)) state = referral->state;
  });
  auto* lead = world_.node(office);
  if (lead == nullptr || !lead->up()) return;
  const auto withdraw = [&] {
    decide(*lead, place.case_id,
           casework::Withdraw{place.referral, wire::events::WithdrawnBy::client, "Asked to stop"});
  };
  const auto go_on = [&] {
    if (state == casework::ReferralState::started) {
      wire::events::ExitReport report;
      report.hopes = {{"A quiet way back to work", wire::events::Hope::partly}};
      report.outcomes = {{wire::events::OutcomeCode::volunteering, std::nullopt, ""}};
      report.what_was_done = "Six meetings";
      decide(provider, place.case_id, casework::Complete{place.referral, report});
    } else {
      casework::Accept accept;
      accept.referral = place.referral;
      accept.meeting = wire::events::Meeting{provider.now().wall + std::chrono::hours(48), "Room 2",
                                             "Rowan Firth", ""};
      decide(provider, place.case_id, accept);
    }
  };
  const bool office_first = dice_.chance(500);
  if (office_first) withdraw();
  go_on();
  if (!office_first) withdraw();
}

void People::put_right(NodeMachine& node) {
  bool rejoins = false;
  node.use([&](node::Engine& engine, Now now) {
    bool did = false;
    for (const auto& each : engine.aside()) {
      // Of the one gone bad nothing is wanted.
      if (!each.can_retry || world_.node(each.sender) == nullptr) continue;
      did = engine.retry_aside(each.letter, now).has_value() || did;
    }
    for (const auto& each : engine.undelivered()) {
      const auto* recipient = world_.node(each.step.recipient);
      // Nor is what a provider has disposed of sent to it again.
      const bool again = recipient != nullptr && !recipient->revoked &&
                         world_.ledger.nodes[recipient->index()].disposed.count(each.case_id) == 0;
      const auto what = again ? node::Engine::SeenOrAgain::again : node::Engine::SeenOrAgain::seen;
      did =
          engine.settle_undelivered(each.step.event, each.step.recipient, what, now).has_value() ||
          did;
    }
    for (const auto& awaited : engine.status(now).catching_up_from) {
      const auto* peer = world_.node(awaited);
      if (peer == nullptr || peer->revoked)
        did = engine.override_catch_up(awaited, now).has_value() || did;
    }
    for (const auto& each : engine.peers()) {
      // As the alarm says: ask them, then confirm the key.
      if (each.unproven_key && world_.node(each.node) != nullptr)
        did = engine.confirm_key(each.node, *each.unproven_key, now).has_value() || did;
    }
    for (const auto& alarm : engine.status(now).alarms)
      rejoins = rejoins || alarm.kind == "signing_key_lost";
    if (did) node.wake();
  });
  if (rejoins && world_.broker->up()) world_.rejoin(node);
}

}  // namespace liaison::simulation
