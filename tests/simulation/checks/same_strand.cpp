#include <fmt/format.h>

#include "casework/referral_moves.h"
#include "checks/checks.h"
#include "checks/strands.h"

namespace liaison::simulation::checks {
namespace {

/// Mixes values into one number; two runs of different values agree by chance only.
class Mix {
 public:
  void add(std::uint64_t value) {
    state_ = (state_ ^ value) * 0x9e3779b97f4a7c15ULL + (state_ >> 29);
  }
  template <class Tag, std::size_t N>
  void add(const Fixed<Tag, N>& value) {
    add(std::hash<Fixed<Tag, N>>{}(value));
  }
  void add(std::string_view text) { add(std::hash<std::string_view>{}(text)); }
  [[nodiscard]] std::uint64_t value() const { return state_; }

 private:
  std::uint64_t state_ = 0x243f6a8885a308d3ULL;
};

/// Of the set of events, whatever their order.
std::uint64_t events_of(const casework::StrandView& strand) {
  std::uint64_t sum = strand.history.size();
  for (const auto& entry : strand.history) {
    Mix mix;
    mix.add(entry.event->id);
    sum += mix.value();
  }
  return sum;
}

void add_strand(Mix& mix, const casework::StrandView& strand) {
  mix.add(strand.decider.text());
  mix.add(strand.last_number);
  mix.add(strand.gaps.size());
  for (const auto& entry : strand.history) {
    mix.add(entry.event->id);
    mix.add(static_cast<std::uint64_t>(entry.verdict));
    mix.add(static_cast<std::uint64_t>(entry.why));
    if (entry.decided_by) mix.add(*entry.decided_by);
  }
}

void compare(World& world, NodeMachine& node, const casework::CaseView& view,
             const casework::StrandView& strand, const Mix& shown) {
  Mix key;
  key.add(view.id);
  key.add(static_cast<std::uint64_t>(strand.strand.kind));
  key.add(strand.strand.id);
  key.add(events_of(strand));
  key.add(events_of(view.core));
  const auto [at, is_new] =
      world.ledger.shown.try_emplace(key.value(), Ledger::Shown{shown.value(), node.index()});
  if (is_new || at->second.digest == shown.value()) return;
  throw Violation(
      4,
      fmt::format("{} and {} hold the same events of a strand of case {} and show it differently",
                  node.name(), world.node(at->second.first).name(), view.id.text()));
}

/// Whether anyone but its author, of those still in the exchange, can give the event back.
bool is_with_others(World& world, const NodeMachine& author, const EventId& event) {
  for (auto& node : world.nodes) {
    if (node->revoked || node->index() == author.index()) continue;
    bool there = false;
    const bool read = node->use([&](node::Engine& engine, Now) {
      auto find = engine.database().prepare("SELECT 1 FROM event WHERE event_id=?");
      there = find.query(event).next();
    });
    if (!read) there = world.ledger.nodes[node->index()].verified.count(event) != 0;
    if (there) return true;
  }
  return false;
}

void look_at_ending(World& world, const NodeMachine& node, const casework::ReferralView& referral) {
  auto& ledger = world.ledger;
  const bool decides = referral.strand.decider == node.id();
  const auto at = ledger.finished.find(referral.id);
  if (at != ledger.finished.end() && at->second.state != referral.state &&
      casework::is_finished(at->second.state) && ledger.endings_lost.count(referral.id) == 0) {
    const auto& by = at->second.by;
    const bool lost =
        decides && by && ledger.was_outlived_by_backup(*by) && !is_with_others(world, node, *by);
    if (!lost) {
      throw Violation(
          4, fmt::format("{} shows referral {} {}, which its decider{} had {}", node.name(),
                         referral.id.text(), casework::name_of(referral.state),
                         decides ? ", itself," : "", casework::name_of(at->second.state)));
    }
    ledger.endings_lost.insert(referral.id);
  }
  if (decides)
    ledger.finished.insert_or_assign(referral.id,
                                     Ledger::Ending{referral.state, referral.ended_by});
}

void look_at_referral(World& world, NodeMachine& node, const casework::ReferralView& referral) {
  auto& ledger = world.ledger;
  if (casework::is_final(referral.state)) look_at_ending(world, node, referral);
  auto& reached = ledger.nodes[node.index()].referrals[referral.id];
  if (referral.strand.last_number < reached.number) {
    throw Violation(
        4, fmt::format("{} showed referral {} up to number {} and now up to {}", node.name(),
                       referral.id.text(), reached.number, referral.strand.last_number));
  }
  if (casework::is_finished(reached.state) && referral.state != reached.state) {
    throw Violation(
        4, fmt::format("{} showed referral {} {} and now {}", node.name(), referral.id.text(),
                       casework::name_of(reached.state), casework::name_of(referral.state)));
  }
  reached = {referral.state, referral.strand.last_number};
}

/// The holder is who the lead office's numbered event says, and nobody else.
void look_at_manager(const NodeMachine& node, const casework::CaseView& view) {
  for (const auto& entry : view.core.history) {
    if (entry.event->id != view.manager.event) continue;
    const auto* named = std::get_if<wire::events::ManagerAllocated>(&entry.event->body);
    // What else gives the role gives it back to the lead adviser.
    const auto& holder = named != nullptr ? named->holder : view.lead_adviser;
    if (entry.event->number > 0 && entry.event->author == view.core.decider &&
        view.manager.holder == holder)
      return;
  }
  throw Violation(
      4, fmt::format("{} shows a case manager of case {} whom the lead office did not name",
                     node.name(), view.id.text()));
}

}  // namespace

void same_strand(World& world, NodeMachine& node, const casework::CaseView& view) {
  if (view.opened && view.manager.holder.name.empty() && view.manager.holder.user.empty()) {
    throw Violation(
        4, fmt::format("{} shows case {} without a case manager", node.name(), view.id.text()));
  }
  if (view.opened) look_at_manager(node, view);
  for_each_strand(view, [&](const casework::StrandView& strand) {
    if (strand.equivocations.empty() || world.node(strand.decider) == nullptr) return;
    throw Violation(
        9, fmt::format("{} said two things under number {} of a strand of case {}",
                       strand.decider.text(), strand.equivocations.front().number, view.id.text()));
  });
  Mix core;
  add_strand(core, view.core);
  core.add(view.manager.event);
  core.add(view.manager.holder.user);
  core.add(view.manager_history.size());
  core.add(view.shares.size());
  compare(world, node, view, view.core, core);
  for (const auto& referral : view.referrals) {
    Mix mix;
    add_strand(mix, referral.strand);
    mix.add(casework::name_of(referral.state));
    mix.add(referral.progress);
    mix.add(referral.worker.name);
    mix.add(referral.items.size());
    mix.add(referral.questions.size());
    compare(world, node, view, referral.strand, mix);
    look_at_referral(world, node, referral);
  }
}

}  // namespace liaison::simulation::checks
