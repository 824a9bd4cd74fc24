#include <fmt/format.h>

#include <algorithm>

#include "desk.h"
#include "planted.h"

namespace liaison::simulation {
namespace {

wire::events::ExitReport exit_report(Dice& dice) {
  wire::events::ExitReport report;
  report.hopes = {{"A quiet way back to work",
                   dice.chance(500) ? wire::events::Hope::achieved : wire::events::Hope::partly}};
  report.outcomes = {{wire::events::OutcomeCode::condition_managed_better, std::nullopt, ""}};
  report.what_was_done = fmt::format("Six meetings with {}", planted_word);
  report.what_next = "Comes back in spring";
  report.client_saw_it = true;
  return report;
}

}  // namespace

void People::publish(NodeMachine& node) {
  for (int number = 1; number <= 2; ++number) {
    const bool contracted = number == 1;
    const auto id = fmt::format("{:08x}-0000-4000-8000-{:012x}", node.index() + 1, number);
    const auto json =
        fmt::format(R"({{"id":"{0}","name":"Service {2} of {1}","status":"active",)"
                    R"("description":"Invented, for the simulation",)"
                    R"("organization":{{"id":"{0}","name":"{1}","description":"Invented"}},)"
                    R"("liaison":{{"needs":["pain"],"kind":"condition management",)"
                    R"("contracted":{3},"reply_time_days":2}}}})",
                    id, node.name(), number, contracted ? "true" : "false");
    node.use([&](node::Engine& engine, Now now) {
      const auto version = engine.publish_listing(id, json, false, now);
      if (!version) throw Violation(0, node.name() + " cannot publish: " + version.error().text);
    });
  }
  node.wake();
}

void People::at_provider(NodeMachine& node) {
  const auto places = open_referrals(node);
  if (places.empty()) return;
  if (dice_.chance(80)) manage(node, dice_.pick(places).case_id);
  if (dice_.chance(30)) dispose(node);
  // One client's referrals together, as a person would; sometimes more of them.
  for (auto clients = dice_.between(1, 3); clients > 0; --clients) {
    const auto chosen = dice_.pick(places).case_id;
    for (const auto& place : places) {
      if (place.case_id == chosen && dice_.chance(800)) on_referral_at_provider(node, place);
    }
  }
}

void People::manage(NodeMachine& node, const CaseId& id) {
  std::vector<EventId> offered;
  node.use([&](node::Engine& engine, Now) {
    const auto view = engine.case_view(id);
    if (!view) return;
    for (const auto& proposal : (*view)->manager_proposals) {
      if (proposal.holder.node == node.id() && !proposal.accepted)
        offered.push_back(proposal.event);
    }
  });
  if (offered.empty()) {
    decide(node, id,
           casework::ProposeManager{{node.id(), "rowan", "Rowan Firth"}, "sees the client weekly"});
  } else if (dice_.chance(700)) {
    decide(node, id, casework::AcceptManager{dice_.pick(offered)});
  } else {
    decide(node, id, casework::DeclineManager{dice_.pick(offered), "no time"});
  }
}

void People::dispose(NodeMachine& node) {
  // Of what has ended: the record's time is over.
  std::vector<CaseId> over;
  node.use([&](node::Engine& engine, Now) {
    for (const auto& [id, summary] : engine.cases()) {
      bool open = summary.referrals.empty();
      for (const auto& referral : summary.referrals) {
        const auto state = casework::parse_referral_state(referral.state);
        open = open || !state || !casework::is_final(*state);
      }
      if (!open) over.push_back(id);
    }
  });
  if (over.empty()) return;
  const auto id = dice_.pick(over);
  auto& notes = world_.ledger.nodes[node.index()];
  bool done = false;
  // If the process ends meanwhile, the next start shows whether it was done (nothing_is_lost).
  notes.disposing.emplace(id, world_.timeline.now());
  if (!node.use([&](node::Engine& engine, Now now) { done = engine.dispose(id, now).has_value(); }))
    return;
  if (done) notes.disposed.insert(*notes.disposing.find(id));
  notes.disposing.erase(id);
  node.wake();
}

void People::on_referral_at_provider(NodeMachine& node, const Place& place) {
  std::vector<std::string> allowed;
  node.use([&](node::Engine& engine, Now now) {
    const auto view = engine.case_view(place.case_id);
    if (!view) return;
    if (const auto* referral = (*view)->referral(place.referral)) {
      allowed = casework::allowed_actions(**view, *referral, node.id());
    }
    if (dice_.chance(300)) static_cast<void>(engine.opened(place.case_id, place.referral, now));
  });
  node.wake();
  if (allowed.empty()) return;
  const auto may = [&](const char* action) {
    return std::find(allowed.begin(), allowed.end(), action) != allowed.end();
  };
  const auto& id = place.case_id;
  const auto& referral = place.referral;
  if (may("withdraw") && dice_.chance(600)) {
    decide(node, id, casework::Withdraw{referral, wire::events::WithdrawnBy::adviser, ""});
  } else if (may("accept") && dice_.chance(450)) {
    casework::Accept accept;
    accept.referral = referral;
    accept.worker_phone = "0113 496 0000";
    accept.meeting = wire::events::Meeting{node.now().wall + std::chrono::hours(72), "Room 2",
                                           "Rowan Firth", ""};
    decide(node, id, accept);
  } else if (may("start") && dice_.chance(700)) {
    decide(node, id, casework::Start{referral, std::nullopt, ""});
  } else if (may("complete") && dice_.chance(500)) {
    decide(node, id, casework::Complete{referral, exit_report(dice_)});
  } else {
    const auto action = dice_.pick(allowed);
    if (action == "acknowledge") {
      decide(node, id, casework::Acknowledge{referral, ""});
    } else if (action == "ask") {
      decide(node, id, casework::Ask{referral, "When could we ring?"});
    } else if (action == "wait") {
      decide(node, id, casework::Wait{referral, std::nullopt, "next group"});
    } else if (action == "worker") {
      decide(node, id,
             casework::NameWorker{referral, {node.id(), "hazel", "Hazel Croft"}, "0113 496 0001"});
    } else if (action == "decline" && dice_.chance(600)) {
      decide(node, id,
             casework::Decline{referral, wire::events::DeclineReason::no_capacity, "", ""});
    } else if (action == "progress") {
      decide(node, id,
             casework::RecordProgress{referral, wire::events::Progress::as_planned, std::nullopt,
                                      wire::events::NotAttended::none, false, "goes well"});
    } else if (action == "pause" && dice_.chance(500)) {
      decide(node, id, casework::Pause{referral, "ill", std::nullopt});
    } else if (action == "resume") {
      decide(node, id, casework::Resume{referral, "back"});
    } else if (action == "end") {
      decide(node, id,
             casework::EndEarly{referral, wire::events::EndReason::client_left, "",
                                exit_report(dice_)});
    } else if (action == "error") {
      decide(node, id, casework::MarkError{referral, ""});
    }
  }
}

}  // namespace liaison::simulation
