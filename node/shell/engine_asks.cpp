#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "casework/settle.h"
#include "crypto/digest.h"
#include "node/shell/engine_parts.h"
#include "wire/limits.h"

/// What is missing: asked for, and answered to those who may have it.
namespace liaison::node {
namespace {
constexpr std::size_t asks_per_turn = 32;
constexpr Duration asked_again_after = std::chrono::hours(1);
constexpr Duration asked_everything_again_after = std::chrono::hours(24);
constexpr std::size_t left_out_per_look = 16;
// A node is restored once, or some times if that fails. Each time all cases are looked into.
constexpr std::uint64_t everything_a_day_max = 8;
// Who asks without end and never says that it has what came would fill the outbox with them.
constexpr std::size_t answers_waiting_max = 64;

/// What a question for it goes by in the outbox, as long as an event's id: the same each time it is
/// asked.
Bytes object_of(const Want& want) {
  const auto numbers =
      fmt::format(" {} {}-{} ", static_cast<int>(want.strand.kind), want.first, want.last);
  const auto digest =
      crypto::sha256({as_bytes("wanted "), want.case_id.view(), want.strand.id.view(),
                      as_bytes(numbers), want.attachment.view()});
  return copy_of(digest.view().first(EventId::size));
}
}  // namespace

const Bytes& everything_object() {
  static const Bytes object = copy_of(as_bytes("everything since "));
  return object;
}

namespace {
/// Under which name it is kept in which life a node asked for what it had lost.
std::string life_of(const NodeId& node) {
  return "life of " + node.text();
}
/// And since when it lacks something: a restored exchange may give two lives one number.
std::string life_since(const NodeId& node) {
  return "life since of " + node.text();
}
/// And when, by this node's clock, it last asked: what bore a name then bears another since.
std::string renamed_at(const NodeId& node) {
  return "renamed for " + node.text();
}
}  // namespace

bool Engine::Parts::is_of_a_lost_life(const wire::Content& content) {
  return content.incarnation < registry.number(life_of(content.sender));
}

std::vector<ItemId> Engine::Parts::stored_by_former_name(const LetterId& letter,
                                                         const NodeId& from) {
  // A bad exchange may give two lives one number, and keep a receipt back till the second. That of
  // an older name is not needed: what bore it is on its way again, and gets a receipt of its own.
  return letters.former_items(
      letter, from, from_ms(static_cast<std::int64_t>(registry.number(renamed_at(from)))));
}

void Engine::Parts::forget_life(const NodeId& node) {
  registry.set_number(life_of(node), 0);
}

Result<void> Engine::Parts::answer(const wire::Content& question, const wire::Ask& ask, Now now) {
  const auto& from = question.sender;
  const std::set<EventId> have(ask.have.begin(), ask.have.end());
  const bool is_everything = std::holds_alternative<wire::Everything>(ask.wanted);
  if (const auto* gap = std::get_if<wire::Gap>(&ask.wanted)) {
    answer_gap(from, *gap, now);
  } else if (const auto* whole = std::get_if<wire::WholeCase>(&ask.wanted)) {
    if (summaries.count(whole->case_id) != 0)
      answer_case(from, whole->case_id, have, Again::if_asked, now);
  } else if (is_everything) {
    // Whatever was said before: a restored broker may count a node's lives from a lower number.
    const auto since =
        static_cast<std::uint64_t>(to_ms(std::get<wire::Everything>(ask.wanted).since));
    const bool is_new_life = question.incarnation != registry.number(life_of(from)) ||
                             since != registry.number(life_since(from));
    registry.set_number(life_of(from), question.incarnation);
    registry.set_number(life_since(from), since);
    if (++everything_asked[from].within(std::chrono::hours(24), now) > everything_a_day_max)
      return fail(Reason::busy, "its sender asks for everything too often; it may ask tomorrow");
    // It lost its store, and with it this node's own question, if it had that already.
    if (is_new_life && catch_up.awaits(from) && !letters.is_open(everything_object(), from))
      catch_up.ask_again(from);
    perform(outbox.recipient_restored(from), now);
    registry.set_number(renamed_at(from), static_cast<std::uint64_t>(to_ms(now.wall)));
    std::vector<CaseId> all;
    for (const auto& [id, summary] : summaries)
      all.push_back(id);
    std::size_t sent = 0;
    for (const auto& id : all)
      sent += answer_case(from, id, have, Again::yes, now);
    log::info("a restored node asked for what it lacks",
              {{"node", from.text()}, {"events", std::to_string(sent)}});
  } else {
    answer_part(from, std::get<wire::PartWanted>(ask.wanted), now);
  }
  if (!is_everything && outbox.answers_waiting(from) >= answers_waiting_max) return {};
  // Goes when all that was queued for that node before it has arrived there (core/outbox.cpp).
  OutboxRow row;
  row.item.recipient = from;
  row.item.kind = ItemKind::answered;
  row.object = question.letter.bytes();
  queue(std::move(row), now);
  return {};
}

std::size_t Engine::Parts::answer_case(const NodeId& to, const CaseId& id,
                                       const std::set<EventId>& have, Again again, Now now) {
  auto& open = open_case(id);
  std::size_t sent = 0;
  for (const auto& strand : strands_of(open.view)) {
    if (casework::audience(open.view, strand).count(to) == 0) continue;
    for (const auto& event : open.file.strand(strand)) {
      if (have.count(event->id) != 0) continue;
      queue_event(*event, to, now, again);
      ++sent;
    }
  }
  return sent;
}

void Engine::Parts::answer_gap(const NodeId& to, const wire::Gap& gap, Now now) {
  if (summaries.count(gap.case_id) == 0) return;
  auto& open = open_case(gap.case_id);
  if (casework::audience(open.view, gap.strand).count(to) == 0) return;
  for (const auto& event : open.file.strand(gap.strand)) {
    bool opening = gap.last == 0 && std::holds_alternative<wire::events::Requested>(event->body);
    bool within = event->number != 0 && event->number >= gap.first && event->number <= gap.last;
    if (!opening && !within) continue;
    for (const auto* other : cited_by(open.file, *event))
      queue_event(*other, to, now, Again::if_asked);
    queue_event(*event, to, now, Again::if_asked);
  }
}

void Engine::Parts::look_for_missing(const OpenCase& open, Now now) {
  const auto& view = open.view;
  auto id = open.file.id();
  std::set<NodeId> everyone;
  for (const auto& [event_id, event] : open.file.events())
    if (event->author != self() && !peers.is_revoked(event->author)) everyone.insert(event->author);
  auto candidates = [&](const wire::StrandRef& strand, const NodeId& decider) {
    std::vector<NodeId> out;
    auto add = [&](const NodeId& node) {
      if (node.empty() || node == self() || peers.is_revoked(node)) return;
      if (std::find(out.begin(), out.end(), node) == out.end()) out.push_back(node);
    };
    add(decider);
    add(view.lead_office);
    for (const auto& node : casework::audience(view, strand))
      add(node);
    if (out.empty())
      for (const auto& node : everyone)
        add(node);
    return out;
  };
  std::vector<std::pair<Want, std::vector<NodeId>>> wants;
  // Of a case in which this node has no part, as far as it knows, what says who has, one gap at a
  // time: else anybody could fill the list of what is wanted.
  const bool is_ours = takes_part(view);
  for (const auto& gap : view.gaps) {
    if (!is_ours && (gap.strand.kind != wire::StrandKind::core || !wants.empty())) continue;
    NodeId decider = view.lead_office;
    if (const auto* referral = view.referral(gap.strand.id)) decider = referral->strand.decider;
    wants.push_back(
        {Want{id, gap.strand, gap.first, gap.last, {}}, candidates(gap.strand, decider)});
  }
  if (!view.opened && open.file.size() > 0) {
    wire::StrandRef core{wire::StrandKind::core, {}};
    wants.push_back({Want{id, core, 1, 1, {}}, candidates(core, {})});
  }
  for (const auto& document : documents_wanted(open)) {
    if (!is_ours ||
        cases.parts_held(id, document.about.digest).size() == document.about.parts.size())
      continue;
    wants.push_back({Want{id, document.event->strand, 0, 0, document.about.digest},
                     candidates(document.event->strand, document.event->author)});
  }
  wanted.set(id, wants, now);
}

void Engine::Parts::ask_for_missing(Now now) {
  for (const auto& due : wanted.due(asks_per_turn, now)) {
    // One question at a time waits for a node that is away.
    const auto object = object_of(due.want);
    if (letters.is_open(object, due.from)) continue;
    wire::Ask ask;
    if (due.want.attachment.is_zero()) {
      ask.wanted = wire::Gap{due.want.case_id, due.want.strand, due.want.first, due.want.last};
    } else {
      ask.wanted = wire::PartWanted{due.want.case_id, due.want.attachment};
    }
    queue_ask(due.from, due.want.case_id, ask, object, now);
  }
}

void Engine::Parts::ask_everything(Now now) {
  if (!catch_up.is_active() || !replica.is_current()) return;
  std::erase_if(ask_again_at, [&](const auto& each) {
    if (now.steady < each.second) return false;
    catch_up.ask_again(each.first);
    return true;
  });
  std::vector<NodeId> nodes;
  for (const auto& node : peers.nodes())
    if (node != self() && !peers.is_revoked(node)) nodes.push_back(node);
  auto ask_of = catch_up.ask(nodes);
  // Who was revoked since it was asked has nothing more to say.
  for (const auto& node : catch_up.awaited())
    if (peers.is_revoked(node)) catch_up_answered(node, Answer::not_coming, now);
  if (!ask_of.empty()) {
    write();
    std::vector<EventId> have;
    for (const auto& [id, summary] : summaries)
      for (const auto& event : cases.event_ids(id))
        have.push_back(event);
    // More than a letter may list: then everything comes, and what is here already changes nothing.
    if (have.size() > wire::have_max) have.clear();
    for (const auto& node : ask_of) {
      registry.keep_answer(node, Answer::awaited);
      queue_ask(node, {}, wire::Ask{wire::Everything{catch_up.began()}, have}, everything_object(),
                now);
    }
  }
  if (catch_up.awaited().empty() && catch_up.has_given_up())
    await_late_participants(participants_to_hear());
  if (catch_up.finish()) {
    write();
    registry.end_catch_up();
    registry.clear_meta("catch_up_began");
    log::info("caught up after the restore: every node has answered");
    settle_all(now);
    held_back.reset();
  }
}

/// What is on its way is asked; of the rest the question or its answer may have been lost.
void Engine::Parts::ask_who_may_have_forgotten(Now now) {
  asked_everything_at = now.steady;
  for (const auto& node : catch_up.awaited())
    if (!letters.is_open(everything_object(), node)) catch_up.ask_again(node);
}

void Engine::Parts::tend_catch_up(Now now) {
  if (now.steady >= asked_everything_at + asked_everything_again_after)
    ask_who_may_have_forgotten(now);
  if (!clock.is_guarded(now) && now.wall >= catch_up.began() + CatchUp::others_longest)
    return give_up_strangers(now);
  strangers_time_over = false;  // the clock was set
  if (!held_back) settle_all(now);
  if (catch_up.has_given_up()) await_late_participants(participants_to_hear());
}

void Engine::Parts::await_no_newcomer(const CaseId& id, const std::set<NodeId>& before) {
  if (!catch_up.is_active()) return;
  const auto others = others_in(open_case(id).view);
  const bool is_new = std::ranges::any_of(others, [&](const NodeId& node) {
    return before.count(node) == 0 && (catch_up.awaits(node) || catch_up.has_given_up(node));
  });
  if (!is_new) return;
  catch_up.override_case(id);
  registry.free_case(id);
}

/// Cases of which something was left out of what is wanted, for want of room.
void Engine::Parts::look_for_left_out(Now now) {
  for (const auto& id : wanted.take_left_out(left_out_per_look))
    if (summaries.count(id) != 0) look_for_missing(open_case(id), now);
}

/// An office that shares no case with this node, as far as anybody who answered knows, may stay
/// away for ever: it is not waited for beyond three days. What it has to say is taken whenever it
/// comes.
void Engine::Parts::give_up_strangers(Now now) {
  if (catch_up.awaited().empty()) return ask_everything(now);
  const auto participants = participants_to_hear();
  await_late_participants(participants);
  // What waited for strangers alone goes on by time, though none of them is left.
  bool is_over = !std::exchange(strangers_time_over, true);
  for (const auto& node : catch_up.strangers_given_up(participants, now.wall)) {
    log::warning(
        "a node that shares no case with this one did not say what it has; it is not "
        "waited for any more",
        {{"node", node.text()}});
    write();
    catch_up.answered(node, Answer::given_up);
    registry.keep_answer(node, Answer::given_up);
    is_over = true;
  }
  if (is_over) settle_all(now);
  ask_everything(now);
}

/// Another's answer may tell of a case in which one is that was given up as a stranger.
void Engine::Parts::await_late_participants(const std::set<NodeId>& participants) {
  for (const auto& node : catch_up.await_again(participants)) {
    write();
    registry.keep_answer(node, Answer::awaited);
    if (!letters.is_open(everything_object(), node)) catch_up.ask_again(node);
    changed = true;
  }
}

std::set<NodeId> Engine::Parts::participants_to_hear() {
  std::set<NodeId> participants;
  std::vector<CaseId> all;
  for (const auto& [id, summary] : summaries)
    if (!catch_up.is_overridden(id)) all.push_back(id);
  for (const auto& id : all) {
    const auto& view = open_case(id).view;
    participants.insert(view.lead_office);
    for (const auto& strand : strands_of(view))
      for (const auto& node : casework::audience(view, strand))
        participants.insert(node);
  }
  return participants;
}

void Engine::Parts::unanswered(const NodeId& node, wire::RefusalReason reason, Now now) {
  // Who was away for as long as a letter lasts has yet to say what it has. That nobody is there to
  // answer is the authority's word, or a person's: with a refusal the exchange could end the wait,
  // and two nodes would decide differently for ever.
  if (peers.is_revoked(node))
    catch_up_answered(node, Answer::not_coming, now);
  else if (reason == wire::RefusalReason::expired)
    catch_up.ask_again(node);
  else {
    // One refusal of it is enough for a person to see.
    letters.mark_seen(everything_object(), node);
    ask_again_at[node] = now.steady + asked_again_after;
  }
}

void Engine::Parts::catch_up_answered(const NodeId& node, Answer answer, Now now) {
  if (!catch_up.is_active()) return;
  write();
  catch_up.answered(node, answer);
  registry.keep_answer(node, answer);
  settle_held_back_by(node, now);
}

Result<void> Engine::override_catch_up(const NodeId& node, Now now) {
  auto& p = *parts_;
  if (!p.catch_up.is_active())
    return fail(Reason::conflict, "this node is not catching up after a restore");
  auto awaited = p.catch_up.awaited();
  if (std::find(awaited.begin(), awaited.end(), node) == awaited.end())
    return fail(Reason::not_found, "that node is not waited for: see status");
  p.catch_up_answered(node, Answer::not_coming, now);
  return {};
}

Result<void> Engine::override_catch_up(const CaseId& id, Now now) {
  auto& p = *parts_;
  if (!p.catch_up.is_active())
    return fail(Reason::conflict, "this node is not catching up after a restore");
  if (p.summaries.count(id) == 0) return fail(Reason::not_found, "no such case");
  p.write();
  p.catch_up.override_case(id);
  p.registry.free_case(id);
  p.settle(id, now);
  p.touch(id);
  return {};
}

}  // namespace liaison::node
