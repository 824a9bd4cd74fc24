#include "run.h"

#include <fmt/format.h>

#include <algorithm>

#include "checks/checks.h"
#include "crypto/profile.h"
#include "describe.h"
#include "faults.h"
#include "people.h"
#include "trace.h"

namespace liaison::simulation {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr int periods_least = 5;
constexpr int periods_most = 60;
/// What a run may take, so that one that runs in circles is found out.
constexpr std::uint64_t steps_most = 400'000;

class Story {
 public:
  explicit Story(const Plan& plan)
      : world_(plan),
        people_(world_, world_.dice.split()),
        faults_(world_, world_.dice.split()),
        dice_(world_.dice.split()) {}

  void tell() {
    connect();
    begin();
    for (int period = 0; period < periods_most; ++period) {
      if (period >= periods_least && world_.ledger.referrals >= world_.plan.referrals) break;
      work(period);
      look();
      leap();
    }
    heal();
    if (dice_.chance(500)) forge();
    checks::at_the_end(world_);
    world_.counters.totals["referrals"] += world_.ledger.referrals;
    world_.counters.totals["letters"] += world_.letters.letters();
    world_.counters.totals["events"] += world_.ledger.authored.size();
    world_.counters.totals["acts"] += world_.ledger.acts;
    world_.counters.totals["acts refused"] += world_.ledger.refused_acts;
    world_.counters.totals["steps"] += world_.timeline.steps();
    world_.counters.totals["seeds"] += 1;
    std::uint64_t starts = world_.broker->starts;
    for (auto& node : world_.nodes)
      starts += node->starts;
    world_.counters.totals["process starts"] += starts;
    if (world_.ledger.referrals < world_.plan.referrals)
      throw Violation(0, "people could not make enough referrals");
    if (tracing()) {
      for (const auto& [text, times] : world_.ledger.refusals)
        trace(fmt::format("{} times: {}", times, text));
    }
  }

  World& world() { return world_; }

 private:
  void connect();
  void begin();
  void work(int period);
  void leap();
  Duration until_a_renewal();
  void look();
  void heal();
  void forge();
  void drain(const std::set<NodeIndex>& away, Duration patience);
  void go_on(Duration for_how_long);
  void spy(NodeIndex node, Way way, ByteView bytes, const wire::Frame* frame);

  World world_;
  People people_;
  Faults faults_;
  Dice dice_;
  std::uint64_t frames_ = 0;
};

void Story::go_on(Duration for_how_long) {
  const auto until = world_.timeline.now() + for_how_long;
  while (world_.timeline.step(until)) {
    if (world_.timeline.steps() > steps_most) throw Violation(6, "the run does not come to an end");
  }
}

void Story::connect() {
  Network::Ends ends;
  ends.admits = [this](const CurveKey& key) { return world_.broker->admits(key); };
  ends.at_broker = [this](const ConnectionRef& connection, ByteView frame) {
    world_.broker->frame(connection, frame);
  };
  ends.closed_at_broker = [this](const ConnectionRef& connection) {
    world_.broker->closed(connection);
  };
  const auto is_honest = [this](NodeIndex node) { return node < world_.nodes.size(); };
  ends.connected_at_node = [this, is_honest](const ConnectionRef& connection) {
    if (is_honest(connection->node)) {
      world_.node(connection->node).connected(connection);
    } else {
      world_.intruder->connected(connection);
    }
  };
  ends.at_node = [this, is_honest](const ConnectionRef& connection, ByteView frame) {
    if (is_honest(connection->node)) {
      world_.node(connection->node).frame(connection, frame);
    } else {
      world_.intruder->frame(frame);
    }
  };
  ends.closed_at_node = [this, is_honest](const ConnectionRef& connection) {
    if (is_honest(connection->node)) {
      world_.node(connection->node).closed(connection);
    } else {
      world_.intruder->closed();
    }
  };
  ends.dials = [this, is_honest](NodeIndex node) {
    return is_honest(node) ? world_.node(node).dials() : world_.intruder->dials();
  };
  world_.network.attach(std::move(ends));
  world_.network.spy([this](NodeIndex node, Way way, ByteView bytes, const wire::Frame* frame) {
    spy(node, way, bytes, frame);
  });
  world_.broker->after_start = [this] {
    checks::accepted_is_logged(world_);
    checks::checkpoints_are_consistent(world_);
  };
  world_.broker->after_turn = [this] { checks::checkpoint_is_new_or_the_same(world_); };
  for (auto& node : world_.nodes) {
    node->after_turn = [this](NodeMachine& at, const std::vector<wire::Event>& told,
                              const std::vector<CaseId>& changed) {
      world_.ledger.tell(at.index(), told, world_.timeline.now());
      checks::after_turn(world_, at, changed);
    };
    node->after_start = [this](NodeMachine& at) { checks::nothing_is_lost(world_, at); };
    node->after_restore = [this](NodeMachine& at) {
      world_.ledger.forget(at.index(), at.backed_up_at());
    };
    node->unspoken = [this](const std::vector<Bytes>& frames) {
      for (const auto& bytes : frames) {
        if (const auto frame = wire::decode_frame(bytes)) world_.letters.made(*frame);
      }
    };
  }
}

void Story::spy(NodeIndex node, Way way, ByteView bytes, const wire::Frame* frame) {
  checks::no_client_detail_in_frame(bytes, ++frames_);
  if (frame == nullptr || node >= world_.nodes.size()) return;
  if (way == Way::to_node) {
    checks::broker_accepts_nothing_from_revoked(world_, node, *frame);
    checks::nothing_ends_early(world_, *frame);
    return;
  }
  checks::forged_is_not_used(world_, node, *frame);
  if (const auto* letters = std::get_if<std::vector<wire::Letter>>(frame)) {
    const auto offset = world_.broker->clock.offset(world_.timeline.now());
    if (offset > -hours(1) && offset < hours(1) &&
        world_.broker->clock.was_right_since() < world_.timeline.now() - hours(48)) {
      for (const auto& letter : *letters)
        world_.ledger.sealed_in_time.try_emplace(letter.id, world_.timeline.now());
    } else {
      for (const auto& letter : *letters)
        world_.ledger.sealed_in_time.try_emplace(letter.id, -hours(24 * 365));
    }
  }
  if (const auto* aside = std::get_if<std::vector<wire::SetAside>>(frame)) {
    auto& notes = world_.ledger.nodes[node];
    for (const auto& each : *aside) {
      if (notes.aside_of_lost_disk.count(each.letter) != 0) continue;
      notes.aside_said.try_emplace(
          each.letter, Ledger::NodeNotes::Aside{each.reason, world_.node(node).now().wall});
    }
  } else if (const auto* published = std::get_if<std::vector<wire::Publication>>(frame)) {
    for (const auto& each : *published) {
      if (each.kind == wire::EntryKind::sealing_certificate && frames_ > 200) {
        faults_.count("sealing key replaced", &world_.node(node));
      }
    }
  } else if (std::holds_alternative<wire::Renewal>(*frame)) {
    faults_.count("signing certificate renewed", &world_.node(node));
  }
}

void Story::begin() {
  world_.found();
  go_on(seconds(5));
  for (auto& node : world_.nodes) {
    if (!node->is_office()) people_.publish(*node);
  }
  go_on(seconds(10));
}

void Story::work(int period) {
  const auto length = Duration(dice_.between(20'000, 300'000));
  const auto at_some_time = [&](int times, std::function<void()> what) {
    for (int each = 0; each < times; ++each)
      world_.timeline.after(Duration(dice_.between(0, length.count())), what);
  };
  const auto share = static_cast<int>(world_.plan.referrals / 12) + 6;
  at_some_time(share, [this] { people_.act(); });
  at_some_time(2, [this] { people_.race(); });
  at_some_time(static_cast<int>(dice_.between(1, 2)), [this] { faults_.strike(); });
  at_some_time(static_cast<int>(dice_.between(1, 4)), [this] { faults_.strike_in_traffic(); });
  if (period == 0) faults_.strike();
  // Some links are slow by nature: what strikes then finds letters on the wire.
  for (auto& node : world_.nodes) {
    world_.network.slow(node->index(), Duration(dice_.chance(300) ? dice_.between(200, 3000) : 20));
  }
  go_on(length);
}

void Story::leap() {
  Duration by;
  switch (dice_.below(20)) {
    case 0:
      by = hours(24 * 33);
      break;
    case 1:
    case 2:
    case 3:
      by = hours(dice_.between(24, 24 * 12));
      break;
    case 4:
      by = until_a_renewal();
      break;
    case 5:
    case 6:
    case 7:
    case 8:
      by = minutes(dice_.between(60, 600));
      break;
    default:
      by = seconds(dice_.between(1, 600));
      break;
  }
  if (by < hours(24)) {
    go_on(by);
    return;
  }
  // The days between are the offices' holiday: people clear their desks, everybody stops and comes
  // back, some later than others, or all in one moment: then what waited is on its way while keys
  // and certificates are renewed.
  for (int acts = 0; acts < 3; ++acts)
    people_.act();
  go_on(Duration(dice_.between(0, 2'000)));
  const auto apart = dice_.chance(500) ? 3'000 : 7'200'000;
  std::vector<Machine*> all{world_.broker.get()};
  for (auto& node : world_.nodes)
    all.push_back(node.get());
  for (auto* machine : all) {
    const auto back = by - Duration(dice_.between(0, apart));
    if (machine->away_until && *machine->away_until > world_.timeline.now() + back) continue;
    machine->away_until = world_.timeline.now() + back;
    if (machine->up()) machine->stop();
    world_.timeline.after(back + Duration(1), [machine] { machine->start(); });
  }
  go_on(by);
}

/// Until shortly before somebody's certificate is to be renewed: it will be amid people's work.
Duration Story::until_a_renewal() {
  Duration by{};
  dice_.pick(world_.nodes)->use([&](node::Engine& engine, Now now) {
    by = engine.status(now).signing_until - crypto::signing_days / 3 - now.wall;
  });
  return std::max<Duration>(by, minutes(10)) - seconds(dice_.between(5, 90));
}

void Story::look() {
  // What people did in the last moment is told as done, and kept, with the turn that follows it.
  go_on(Duration(2));
  for (auto& node : world_.nodes) {
    if (node->up()) checks::at_times(world_, *node);
  }
  checks::revoked_stays_out(world_);
}

void Story::heal() {
  std::set<NodeIndex> away;
  if (dice_.chance(400)) away.insert(dice_.below(world_.nodes.size()));
  trace("faults end");
  faults_.heal(away);
  if (!away.empty()) {
    // Whoever stays away, with a full mailbox, holds up nobody else.
    const auto quota = R"({{"command":"quota-set","node":"{}","quota":{}}})";
    const auto id = world_.node(*away.begin()).id().text();
    world_.broker->admin(fmt::format(fmt::runtime(quota), id, R"({"mailbox_letters":1})"));
    for (int acts = 0; acts < 12; ++acts) {
      people_.act();
      go_on(seconds(4));
    }
    // A node whose certificate ended when clocks were set renews it a day later, and has no key to
    // be written to until then.
    drain(away, hours(27));
    // By now what was refused for the full mailbox is tried again at the longest pauses only.
    go_on(minutes(40));
    for (int acts = 0; acts < 8; ++acts) {
      people_.act();
      go_on(seconds(2));
    }
    drain(away, minutes(2));
    world_.broker->admin(fmt::format(fmt::runtime(quota), id, "null"));
    away.clear();
    trace("the last one comes back");
    faults_.heal(away);
  }
  drain(away, hours(24 * 5));
}

/// The exchange's operator registers a certificate in a node's name. All is calm, so that the node
/// is there to contest it: one that stays away for longer than a day cannot.
void Story::forge() {
  auto& named = *dice_.pick(world_.nodes);
  if (named.revoked || !named.up()) return;
  trace("a certificate is forged in the name of " + named.name());
  if (dice_.chance(500)) {
    if (!world_.forger->enter(named)) return;
    world_.counters.strike("certificate forged and logged", LetterWatch::Counts{});
    go_on(minutes(5));
    checks::forged_is_contested(world_, named);
  } else {
    for (auto& node : world_.nodes)
      if (!node->revoked) world_.forger->show(*node, named);
    world_.counters.strike("certificate forged and shown to all others", LetterWatch::Counts{});
  }
  go_on(hours(25));
  for (int acts = 0; acts < 12; ++acts) {
    people_.act();
    go_on(seconds(2));
  }
  drain({}, hours(24 * 5));
}

void Story::drain(const std::set<NodeIndex>& away, Duration patience) {
  const auto began = world_.timeline.now();
  Duration next = seconds(1);
  std::string why;
  while (true) {
    go_on(next);
    next = std::min<Duration>(next * 2, hours(2));
    for (auto& node : world_.nodes) {
      if (node->up() && !node->revoked) people_.put_right(*node);
    }
    if (checks::has_drained(world_, away, &why)) {
      // And stays so: what put_right() or a late answer set off has come to its end too.
      go_on(seconds(40));
      if (checks::has_drained(world_, away, &why)) return;
    }
    if (world_.timeline.now() - began > patience) {
      throw Violation(6, fmt::format("{} minutes after faults ended, {}",
                                     (world_.timeline.now() - began) / minutes(1), why));
    }
  }
}

}  // namespace

Outcome run(const Plan& plan) {
  Outcome outcome;
  auto story = std::make_unique<Story>(plan);
  try {
    story->tell();
  } catch (const Violation& violation) {
    outcome.invariant = violation.invariant();
    outcome.text = violation.what();
    if (tracing()) describe(story->world());
  } catch (const std::exception& error) {
    outcome.invariant = 0;
    outcome.text = error.what();
  }
  outcome.counters = story->world().counters;
  outcome.fingerprint = trace_fingerprint();
  return outcome;
}

}  // namespace liaison::simulation
