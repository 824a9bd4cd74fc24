#include <fmt/format.h>

#include <algorithm>

#include "desk.h"
#include "planted.h"

namespace liaison::simulation {
namespace {

wire::Ground agreed() {
  wire::Ground ground;
  ground.basis = wire::Basis::agreed;
  ground.how = "in person";
  ground.purpose = "the referral";
  return ground;
}

/// A document of that many octets, whose content says that it is one.
Bytes document(std::size_t octets, Dice& dice) {
  Bytes out = copy_of(as_bytes(fmt::format("%PDF-1.4\n% {}\n", planted_word)));
  while (out.size() < octets)
    out.push_back(static_cast<std::uint8_t>(dice.next()));
  const auto end = as_bytes("\n%%EOF\n");
  out.insert(out.end(), end.begin(), end.end());
  return out;
}

node::NewAttachment attachment(Dice& dice, std::uint64_t number) {
  // Now and then in more than one part.
  const std::size_t octets = dice.chance(40) ? 500'000 : 300 + dice.below(6000);
  auto bytes = document(octets, dice);
  auto about = node::describe_attachment(fmt::format("letter-{}.pdf", number),
                                         wire::AttachmentKind::pdf, bytes);
  return {std::move(about), std::move(bytes)};
}

}  // namespace

void People::at_office(NodeMachine& node) {
  const bool wants_more = world_.ledger.referrals < world_.plan.referrals;
  if (wants_more && dice_.chance(450)) {
    add_client(node);
    return;
  }
  std::vector<CaseId> cases;
  node.use([&](node::Engine& engine, Now) {
    for (const auto& [id, summary] : engine.cases()) {
      if (summary.lead_office == node.id() && summary.open) cases.push_back(id);
    }
  });
  if (cases.empty()) {
    if (wants_more) add_client(node);
    return;
  }
  if (wants_more && dice_.chance(300)) {
    const auto id = dice_.pick(cases);
    for (auto times = dice_.between(1, 3); times > 0; --times)
      refer(node, id);
    return;
  }
  if (dice_.chance(120)) {
    on_case_at_office(node, dice_.pick(cases));
    return;
  }
  const auto places = open_referrals(node);
  for (int times = static_cast<int>(dice_.between(1, 3)); times > 0 && !places.empty(); --times)
    on_referral_at_office(node, dice_.pick(places));
}

void People::add_client(NodeMachine& node) {
  casework::OpenCase open;
  auto& client = open.client;
  client.given_name = fmt::format("Perpetua{}", ++clients_);
  client.family_name = std::string(planted_word);
  client.known_as = fmt::format("Pip {}", planted_word);
  client.date_of_birth = wire::Date(std::chrono::year(1969) / 4 / 12);
  client.phone = "07700 900461";
  client.email = fmt::format("{}@example.org", planted_word);
  client.address = {fmt::format("17 {} Ginnel", planted_word), "Leeds"};
  client.postcode = "LS1 4AP";
  client.needs_text = fmt::format("{} wants to manage a working day again", planted_word);
  if (dice_.chance(100)) {
    open.handling = casework::Handling::safe_contact;
    client.safe_contact = wire::events::SafeContact{"mobile 07700 900123", "mornings", false};
  }
  const auto who = actor(node);
  CaseId id;
  const auto error = node.act([&](node::Engine& engine, Now now) {
    auto events = engine.act_on_new_case(
        who,
        [&](const casework::CaseView& view) { return casework::decide(view, who, open, now.wall); },
        now);
    if (events && !events->empty()) id = events->front().case_id;
    return events;
  });
  note(error);
  if (error || id.is_zero()) return;
  for (auto times = dice_.between(3, 10); times > 0; --times)
    refer(node, id);
}

void People::refer(NodeMachine& node, const CaseId& id) {
  casework::Refer refer;
  std::vector<node::NewAttachment> attachments;
  const bool ready = node.use([&](node::Engine& engine, Now) {
    const auto services = engine.directory().search("");
    if (services.empty()) return;
    refer.service = *services[dice_.below(services.size())];
    refer.id = engine.fresh_referral();
  });
  if (!ready || refer.service.id.empty()) return;
  refer.input.need = fmt::format("{} cannot sit for longer than half an hour", planted_word);
  refer.input.hoped_for = {"A quiet way back to work"};
  refer.input.urgency = wire::events::Urgency::routine;
  if (!refer.service.contracted) refer.input.share = {{{"name", "needs"}, agreed()}};
  refer.idempotency_key = refer.id.text();
  if (dice_.chance(80)) {
    attachments.push_back(attachment(dice_, clients_));
    refer.attachments.push_back(attachments.back().about);
  }
  decide(node, id, refer, attachments);
}

void People::on_case_at_office(NodeMachine& node, const CaseId& id) {
  switch (dice_.below(7)) {
    case 0:
      decide(node, id, casework::WriteNote{fmt::format("{} rang", planted_word)});
      return;
    case 1:
      decide(node, id,
             casework::ChangeHandling{dice_.chance(500) ? casework::Handling::ordinary
                                                        : casework::Handling::safe_contact});
      return;
    case 2:
    case 3: {
      std::vector<NodeId> providers;
      for (auto& each : world_.nodes) {
        if (!each->is_office()) providers.push_back(each->id());
      }
      if (dice_.chance(500)) {
        decide(node, id, casework::Share{dice_.pick(providers), true, {"name", "phone"}, agreed()});
      } else {
        decide(node, id, casework::WithdrawSharing{dice_.pick(providers), {"phone"}, "asked to"});
      }
      return;
    }
    case 4:
      confirm_or_propose(node, id);
      return;
    case 6:
      decide(node, id,
             casework::ProposeManager{
                 {node.id(), dice_.chance(500) ? "morgan" : "ashby", "Morgan Vale"}, "covers"});
      return;
    default:
      if (dice_.chance(100)) decide(node, id, casework::CloseCase{"found work"});
      return;
  }
}

void People::confirm_or_propose(NodeMachine& node, const CaseId& id) {
  std::vector<EventId> agreed_to;
  std::vector<NodeId> providers;
  node.use([&](node::Engine& engine, Now) {
    const auto view = engine.case_view(id);
    if (!view) return;
    for (const auto& proposal : (*view)->manager_proposals) {
      if (proposal.accepted) agreed_to.push_back(proposal.event);
    }
    for (const auto& participant : (*view)->participants)
      providers.push_back(participant.who.node);
  });
  if (!agreed_to.empty()) {
    decide(node, id, casework::ConfirmManager{dice_.pick(agreed_to)});
  } else if (!providers.empty()) {
    decide(node, id,
           casework::ProposeManager{{dice_.pick(providers), "rowan", "Rowan Firth"}, "is nearer"});
  }
}

void People::on_referral_at_office(NodeMachine& node, const Place& place) {
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
  if (may("answer")) {
    decide(node, place.case_id,
           casework::Answer{place.referral, std::nullopt, "Mornings are best"});
    return;
  }
  const auto action = dice_.pick(allowed);
  if (action == "withdraw" && dice_.chance(350)) {
    decide(node, place.case_id,
           casework::Withdraw{place.referral, wire::events::WithdrawnBy::adviser,
                              "found another service"});
  } else if (action == "give") {
    decide(node, place.case_id, casework::GiveDetails{place.referral, {"phone"}});
  } else if (action == "attach") {
    auto document = attachment(dice_, dice_.below(1000));
    casework::AddAttachment add{place.referral, document.about};
    decide(node, place.case_id, add, {std::move(document)});
  } else if (action == "pause" && dice_.chance(400)) {
    decide(node, place.case_id, casework::Pause{place.referral, "in hospital", std::nullopt});
  } else if (action == "resume") {
    decide(node, place.case_id, casework::Resume{place.referral, "is back"});
  } else if (action == "error" && dice_.chance(100)) {
    decide(node, place.case_id, casework::MarkError{place.referral, "wrong client"});
  }
}

}  // namespace liaison::simulation
