#include <algorithm>

#include "base/check.h"
#include "base/deliberate_bug.h"
#include "base/log.h"
#include "casework/settle.h"
#include "casework/summary.h"
#include "node/shell/engine_parts.h"
#include "wire/limits.h"
#include "wire/mark.h"

/// Cases: loaded, folded, acted on; events signed, kept and queued.
namespace liaison::node {
namespace {

// A settled case settles to nothing; more rounds than this would be casework contradicting itself.
constexpr int settle_rounds_max = 8;

}  // namespace

Audiences audiences_of(const casework::CaseView& view) {
  Audiences out;
  for (const auto& strand : strands_of(view))
    out.emplace(strand, casework::audience(view, strand));
  return out;
}

std::vector<wire::StrandRef> strands_of(const casework::CaseView& view) {
  std::vector<wire::StrandRef> out{{wire::StrandKind::core, {}}, {wire::StrandKind::own, {}}};
  for (const auto& referral : view.referrals)
    out.push_back({wire::StrandKind::referral, referral.id});
  return out;
}

std::vector<const wire::Event*> cited_by(const casework::CaseFile& file, const wire::Event& event) {
  std::vector<const wire::Event*> out;
  for (const auto& id : event.cites)
    if (const auto* cited = file.find(id); cited != nullptr && cited->strand == event.strand)
      out.push_back(cited);
  return out;
}

void Engine::Parts::load_cases() {
  for (auto& [id, summary] : cases.summaries()) {
    if (summary.lead_office.empty() && summary.referrals.empty()) {
      // Nothing of it can be listed yet (its core has not come), or its summary cannot be read.
      const auto& open = open_case(id);
      if (open.file.size() == 0) continue;
      look_for_missing(open, last_now);
      if (open.view.opened || !open.view.referrals.empty()) {
        summarise(open);
        continue;
      }
    }
    for (const auto& referral : summary.referrals)
      referral_case.insert_or_assign(referral.id, id);
    bool whole = summary.whole;
    summaries.insert_or_assign(id, std::move(summary));
    if (!whole) look_for_missing(open_case(id), last_now);
  }
}

OpenCase& Engine::Parts::open_case(const CaseId& id) {
  auto at = open_cases.find(id);
  if (at != open_cases.end()) {
    case_order.splice(case_order.end(), case_order, at->second.used);
    return at->second;
  }
  std::size_t octets = 0;
  for (const auto& [each, open] : open_cases)
    octets += open.file.octets();
  while (open_cases.size() >= std::max<std::size_t>(config.cases_cached_max, 8) ||
         octets > config.cached_octets_max) {
    const auto longest_unused = open_cases.find(case_order.front());
    octets -= longest_unused->second.file.octets();
    open_cases.erase(longest_unused);
    case_order.pop_front();
  }
  case_order.push_back(id);
  auto& open =
      open_cases.emplace(id, OpenCase{casework::CaseFile(id), {}, std::prev(case_order.end())})
          .first->second;
  if (cases.has(id)) {
    for (const auto& stored : cases.events(id)) {
      auto event = wire::decode_event(stored.event.body);
      if (event) open.file.add(std::move(*event), stored.event.body.size());
    }
  }
  refold(open);
  return open;
}

void Engine::Parts::close_case(const CaseId& id) {
  auto at = open_cases.find(id);
  if (at == open_cases.end()) return;
  case_order.erase(at->second.used);
  open_cases.erase(at);
}

void Engine::Parts::refold(OpenCase& open) {
  open.view = open.file.fold();
}

void Engine::Parts::summarise(const OpenCase& open) {
  auto summary = casework::summarise(open.view, self());
  summary.id = open.file.id();
  // Else nobody would ask, after a restart, for documents whose events are here.
  summary.whole = summary.whole && has_all_parts(open);
  write();
  cases.keep_summary(summary);
  for (const auto& referral : summary.referrals)
    referral_case.insert_or_assign(referral.id, summary.id);
  auto id = summary.id;
  summaries.insert_or_assign(id, std::move(summary));
}

std::set<NodeId> Engine::Parts::others_in(const casework::CaseView& view) const {
  std::set<NodeId> others;
  for (const auto& strand : strands_of(view))
    for (const auto& node : casework::audience(view, strand))
      if (node != self() && !peers.is_revoked(node)) others.insert(node);
  return others;
}

bool Engine::Parts::may_decide(const casework::CaseView& view, Now now) const {
  if (!catch_up.is_active()) return true;
  // What is decided names the life of the store that decided it: the exchange has yet to say which.
  if (incarnation == 0) return false;
  std::optional<NodeId> lead;
  if (!view.lead_office.empty() && view.lead_office != self()) lead = view.lead_office;
  // A clock that jumped says nothing of how long strangers had time to answer.
  const auto at = clock.is_guarded(now) ? std::min(now.wall, catch_up.began()) : now.wall;
  return catch_up.may_decide(view.id, others_in(view), lead, at);
}

bool Engine::Parts::may_go(ByteView object, const NodeId& to, Now now, Again again) {
  switch (again) {
    case Again::no:
      return !letters.was_queued(object, to);
    case Again::if_asked:
      return letters.may_go_again(object, to, now.wall);
    case Again::yes:
      return !letters.is_open(object, to);
  }
  return false;
}

void Engine::Parts::queue_event(const wire::Event& event, const NodeId& to, Now now, Again again) {
  if (to == self() || to.empty()) return;
  if (!may_go(event.id.view(), to, now, again)) return;
  OutboxRow row;
  row.item.recipient = to;
  row.item.case_id = event.case_id;
  row.item.kind = ItemKind::event;
  row.object = event.id.bytes();
  // With its signature and certificate, about.
  row.item.bytes = static_cast<std::uint32_t>(wire::encode(event).size() + 256);
  queue(std::move(row), now);
  for (const auto& attachment : attachments_of(event))
    if (gives_documents(open_case(event.case_id).view, event))
      queue_parts(event.case_id, attachment, to, now, again);
}

void Engine::Parts::queue_to_all(const OpenCase& open, const wire::Event& event,
                                 const std::set<NodeId>& to, Now now) {
  for (const auto& node : to) {
    // What a decision cites goes with it, to those who may not have it.
    for (const auto* other : cited_by(open.file, event))
      if (other->author != node) queue_event(*other, node, now, Again::no);
    queue_event(event, node, now, Again::no);
  }
}

std::vector<wire::Event> Engine::Parts::apply(OpenCase& open,
                                              const std::vector<casework::Draft>& drafts,
                                              const casework::Actor& actor, Now now) {
  auto id = open.file.id();
  auto before = audiences_of(open.view);
  std::vector<wire::Event> made;
  write();
  cases.make(id);
  for (const auto& draft : drafts) {
    wire::Event event;
    event.id = wire::marked(entropy.fresh<EventId>(), self());
    event.case_id = id;
    event.strand = draft.strand;
    event.author = self();
    event.incarnation = incarnation;
    event.user = actor.user;
    event.user_name = actor.display_name;
    event.user_role = actor.role;
    event.at = now.wall;
    event.answers = draft.answers;
    event.number = draft.number;
    event.cites = draft.cites;
    event.body = draft.body;
    wire::SignedEvent bytes;
    bytes.body = wire::encode(event);
    bytes.signature = signing.sign(wire::signed_bytes_of_event(bytes.body));
    bytes.certificate = certificate.fingerprint();
    cases.keep_event(id, event.id, bytes, {}, {});
    open.file.add(event, bytes.body.size());
    made.push_back(std::move(event));
  }
  refold(open);
  auto after = audiences_of(open.view);

  for (const auto& event : made) {
    std::set<NodeId> to;
    // Before as well as after: who leaves is told so.
    for (const auto* audiences : {&before, &after})
      if (auto at = audiences->find(event.strand); at != audiences->end())
        to.insert(at->second.begin(), at->second.end());
    queue_to_all(open, event, to, now);
  }
  // Who joins a strand gets it whole.
  for (const auto& [strand, nodes] : after) {
    auto was = before.find(strand);
    for (const auto& node : nodes) {
      if (node == self() || (was != before.end() && was->second.count(node) != 0)) continue;
      for (const auto& event : open.file.strand(strand))
        if (event->author != node) queue_event(*event, node, now, Again::no);
    }
  }
  summarise(open);
  touch(id);
  return made;
}

void Engine::Parts::settle(const CaseId& id, Now now) {
  auto& open = open_case(id);
  if (!may_decide(open.view, now)) {
    if (held_back) held_back->insert_or_assign(id, others_in(open.view));
    return;
  }
  if (held_back) held_back->erase(id);
  for (int round = 0; round < settle_rounds_max; ++round) {
    auto drafts = casework::settle(open.view, self());
    if (drafts.empty()) return;
    apply(open, drafts, casework::Actor{self(), "", wire::UserRole::none, ""}, now);
  }
  log::error("a case did not settle", {{"case", id.text()}});
}

void Engine::Parts::settle_all(Now now) {
  held_back.emplace();
  std::vector<CaseId> all;
  for (const auto& [id, summary] : summaries)
    all.push_back(id);
  for (const auto& id : all) {
    settle(id, now);
    touch(id);
  }
}

/// To look into all cases at each answer takes minutes where there are many of both. What time, or
/// the last answer, lets go on is settled with all.
void Engine::Parts::settle_held_back_by(const NodeId& node, Now now) {
  if (!held_back) return settle_all(now);
  std::vector<CaseId> concerned;
  for (const auto& [id, nodes] : *held_back)
    if (nodes.count(node) != 0) concerned.push_back(id);
  for (const auto& id : concerned) {
    if (summaries.count(id) == 0) continue;
    settle(id, now);
    touch(id);
  }
}

Result<std::vector<wire::Event>> Engine::act(const CaseId& id, const casework::Actor& actor,
                                             const Decide& decide, Now now,
                                             const std::vector<NewAttachment>& attachments) {
  auto& p = *parts_;
  if (!p.cases.has(id)) return fail(Reason::not_found, "no such case");
  auto& open = p.open_case(id);
  if (!p.may_decide(open.view, now))
    return fail(Reason::unavailable,
                "this node was restored from a backup and still waits to hear what the others in "
                "this case have: "
                "nothing was done; try again later, or have an administrator override the wait");
  auto drafts = decide(open.view);
  if (!drafts) return fail(drafts.error());
  p.write();
  for (const auto& attachment : attachments)
    p.keep_attachment(id, attachment);
  const auto others = p.catch_up.is_active() ? p.others_in(open.view) : std::set<NodeId>{};
  auto made = p.apply(open, *drafts, actor, now);
  p.await_no_newcomer(id, others);
  p.settle(id, now);
  return made;
}

Result<std::vector<wire::Event>> Engine::act_on_new_case(const casework::Actor& actor,
                                                         const Decide& decide, Now now) {
  auto& p = *parts_;
  if (p.catch_up.is_active() && p.incarnation == 0)
    return fail(Reason::unavailable,
                "this node was restored from a backup and has not reached the exchange yet: "
                "nothing was done; try "
                "again when it has");
  auto id = wire::marked(p.entropy.fresh<CaseId>(), p.self());
  auto& open = p.open_case(id);
  auto drafts = decide(open.view);
  if (!drafts) {
    p.close_case(id);
    return fail(drafts.error());
  }
  p.write();
  if (p.catch_up.is_active()) {
    // Nobody else can know of it: there is nobody to wait for.
    p.catch_up.override_case(id);
    p.registry.free_case(id);
  }
  auto made = p.apply(open, *drafts, actor, now);
  p.settle(id, now);
  return made;
}

ReferralId Engine::fresh_referral() {
  return wire::marked(parts_->entropy.fresh<ReferralId>(), parts_->self());
}

const std::map<CaseId, wire::CaseSummary>& Engine::cases() const {
  return parts_->summaries;
}

bool Engine::is_catching_up(const CaseId& id) const {
  auto& p = *parts_;
  return p.catch_up.is_active() && p.summaries.count(id) != 0 &&
         !p.may_decide(p.open_case(id).view, p.last_now);
}

Result<const casework::CaseView*> Engine::case_view(const CaseId& id) {
  if (parts_->summaries.count(id) == 0) return fail(Reason::not_found, "no such case");
  return &parts_->open_case(id).view;
}

std::optional<CaseId> Engine::case_of(const ReferralId& referral) const {
  auto at = parts_->referral_case.find(referral);
  if (at == parts_->referral_case.end()) return std::nullopt;
  return at->second;
}

const std::map<ReferralId, CaseId>& Engine::referrals() const {
  return parts_->referral_case;
}

std::vector<DeliveryStep> Engine::delivery(const EventId& event) {
  return parts_->letters.steps(event);
}

std::vector<DeliveryStep> Engine::delivery_of(const CaseId& id, const ReferralId& referral) {
  auto& p = *parts_;
  if (p.summaries.count(id) == 0) return {};
  for (const auto& event : p.open_case(id).file.strand({wire::StrandKind::referral, referral}))
    if (std::holds_alternative<wire::events::Requested>(event->body))
      return p.letters.steps(event->id);
  return {};
}

}  // namespace liaison::node
