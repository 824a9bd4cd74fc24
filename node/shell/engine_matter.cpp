#include <algorithm>

#include "base/deliberate_bug.h"
#include "base/log.h"
#include "casework/settle.h"
#include "crypto/digest.h"
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

// A referral's attachments are at most 25 MiB; a case may have several.
constexpr std::uint64_t part_bytes_of_case_max = 256u << 20;
// A case of some years has some hundred. More would make every look at it slow.
constexpr std::size_t events_of_author_max = 5000;
// Who decides a strand answers what others propose there, and must not be cut off by it.
constexpr std::size_t events_of_decider_max = 50'000;
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

/// Whether its author may say more in the case.
bool has_room(const OpenCase& open, const NodeId& author) {
  return open.file.said_by(author) <
         (decides(open.view, author) ? events_of_decider_max : events_of_author_max);
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
            for (const auto& receipt : list)
              take_receipt(content.sender, receipt, now);
            return {};
          },
          [&](const wire::Ask& ask) -> Result<void> {
            return answer(content.sender, content.letter, ask, now);
          },
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
    if (held == nullptr || held->strand != event.strand) return;
    if (decider_of(open.view, event.strand) != sender) return;
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
    open.file.add(each.event());
    return true;
  }
  if (!LIAISON_BUG(apply_event_twice)) return false;
  auto copy = each.event();
  copy.id = wire::marked(entropy.fresh<EventId>(), copy.author);
  auto bytes = each.bytes();
  bytes.body = wire::encode(copy);
  cases.keep_event(id, copy.id, bytes, judged.content.letter, judged.content.sender);
  open.file.add(copy);
  return true;
}

/// What is now said of a node shut out, by who is not in that strand: it may have been signed
/// since, with an earlier time. In a case that is new here nobody can tell who is in it.
bool Engine::Parts::is_hearsay(const OpenCase& open, const wire::Event& event,
                               const NodeId& sender) const {
  return open.view.opened && !catch_up.is_active() && event.author != sender &&
         event.strand.kind == wire::StrandKind::referral && event.author != self() &&
         peers.is_revoked(event.author) &&
         casework::audience(open.view, event.strand).count(sender) == 0;
}

/// Whether this node is in any strand of the case, as far as it is known here.
bool Engine::Parts::takes_part(const casework::CaseView& view) const {
  return std::ranges::any_of(strands_of(view), [&](const wire::StrandRef& strand) {
    return casework::audience(view, strand).count(self()) != 0;
  });
}

Result<void> Engine::Parts::keep_events(const JudgedLetter& judged, Now now) {
  std::set<CaseId> of;
  for (const auto& each : judged.events)
    of.insert(each.event().case_id);
  for (const auto& each : judged.disbelieved)
    if (summaries.count(each.event().case_id) != 0) of.insert(each.event().case_id);
  for (const auto& id : of)
    if (cases.is_disposed(id)) return fail(Reason::forbidden, "its case was disposed of here");
  // What others pass on of it comes with decisions, without which a strand would end here.
  for (const auto& each : judged.events)
    if (each.event().author == judged.content.sender && cases.has(each.event().case_id) &&
        !has_room(open_case(each.event().case_id), each.event().author))
      return fail(Reason::too_large, "its author has said more in one case than a node keeps");
  auto& without_part = cases_without_part[judged.content.sender];
  const auto fresh = std::ranges::count_if(of, [&](const auto& id) { return !cases.has(id); });
  if (!catch_up.is_active() &&
      without_part.size() + static_cast<std::size_t>(fresh) > cases_without_part_max)
    return fail(Reason::too_large,
                "its sender speaks of more cases in which this node has no part than a node keeps");
  for (const auto& id : of) {
    const bool is_fresh = !cases.has(id);
    make_way(id, judged);
    cases.make(id);
    auto& open = open_case(id);
    auto before = audiences_of(open.view);
    bool any = false;
    std::vector<EventId> own;
    for (const auto& each : judged.events) {
      if (each.event().case_id != id || is_hearsay(open, each.event(), judged.content.sender) ||
          !keep_event(open, judged, each))
        continue;
      if (each.event().author == self()) own.push_back(each.event().id);
      any = true;
    }
    // The decider had believed it when it decided: without it the decision, and all that follows
    // it, would be wanting here for ever.
    for (const auto& each : judged.disbelieved)
      if (each.event().case_id == id && is_decided_upon(open.file, each.event()))
        any = keep_event(open, judged, each) || any;
    if (!any) continue;
    refold(open);
    if (takes_part(open.view)) {
      for (auto& [node, cases_of] : cases_without_part)
        cases_of.erase(id);
    } else if (is_fresh) {
      without_part.insert(id);
    }
    summarise(open);
    touch(id);
    // Its own, given back after a restore: the rows for those whom it had not reached are lost with
    // the disk, and nobody else sends it to them.
    for (const auto& lost : own) {
      const auto* event = open.file.find(lost);
      auto to = casework::audience(open.view, event->strand);
      to.insert(before[event->strand].begin(), before[event->strand].end());
      to.erase(judged.content.sender);
      queue_to_all(open, *event, to, now);
    }
    // What this node said before it knew of them all.
    for (const auto& [strand, nodes] : audiences_of(open.view))
      for (const auto& node : nodes)
        if (before[strand].count(node) == 0)
          for (const auto& event : open.file.strand(strand))
            if (event->author == self()) queue_event(*event, node, now, Again::no);
    settle(id, now);
    look_for_missing(open_case(id), now);
  }
  return {};
}

Result<void> Engine::Parts::keep_part(const wire::Part& part, Now now) {
  if (cases.is_disposed(part.case_id))
    return fail(Reason::forbidden, "its case was disposed of here");
  std::vector<Document> documents;
  if (cases.has(part.case_id)) documents = documents_of(open_case(part.case_id));
  std::erase_if(documents,
                [&](const Document& each) { return each.about.digest != part.attachment; });
  // Its event comes first, as a rule. If not, the part is asked for when the event is here: nobody
  // fills a disk with what no event speaks of.
  if (documents.empty()) return {};
  const auto fits = [&](const Document& each) {
    return part.count == each.about.parts.size() && part.index < part.count &&
           crypto::sha256(part.bytes) == each.about.parts[part.index];
  };
  if (!std::ranges::any_of(documents, fits))
    return fail(Reason::malformed, "it is not the part of its attachment that it says it is");
  if (cases.part_bytes(part.case_id) + part.bytes.size() > part_bytes_of_case_max)
    return fail(Reason::too_large, "the case has more octets of attachments than a case may have");
  cases.keep_part(part.case_id, part.attachment, part.index, part.count, part.bytes);
  auto held = cases.parts_held(part.case_id, part.attachment);
  if (held.size() < part.count) return {};
  crypto::Sha256 digest;
  for (auto index : held)
    digest.add(*cases.part(part.case_id, part.attachment, index));
  if (digest.finish() != part.attachment) {
    // One of them is not what its attachment says: all again, from who has it.
    cases.forget_parts(part.case_id, part.attachment);
    log::warning("an attachment did not match its digest; it is asked for again");
  }
  touch(part.case_id);
  summarise(open_case(part.case_id));
  look_for_missing(open_case(part.case_id), now);
  return {};
}

void Engine::Parts::take_receipt(const NodeId& from, const wire::Receipt& receipt, Now now) {
  const auto* letter = outbox.find(receipt.letter);
  if (letter != nullptr && letter->recipient == from)
    for (const auto& item : letter->items)
      touch(item.case_id);
  auto former = letters.former_items(receipt.letter, from);
  if (receipt.stage == wire::Stage::stored) {
    outbox.receipted(receipt.letter, from);
    letters.note_stored(receipt.letter, from, receipt.at);
    for (const auto& item : former)
      letters.note_stored(item, receipt.at);
    outbox.ended_elsewhere(from, former);
  } else {
    letters.note_opened(receipt.letter, from, receipt.at);
    for (const auto& item : former)
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
