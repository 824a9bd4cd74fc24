#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "casework/settle.h"
#include "checks/checks.h"
#include "checks/strands.h"

namespace liaison::simulation::checks {
namespace {

/// What every node that is not shut out holds of each strand.
struct Holdings {
  std::map<std::pair<CaseId, wire::StrandRef>, std::map<NodeIndex, std::set<EventId>>> strands;
  std::map<std::pair<CaseId, wire::StrandRef>, std::set<NodeId>>
      audiences;            ///< as the lead office sees them
  std::set<EventId> cited;  ///< by a decision that someone holds
};

Holdings gather(World& world) {
  Holdings out;
  for (auto& node : world.nodes) {
    if (node->revoked) continue;
    node->use([&](node::Engine& engine, Now) {
      std::vector<CaseId> ids;
      auto find = engine.database().prepare("SELECT case_id FROM case_record");
      for (auto rows = find.query(); rows.next();)
        ids.push_back(rows.id<CaseId>(0));
      for (const auto& id : ids) {
        const auto view = engine.case_view(id);
        if (!view) continue;
        each_event_once(world, *node, **view);
        same_strand(world, *node, **view);
        for_each_strand(**view, [&](const casework::StrandView& strand) {
          auto& held = out.strands[{id, strand.strand}][node->index()];
          for (const auto& entry : strand.history) {
            // What the one gone bad sent somewhere is nobody else's to have.
            if (world.node(entry.event->author) == nullptr) continue;
            held.insert(entry.event->id);
            out.cited.insert(entry.event->cites.begin(), entry.event->cites.end());
          }
          if ((*view)->lead_office == node->id()) {
            out.audiences[{id, strand.strand}] = casework::audience(**view, strand.strand);
          }
        });
      }
    });
  }
  return out;
}

/// What a node had said to some of those concerned when it was revoked goes to the others no more
/// (invariant 5), and waits in its own outbox. A proposal changes nothing until the strand's
/// decider cites it, and that decision takes it along to everybody: until then it may be with some
/// only. What it said since it is not to be believed is with those who heard it first.
bool was_cut_short(World& world, const Holdings& holdings, const EventId& event) {
  const auto at = world.ledger.authored.find(event);
  if (at == world.ledger.authored.end()) return false;
  const auto& authored = *at->second;
  const auto* author = world.node(authored.author);
  if (author == nullptr || !author->revoked || holdings.cited.count(event) != 0) return false;
  const auto until = world.ledger.believed_until.find(authored.author);
  return authored.number == 0 ||
         (until != world.ledger.believed_until.end() && authored.at >= until->second);
}

/// A node that was asked for what it had after it disposed of the case had nothing. What a backup
/// brings back to it later the one that asked cannot know of.
bool was_disposed_of_by_all_holders(const World& world, const Holdings& holdings,
                                    const std::pair<CaseId, wire::StrandRef>& strand,
                                    const EventId& event) {
  return std::ranges::all_of(holdings.strands.at(strand), [&](const auto& held) {
    return held.second.count(event) == 0 ||
           world.ledger.nodes.at(held.first).came_back.count(strand.first) != 0;
  });
}

bool is_told_undelivered(NodeMachine& holder, const EventId& event, const NodeId& recipient) {
  bool told = false;
  holder.use([&](node::Engine& engine, Now) {
    for (const auto& step : engine.delivery(event))
      told = told || (step.recipient == recipient && step.refused.has_value());
  });
  return told;
}

}  // namespace

void everyone_has_all(World& world) {
  const auto holdings = gather(world);
  for (const auto& [key, audience] : holdings.audiences) {
    const auto at = holdings.strands.find(key);
    if (at == holdings.strands.end()) continue;
    std::map<EventId, NodeIndex> all;
    for (const auto& [holder, events] : at->second) {
      for (const auto& event : events)
        all.emplace(event, holder);
    }
    for (const auto& member : audience) {
      const auto* node = world.node(member);
      if (node == nullptr || node->revoked) continue;
      if (world.ledger.nodes[node->index()].disposed.count(key.first) != 0) continue;
      const auto mine = at->second.find(node->index());
      for (const auto& [event, holder] : all) {
        if (mine != at->second.end() && mine->second.count(event) != 0) continue;
        if (is_told_undelivered(world.node(holder), event, member)) continue;
        if (was_cut_short(world, holdings, event)) continue;
        const auto authored = world.ledger.authored.find(event);
        const bool lost_here = node->restores > 0;
        if (lost_here && was_disposed_of_by_all_holders(world, holdings, key, event)) continue;
        throw Violation(
            lost_here ? 9 : 1,
            fmt::format("{} lacks event {} ({}) of case {}, which {} has, and nobody is told",
                        node->name(), event.text(),
                        authored == world.ledger.authored.end()
                            ? "unknown"
                            : wire::name_of(authored->second->body),
                        key.first.text(), world.node(holder).name()));
      }
    }
    // Strands that someone holds who may not.
    for (const auto& [holder, events] : at->second) {
      if (events.empty() || audience.count(world.node(holder).id()) != 0) continue;
      if (key.second.kind == wire::StrandKind::core) continue;  // took part once
      throw Violation(7, fmt::format("{} holds a strand of case {} that it may not see",
                                     world.node(holder).name(), key.first.text()));
    }
  }
}

std::optional<NodeId> awaited_in_case(const World& world, const NodeMachine& node,
                                      node::Engine& engine, const CaseId& id, Now now) {
  if (node.restores == 0) return std::nullopt;
  const auto awaited = engine.status(now).catching_up_from;
  // Of a case begun since then nobody can have anything that this node has not.
  const auto& told = world.ledger.told;
  const bool is_old = std::any_of(told.begin(), told.end(), [&](const Ledger::Told& each) {
    return each.event.case_id == id && each.at <= node.restored_at;
  });
  if (awaited.empty() || !is_old) return std::nullopt;
  const auto view = engine.case_view(id);
  if (!view) return std::nullopt;
  const auto waits_for = [&](const NodeId& other) {
    const auto peer = engine.peer(other);
    return (!peer || !peer->revoked) &&
           std::find(awaited.begin(), awaited.end(), other) != awaited.end();
  };
  if (waits_for((*view)->lead_office)) return (*view)->lead_office;
  for (const auto& referral : (*view)->referrals) {
    if (waits_for(referral.provider)) return referral.provider;
  }
  return std::nullopt;
}

}  // namespace liaison::simulation::checks
