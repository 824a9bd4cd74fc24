#include <algorithm>

#include "base/deliberate_bug.h"
#include "base/log.h"
#include "casework/settle.h"
#include "node/shell/engine_parts.h"
#include "wire/limits.h"
#include "wire/mark.h"

/// What a letter brought: kept, or acted on.
namespace liaison::node {
namespace {

template <class... Cases>
struct Visit : Cases... {
  using Cases::operator()...;
};
template <class... Cases>
Visit(Cases...) -> Visit<Cases...>;

// A case of some years has some hundred. More would make every look at it slow.
constexpr std::size_t events_of_author_max = 5000;
// Who decides a strand answers what others propose there, and must not be cut off by it.
constexpr std::size_t events_of_decider_max = 50'000;
// Text of an event is a few thousand octets at most; documents are not in it.
constexpr std::size_t octets_of_author_max = 32u << 20;
// What others pass on of it comes with decisions, without which a strand would end here; but two
// that are of one mind do not fill a node by passing on each other's.
constexpr std::size_t passed_on_factor = 4;
// Events may come before those that say what a case is to this node, but not of so many cases.
constexpr std::size_t cases_without_part_max = 1000;

NodeId decider_of(const casework::CaseView& view, const wire::StrandRef& strand) {
  if (strand.kind == wire::StrandKind::core) return view.core.decider;
  const auto* referral = view.referral(strand.id);
  return referral == nullptr ? NodeId{} : referral->strand.decider;
}

/// Whether the one is another's decision that cites the other, a proposal. Only the decision gives
/// it any effect, so who is not the decider brings nothing in by citing it.
bool decides_upon(const wire::Event& decision, const wire::Event& proposal) {
  return proposal.number == 0 && decision.number != 0 && decision.author != proposal.author &&
         decision.strand == proposal.strand && std::ranges::count(decision.cites, proposal.id) != 0;
}

bool decides(const casework::CaseView& view, const NodeId& node) {
  return view.core.decider == node ||
         std::ranges::any_of(view.referrals, [&](const casework::ReferralView& referral) {
           return referral.strand.decider == node;
         });
}

/// Whether more may be said in the case by its author, or for it by another.
bool has_room(const OpenCase& open, const NodeId& author, bool passed_on) {
  const auto said = open.file.said_by(author);
  const auto factor = passed_on ? passed_on_factor : 1;
  const auto events = decides(open.view, author) ? events_of_decider_max : events_of_author_max;
  return said.events < factor * events && said.octets < factor * octets_of_author_max;
}

/// Another request where its decider has begun: an office that signs two would put the later one,
/// by a lower id, in the place of what has been done since. Only the one that its provider has
/// taken up passes, where none that was is here.
bool is_second_request(const OpenCase& open, const wire::Event& event) {
  if (!std::holds_alternative<wire::events::Requested>(event.body)) return false;
  const auto* referral = open.view.referral(event.strand.id);
  if (referral == nullptr || referral->strand.last_number == 0 ||
      open.file.find(event.id) != nullptr)
    return false;
  const auto* opened_by = open.file.find(referral->opened_by);
  return (opened_by != nullptr && open.file.is_taken_up(*opened_by)) ||
         !open.file.is_taken_up(event);
}

bool is_decided_upon(const casework::CaseFile& file, const wire::Event& proposal) {
  return std::ranges::any_of(
      file.events(), [&](const auto& each) { return decides_upon(*each.second, proposal); });
}

/// The same by a decision that comes with the letter, of its sender.
bool is_decided_upon(const JudgedLetter& judged, const wire::Event& proposal) {
  return std::ranges::any_of(judged.events, [&](const VerifiedEvent& each) {
    return each.event().author == judged.content.sender && decides_upon(each.event(), proposal);
  });
}

}  // namespace

Result<void> Engine::Parts::keep(const JudgedLetter& judged, Now now) {
  const auto& content = judged.content;
  return std::visit(
      Visit{
          [&](const std::vector<wire::SignedEvent>&) { return keep_events(judged, now); },
          [&](const wire::Part& part) { return keep_part(part, now); },
          [&](const std::vector<wire::Receipt>& list) -> Result<void> {
            // What it stored then it has lost since: that goes to it again.
            if (is_of_a_lost_life(content)) return {};
            for (const auto& receipt : list)
              take_receipt(content.sender, receipt, now);
            return {};
          },
          [&](const wire::Ask& ask) -> Result<void> { return answer(content, ask, now); },
          [&](const wire::Answered& answered) -> Result<void> {
            take_answer(content.sender, answered, now);
            return {};
          },
          [&](const wire::UnknownMatter&) -> Result<void> {
            return fail(Reason::unsupported, "it is of a kind that this version does not know");
          },
      },
      content.matter);
}

/// A node gone bad may sign two events under one id, for two others. What the strand's decider
/// holds counts, and comes with its decision: it takes the place of what is here under that id.
void Engine::Parts::make_way(const CaseId& id, const JudgedLetter& judged) {
  if (!cases.has(id)) return;
  const auto& sender = judged.content.sender;
  auto& open = open_case(id);
  std::vector<EventId> otherwise;
  const auto look = [&](const VerifiedEvent& each) {
    const auto& event = each.event();
    const auto* held = open.file.find(event.id);
    if (event.case_id != id || event.author == sender || event.author == self()) return;
    if (held == nullptr || decider_of(open.view, event.strand) != sender) return;
    // In another strand, whose decider has followed it: that stands.
    if (held->strand != event.strand && is_decided_upon(open.file, *held)) return;
    if (cases.event(id, event.id)->event.body != each.bytes().body) otherwise.push_back(event.id);
  };
  for (const auto& each : judged.events)
    look(each);
  // Kept below because a decision cites it, which may come with it.
  for (const auto& each : judged.disbelieved)
    if (is_decided_upon(open.file, each.event()) || is_decided_upon(judged, each.event()))
      look(each);
  for (const auto& event : otherwise) {
    log::warning("an author signed two events under one id; its strand's decider's counts",
                 {{"case", id.text()}, {"event", event.text()}});
    cases.drop_event(id, event);
  }
  if (!otherwise.empty()) close_case(id);
}

bool Engine::Parts::keep_event(OpenCase& open, const JudgedLetter& judged,
                               const VerifiedEvent& each) {
  const auto& id = each.event().case_id;
  if (cases.keep_event(id, each.event().id, each.bytes(), judged.content.letter,
                       judged.content.sender)) {
    open.file.add(each.event(), each.bytes().body.size());
    return true;
  }
  if (!LIAISON_BUG(apply_event_twice)) return false;
  auto copy = each.event();
  copy.id = wire::marked(entropy.fresh<EventId>(), copy.author);
  auto bytes = each.bytes();
  bytes.body = wire::encode(copy);
  cases.keep_event(id, copy.id, bytes, judged.content.letter, judged.content.sender);
  open.file.add(copy, bytes.body.size());
  return true;
}

/// What is now said of a node shut out, or under a key that was taken from it, by who is not in
/// that strand: it may have been signed since, with an earlier time, and make its sender a part of
/// the strand. In a case that is new here nobody can tell who is in it.
bool Engine::Parts::is_hearsay(const OpenCase& open, const VerifiedEvent& said,
                               const NodeId& sender) const {
  const auto& event = said.event();
  return open.view.opened && !catch_up.is_active() && event.author != sender &&
         event.author != self() &&
         (peers.is_revoked(event.author) || peers.is_distrusted(said.bytes().certificate)) &&
         casework::audience(open.view, event.strand).count(sender) == 0;
}

/// Whether this node is in any strand of the case, as far as it is known here.
bool Engine::Parts::takes_part(const casework::CaseView& view) const {
  return std::ranges::any_of(strands_of(view), [&](const wire::StrandRef& strand) {
    return casework::audience(view, strand).count(self()) != 0;
  });
}

Result<void> Engine::Parts::may_keep(const JudgedLetter& judged, const std::set<CaseId>& of) {
  for (const auto& id : of)
    if (cases.is_disposed(id)) return fail(Reason::forbidden, "its case was disposed of here");
  for (const auto& each : judged.events) {
    const auto& event = each.event();
    if (event.author != self() && cases.has(event.case_id) &&
        !has_room(open_case(event.case_id), event.author, event.author != judged.content.sender))
      return fail(Reason::too_large, "its author has said more in one case than a node keeps");
  }
  const auto fresh = std::ranges::count_if(of, [&](const auto& id) { return !cases.has(id); });
  if (!catch_up.is_active() &&
      cases_without_part[judged.content.sender].size() + static_cast<std::size_t>(fresh) >
          cases_without_part_max)
    return fail(Reason::too_large,
                "its sender speaks of more cases in which this node has no part than a node keeps");
  return {};
}

Engine::Parts::Kept Engine::Parts::keep_events_of(OpenCase& open, const JudgedLetter& judged) {
  Kept kept;
  for (const auto& each : judged.events) {
    const auto& event = each.event();
    if (event.case_id != open.file.id()) continue;
    if (is_hearsay(open, each, judged.content.sender)) {
      log::warning("what is now said of a node that was shut out is not believed",
                   {{"case", event.case_id.text()}, {"author", event.author.text()}});
      continue;
    }
    if (is_second_request(open, event)) {
      log::warning("an office signed two requests in one strand; the one that was taken up counts",
                   {{"case", event.case_id.text()}, {"event", event.id.text()}});
    } else if (keep_event(open, judged, each)) {
      kept.believed.push_back(event.id);
    }
  }
  kept.any = !kept.believed.empty();
  // The decider had believed it when it decided: without it the decision, and all that follows
  // it, would be wanting here for ever.
  for (const auto& each : judged.disbelieved)
    if (each.event().case_id == open.file.id() && is_decided_upon(open.file, each.event()))
      kept.any = keep_event(open, judged, each) || kept.any;
  return kept;
}

void Engine::Parts::pass_on(OpenCase& open, const std::vector<EventId>& kept, Audiences before,
                            const wire::Content& from, Now now) {
  const bool is_late = is_of_a_lost_life(from);
  for (const auto& id : kept) {
    const auto& event = *open.file.find(id);
    const bool is_lost_there = is_late && event.author == from.sender;
    if (!is_lost_there && event.author != self()) continue;
    auto to = casework::audience(open.view, event.strand);
    to.insert(before[event.strand].begin(), before[event.strand].end());
    // It asked for what it had lost before this came, and perhaps nobody else has it.
    if (is_lost_there && to.count(from.sender) != 0)
      queue_event(event, from.sender, now, Again::if_asked);
    if (event.author != self()) continue;
    // This node's own, given back after a restore: the rows for those whom it had not reached are
    // lost with the disk, and nobody else sends it to them.
    to.erase(from.sender);
    queue_to_all(open, event, to, now);
  }
  // What this node said before it knew of them all.
  for (const auto& [strand, nodes] : audiences_of(open.view))
    for (const auto& node : nodes)
      if (before[strand].count(node) == 0)
        for (const auto& event : open.file.strand(strand))
          if (event->author == self()) queue_event(*event, node, now, Again::no);
}

Result<void> Engine::Parts::keep_events(const JudgedLetter& judged, Now now) {
  std::set<CaseId> of;
  for (const auto& each : judged.events)
    of.insert(each.event().case_id);
  for (const auto& each : judged.disbelieved)
    if (summaries.count(each.event().case_id) != 0) of.insert(each.event().case_id);
  if (const auto may = may_keep(judged, of); !may) return may;
  for (const auto& id : of) {
    const bool is_fresh = !cases.has(id);
    make_way(id, judged);
    cases.make(id);
    auto& open = open_case(id);
    const auto before = audiences_of(open.view);
    const auto kept = keep_events_of(open, judged);
    if (!kept.any) continue;
    refold(open);
    if (takes_part(open.view)) {
      for (auto& [node, cases_of] : cases_without_part)
        cases_of.erase(id);
    } else if (is_fresh) {
      cases_without_part[judged.content.sender].insert(id);
    }
    summarise(open);
    touch(id);
    pass_on(open, kept.believed, before, judged.content, now);
    settle(id, now);
    look_for_missing(open_case(id), now);
  }
  return {};
}

void Engine::Parts::take_receipt(const NodeId& from, const wire::Receipt& receipt, Now now) {
  const auto* letter = outbox.find(receipt.letter);
  if (letter != nullptr && letter->recipient == from)
    for (const auto& item : letter->items)
      touch(item.case_id);
  if (receipt.stage == wire::Stage::stored) {
    // Its acceptance was not heard of, and will not be: the letter goes no more.
    if (letter != nullptr && letter->recipient == from) logs.not_placed(receipt.letter);
    outbox.receipted(receipt.letter, from);
    letters.note_stored(receipt.letter, from, receipt.at);
    const auto former = stored_by_former_name(receipt.letter, from);
    for (const auto& item : former)
      letters.note_stored(item, receipt.at);
    outbox.ended_elsewhere(from, former);
  } else {
    letters.note_opened(receipt.letter, from, receipt.at);
    for (const auto& item : letters.former_items(receipt.letter, from, {}))
      letters.note_opened(item, receipt.at);
  }
  changed = true;
  (void)now;
}

void Engine::Parts::take_answer(const NodeId& from, const wire::Answered& answered, Now now) {
  if (!catch_up.is_active()) return;
  // Only the answer to "everything" ends the wait for a node; its letter's row names it.
  if (letters.carried_object(answered.ask, from, everything_object()))
    catch_up_answered(from, Answer::given, now);
}

Result<void> Engine::opened(const CaseId& id, const ReferralId& referral, Now now) {
  auto& p = *parts_;
  if (p.summaries.count(id) == 0) return fail(Reason::not_found, "no such case");
  const auto& open = p.open_case(id);
  for (const auto& event : open.file.strand({wire::StrandKind::referral, referral})) {
    if (!std::holds_alternative<wire::events::Requested>(event->body)) continue;
    auto stored = p.cases.event(id, event->id);
    if (!stored || stored->letter.is_zero() ||
        p.letters.has_receipt(stored->letter, wire::Stage::opened))
      return {};
    p.owe(stored->letter, stored->sender, wire::Stage::opened, now);
    return {};
  }
  return fail(Reason::not_found, "no such referral");
}

}  // namespace liaison::node
