#include "casework/fold/walk.h"

#include <algorithm>

#include "base/check.h"
#include "base/deliberate_bug.h"
#include "casework/kinds.h"

namespace liaison::casework::fold {
namespace {

using wire::events::DeciderTakenOver;

/// One says that somebody cannot be relied on; more are not listed.
constexpr std::size_t equivocations_max = 64;

/// The order in which two events of one number and author are preferred.
bool stands_before(const EventPtr& a, const EventPtr& b) {
  return std::tie(a->incarnation, a->id) < std::tie(b->incarnation, b->id);
}

}  // namespace

Walk::Walk(const CaseFile& file, const wire::StrandRef& strand, NodeId decider,
           std::set<NodeId> may_take_over)
    : file_(file), may_take_over_(std::move(may_take_over)), decider_(std::move(decider)) {
  out_.strand = strand;
  for (EventPtr& event : file.strand(strand)) {
    entries_[event->id].event = event;
    if (event->number != 0) numbered_[event->number].push_back(std::move(event));
  }
}

EventPtr Walk::next() {
  if (LIAISON_BUG(fold_in_arrival_order)) return next_arrived();
  EventPtr event = choose(last_ + 1);
  if (!event || !cites_are_here(*event)) return nullptr;
  ++last_;
  return event;
}

EventPtr Walk::choose(std::uint32_t number) {
  auto at = numbered_.find(number);
  if (at == numbered_.end()) return nullptr;
  EventPtr chosen;
  for (const EventPtr& event : at->second) {
    const auto* taken_over = std::get_if<DeciderTakenOver>(&event->body);
    bool takes_over = taken_over != nullptr && taken_over->after + 1 == number &&
                      event->author != decider_ && may_take_over_.count(event->author) != 0;
    if (takes_over) {
      earlier_deciders_.insert(decider_);
      decider_ = event->author;
      chosen = event;
    }
  }
  if (chosen) return chosen;
  for (const EventPtr& event : at->second) {
    if (event->author == decider_ && (!chosen || stands_before(event, chosen))) chosen = event;
  }
  for (const EventPtr& event : at->second) {
    if (!chosen || event == chosen || event->author != decider_) continue;
    judge(event->id, Verdict::not_applied, WhyNot::number_taken);
    if (out_.equivocations.size() == equivocations_max) continue;
    Equivocation said_twice{number, chosen->id, event->id};
    if (std::ranges::find(out_.equivocations, said_twice) == out_.equivocations.end()) {
      out_.equivocations.push_back(said_twice);
    }
  }
  return chosen;
}

EventPtr Walk::next_arrived() {
  for (const EventPtr& event : file_.arrived()) {
    if (event->strand != out_.strand || event->number == 0 || event->author != decider_) continue;
    if (entries_[event->id].verdict != Verdict::pending) continue;
    last_ = std::max(last_, event->number);
    return event;
  }
  return nullptr;
}

bool Walk::cites_are_here(const wire::Event& event) const {
  // Of this strand: what another strand holds its readers need not have, and would differ over.
  return std::ranges::all_of(event.cites,
                             [&](const EventId& cited) { return entries_.count(cited) != 0; });
}

void Walk::hand_to(const NodeId& decider) {
  if (decider == decider_) return;
  earlier_deciders_.insert(decider_);
  earlier_deciders_.erase(decider);
  decider_ = decider;
}

void Walk::judge(const EventId& event, Verdict verdict, WhyNot why) {
  auto at = entries_.find(event);
  LIAISON_CHECK(at != entries_.end());
  at->second.verdict = verdict;
  at->second.why = why;
}

std::vector<EventPtr> Walk::settle_cited(const wire::Event& by, Verdict verdict, WhyNot why,
                                         const std::function<bool(const wire::Event&)>& takes) {
  std::vector<EventPtr> settled;
  for (const EventId& cited : by.cites) {
    auto at = entries_.find(cited);
    if (at == entries_.end() || at->second.decided_by || at->second.event->number != 0) continue;
    if (!is_proposal(at->second.event->body) || !takes(*at->second.event)) continue;
    at->second.verdict = verdict;
    at->second.why = why;
    at->second.decided_by = by.id;
    settled.push_back(at->second.event);
  }
  return settled;
}

StrandView Walk::finish(const std::function<bool(const wire::Event&)>& entitled) {
  find_gaps();
  for (auto& [id, entry] : entries_) {
    if (entry.verdict != Verdict::pending) continue;
    const wire::Event& event = *entry.event;
    auto not_applied = [&entry = entry](WhyNot why) {
      entry.verdict = Verdict::not_applied;
      entry.why = why;
    };
    bool unknown = event.body.index() == kind_of<wire::events::Unknown>;
    if (event.number != 0 && event.author == decider_ && event.number > last_) {
      entry.verdict = Verdict::behind_gap;
    } else if (event.number != 0) {
      not_applied(earlier_deciders_.count(event.author) != 0 ? WhyNot::superseded_decider
                                                             : WhyNot::not_the_decider);
    } else if (unknown) {
      entry.verdict = Verdict::unknown;
    } else if (!belongs_in(event.body, out_.strand.kind)) {
      not_applied(WhyNot::wrong_strand);
    } else if (!is_proposal(event.body)) {
      not_applied(WhyNot::not_numbered);
    } else if (!entitled(event)) {
      not_applied(WhyNot::not_entitled);
    }
  }
  out_.decider = decider_;
  out_.last_number = last_;
  order_history();
  return std::move(out_);
}

void Walk::find_gaps() {
  if (LIAISON_BUG(fold_in_arrival_order)) return;
  auto gap = [this](std::uint32_t first, std::uint32_t last) {
    out_.gaps.push_back({file_.id(), out_.strand, first, last});
  };
  std::uint32_t expected = last_ + 1;
  for (auto at = numbered_.upper_bound(last_); at != numbered_.end(); ++at) {
    auto said = std::ranges::find(at->second, decider_,
                                  [](const EventPtr& event) { return event->author; });
    if (said == at->second.end()) continue;
    if (at->first > expected) gap(expected, at->first - 1);
    // Here, but what it cites is not: asking for the number brings both.
    if (at->first == last_ + 1) gap(at->first, at->first);
    expected = at->first + 1;
  }
}

void Walk::order_history() {
  // A display time is the author's clock, but never before that of what the event follows: the
  // number before it, what it answers and what it cites.
  std::vector<HistoryEntry*> proposals;
  std::vector<HistoryEntry*> decisions;
  for (auto& [id, entry] : entries_) {
    entry.shown_at = entry.event->at;
    (entry.event->number == 0 ? proposals : decisions).push_back(&entry);
  }
  std::ranges::sort(decisions, {}, [](const HistoryEntry* entry) {
    return std::tie(entry->event->number, entry->event->id);
  });
  auto follow = [this](HistoryEntry& entry) {
    auto after = [&](const EventId& other) {
      auto at = entries_.find(other);
      if (at != entries_.end()) entry.shown_at = std::max(entry.shown_at, at->second.shown_at);
    };
    if (entry.event->answers) after(*entry.event->answers);
    for (const EventId& cited : entry.event->cites)
      after(cited);
  };
  Instant before{};
  for (const HistoryEntry* entry : proposals) {
    bool opening = entry->event->body.index() == kind_of<wire::events::Requested>;
    if (opening && entry->verdict == Verdict::applied) before = entry->shown_at;
  }
  for (HistoryEntry* entry : decisions) {
    follow(*entry);
    entry->shown_at = std::max(entry->shown_at, before);
    if (entry->verdict == Verdict::applied || entry->verdict == Verdict::behind_gap)
      before = entry->shown_at;
  }
  for (HistoryEntry* entry : proposals) {
    if (entry->event->answers) follow(*entry);
  }
  for (auto& [id, entry] : entries_)
    out_.history.push_back(entry);
  std::ranges::sort(out_.history, [](const HistoryEntry& a, const HistoryEntry& b) {
    return std::tie(a.shown_at, a.event->number, a.event->id) <
           std::tie(b.shown_at, b.event->number, b.event->id);
  });
}

}  // namespace liaison::casework::fold
