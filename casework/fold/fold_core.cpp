#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include "base/deliberate_bug.h"
#include "casework/fold/folds.h"
#include "casework/fold/walk.h"
#include "casework/kinds.h"
#include "wire/mark.h"

// The core strand: lead office, participants, case manager, sharing.

namespace liaison::casework::fold {
namespace {

namespace ev = wire::events;

/// Whether `event` had its effect.
constexpr WhyNot done = WhyNot::none;
// A case of some years has some tens of participants and of items that are shared; each is
// looked at again for all that comes after it.
constexpr std::size_t participants_max = 1000;
constexpr std::size_t shares_max = 10'000;

class Core {
 public:
  Core(const CaseFile& file, CaseView& view, Walk& walk) : file_(file), view_(view), walk_(walk) {}

  WhyNot apply(const EventPtr& event) {
    event_ = event;
    if (!view_.opened && event->body.index() != kind_of<ev::CaseOpened>)
      return WhyNot::move_not_allowed;
    return std::visit(*this, event->body);
  }

  bool entitled(const wire::Event& proposal) const {
    if (proposal.body.index() == kind_of<ev::ManagerProposed>) return took_part(proposal.author);
    const ev::ManagerProposed* asked = proposed(proposal.answers);
    return asked != nullptr && asked->holder.node == proposal.author;
  }

  WhyNot operator()(const ev::CaseOpened& opened) {
    if (view_.opened) return WhyNot::move_not_allowed;
    view_.opened = true;
    view_.lead_office = event_->author;
    view_.lead_offices = {event_->author};
    view_.lead_adviser = opened.lead_adviser;
    view_.lead_adviser.node = event_->author;
    view_.lead_number = opened.lead_number;
    view_.handling = opened.handling;
    view_.opened_at = event_->at;
    allocate(view_.lead_adviser, "");
    return done;
  }

  WhyNot operator()(const ev::ParticipantJoined& joined) {
    auto same = [&](const Participant& p) {
      return !p.until && p.who.node == joined.who.node && p.who.user == joined.who.user;
    };
    if (joined.who.node == view_.lead_office || view_.participants.size() >= participants_max)
      return WhyNot::not_valid;
    if (std::ranges::any_of(view_.participants, same)) return WhyNot::move_not_allowed;
    view_.participants.push_back(
        {joined.who, joined.organisation, joined.purpose, event_->at, std::nullopt});
    return done;
  }

  WhyNot operator()(const ev::ParticipantLeft& left) {
    bool was_here = false;
    for (Participant& participant : view_.participants) {
      if (participant.until || participant.who.node != left.node) continue;
      participant.until = event_->at;
      was_here = true;
    }
    if (!was_here) return WhyNot::move_not_allowed;
    if (view_.manager.holder.node == left.node)
      allocate(view_.lead_adviser, "the case manager's organisation left the case");
    return done;
  }

  WhyNot operator()(const ev::ManagerAllocated& allocated) {
    const Person& holder = allocated.holder;
    if (holder.name.empty() && holder.user.empty()) return WhyNot::not_valid;
    if (holder.node != view_.lead_office) {
      if (!takes_part(holder.node)) return WhyNot::not_valid;
      auto accepts = [&](const EventId& cited) {
        const wire::Event* answer = file_.find(cited);
        if (answer == nullptr || answer->author != holder.node) return false;
        if (answer->body.index() != kind_of<ev::ManagerAccepted>) return false;
        // Who has the acceptance alone would judge otherwise than who has the proposal too; what is
        // cited, everyone waits for.
        if (!answer->answers || std::ranges::count(event_->cites, *answer->answers) == 0)
          return false;
        const ev::ManagerProposed* asked = proposed(answer->answers);
        return asked != nullptr && asked->holder == holder;
      };
      if (!std::ranges::any_of(event_->cites, accepts)) return WhyNot::lacks_proposal;
    }
    walk_.settle_cited(*event_, Verdict::applied, WhyNot::none, [this](const wire::Event& cited) {
      return cited.body.index() != kind_of<ev::ManagerDeclined> && entitled(cited);
    });
    allocate(holder, allocated.reason);
    return done;
  }

  WhyNot operator()(const ev::Shared& shared) {
    if (view_.shares.size() + shared.items.size() > shares_max) return WhyNot::not_valid;
    const std::shared_ptr<const wire::Ground> ground(event_, &shared.ground);
    for (const std::string& item : shared.items) {
      // A newer basis for the same item replaces the one before it.
      const auto [last, is_first] = last_share_.try_emplace({shared.to, item}, view_.shares.size());
      if (!is_first) {
        ShareView& before = view_.shares[std::exchange(last->second, view_.shares.size())];
        if (!before.ended) before.ended = event_->at;
      }
      view_.shares.push_back(
          {event_->id, shared.to, item, ground, event_->at, std::nullopt, std::nullopt});
    }
    return done;
  }

  WhyNot operator()(const ev::SharingWithdrawn& withdrawn) {
    for (ShareView& share : view_.shares) {
      bool meant =
          share.to == withdrawn.to && !share.ended &&
          (withdrawn.items.empty() || std::ranges::count(withdrawn.items, share.item) != 0);
      if (!meant) continue;
      if (share.ground->basis == Basis::agreed) {
        share.ended = event_->at;
      } else {
        share.objection = event_->id;
      }
    }
    return done;
  }

  WhyNot operator()(const ev::HandlingChanged& changed) {
    view_.handling = changed.handling;
    return done;
  }

  WhyNot operator()(const ev::CaseClosed& closed) {
    if (view_.closed_at) return WhyNot::move_not_allowed;
    view_.closed_at = event_->at;
    view_.closed_because = closed.reason;
    return done;
  }

  WhyNot operator()(const ev::LeadMoved& moved) {
    if (moved.lead_number <= view_.lead_number || !takes_part(moved.successor))
      return WhyNot::not_valid;
    NodeId before = view_.lead_office;
    view_.lead_office = moved.successor;
    view_.lead_offices.push_back(moved.successor);
    view_.lead_number = moved.lead_number;
    view_.lead_adviser = moved.lead_adviser;
    view_.lead_adviser.node = moved.successor;
    for (Participant& participant : view_.participants) {
      if (!participant.until && participant.who.node == moved.successor)
        participant.until = event_->at;
    }
    if (view_.manager.holder.node == before) allocate(view_.lead_adviser, "the lead moved");
    walk_.hand_to(moved.successor);
    return done;
  }

  WhyNot operator()(const ev::Taken&) {
    walk_.settle_cited(*event_, Verdict::applied, WhyNot::none, [this](const wire::Event& cited) {
      return cited.body.index() == kind_of<ev::ManagerDeclined> && entitled(cited);
    });
    return done;
  }

  WhyNot operator()(const ev::Refused&) {
    walk_.settle_cited(*event_, Verdict::not_applied, WhyNot::refused,
                       [](const wire::Event&) { return true; });
    return done;
  }

  WhyNot operator()(const ev::Unknown&) { return done; }

  /// Kinds of other strands, and proposals with a number.
  template <class Other>
  requires(!DecidedIn<Other, StrandKind::core>) WhyNot operator()(const Other&) {
    return is_proposal(event_->body) ? WhyNot::not_valid : WhyNot::wrong_strand;
  }

  /// What became of the proposals to move the case manager's role.
  void list_proposals(const StrandView& strand) {
    std::map<EventId, std::vector<const HistoryEntry*>> answers;
    for (const HistoryEntry& entry : strand.history)
      if (entry.event->answers && entry.verdict != Verdict::not_applied)
        answers[*entry.event->answers].push_back(&entry);
    for (const HistoryEntry& entry : strand.history) {
      const auto* asked = std::get_if<ev::ManagerProposed>(&entry.event->body);
      if (asked == nullptr) continue;
      if (LIAISON_BUG(manager_from_proposal)) allocate(asked->holder, asked->reason);
      if (entry.verdict != Verdict::pending) continue;
      ManagerProposal proposal{entry.event->id,
                               asked->holder,
                               {entry.event->author, entry.event->user, entry.event->user_name},
                               asked->reason,
                               std::nullopt,
                               false};
      for (const HistoryEntry* answer : answers[entry.event->id]) {
        if (answer->event->body.index() == kind_of<ev::ManagerAccepted>)
          proposal.accepted = answer->event->id;
        if (answer->event->body.index() == kind_of<ev::ManagerDeclined>) proposal.declined = true;
      }
      view_.manager_proposals.push_back(std::move(proposal));
    }
  }

 private:
  void allocate(const Person& holder, const std::string& reason) {
    view_.manager = {holder, reason, event_->id, event_->at};
    view_.manager_history.push_back(view_.manager);
  }

  [[nodiscard]] bool takes_part(const NodeId& node) const { return view_.takes_part(node); }
  [[nodiscard]] bool took_part(const NodeId& node) const {
    return std::ranges::count(view_.lead_offices, node) != 0 ||
           std::ranges::any_of(view_.participants,
                               [&](const Participant& p) { return p.who.node == node; });
  }
  [[nodiscard]] const ev::ManagerProposed* proposed(const std::optional<EventId>& id) const {
    const wire::Event* event = id ? file_.find(*id) : nullptr;
    if (event == nullptr || event->number != 0 || event->strand.kind != StrandKind::core ||
        !took_part(event->author))
      return nullptr;
    return std::get_if<ev::ManagerProposed>(&event->body);
  }

  const CaseFile& file_;
  CaseView& view_;
  Walk& walk_;
  EventPtr event_;
  std::map<std::pair<NodeId, std::string>, std::size_t> last_share_;  ///< its place in the view
};

/// Who opened the case: the node whose mark its id bears, so that nobody else can claim it.
NodeId opener(const CaseFile& file) {
  for (const EventPtr& event : file.strand({StrandKind::core, {}})) {
    bool opening = event->number == 1 && event->body.index() == kind_of<ev::CaseOpened>;
    if (opening && wire::bears_mark(file.id(), event->author)) return event->author;
  }
  return {};
}

}  // namespace

void fold_core(const CaseFile& file, CaseView& view) {
  Walk walk(file, {StrandKind::core, {}}, opener(file));
  Core core(file, view, walk);
  if (walk.decider().empty()) {
    view.core = walk.finish([](const wire::Event&) { return true; });
    if (file.size() != 0 && view.core.gaps.empty())
      view.core.gaps.push_back({file.id(), view.core.strand, 1, 1});
    return;
  }
  while (EventPtr event = walk.next()) {
    WhyNot why = core.apply(event);
    bool unknown = event->body.index() == kind_of<ev::Unknown>;
    walk.judge(event->id,
               why != done ? Verdict::not_applied
               : unknown   ? Verdict::unknown
                           : Verdict::applied,
               why);
  }
  view.core = walk.finish([&core](const wire::Event& proposal) { return core.entitled(proposal); });
  core.list_proposals(view.core);
}

}  // namespace liaison::casework::fold
