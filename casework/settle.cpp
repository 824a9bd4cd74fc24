#include "casework/settle.h"

#include <algorithm>

#include "casework/attachments.h"
#include "casework/kinds.h"
#include "wire/events/limits.h"

namespace liaison::casework {
namespace {

namespace ev = wire::events;
using S = ReferralState;

constexpr std::size_t cites_max = ev::list_max;

/// Settles one referral's strand: keeps the state that its own drafts lead to.
class Settling {
 public:
  Settling(const ReferralView& referral, std::vector<Draft>& out)
      : referral_(referral),
        state_(referral.state),
        before_pause_(referral.before_pause),
        number_(referral.strand.next_number()),
        out_(out) {}

  void run() {
    if (state_ == S::requested) {
      // Names the request: an office gone bad may have signed another one in this strand.
      add(ev::Received{}, {}, referral_.opened_by);
      state_ = S::received;
    }
    for (const HistoryEntry& entry : referral_.strand.history) {
      if (entry.verdict == Verdict::pending) decide(*entry.event);
    }
    flush();
  }

 private:
  void decide(const wire::Event& proposal) {
    bool closed = is_final(state_);
    if (std::holds_alternative<ev::Answered>(proposal.body)) {
      bool asked = std::ranges::any_of(referral_.questions, [&](const Question& question) {
        return proposal.answers == question.event;
      });
      closed  ? refuse(proposal, ev::Refusal::finished)
      : asked ? take(proposal)
              : refuse(proposal, ev::Refusal::not_possible);
    } else if (std::holds_alternative<ev::DetailsGiven>(proposal.body)) {
      closed ? refuse(proposal, ev::Refusal::finished) : take(proposal);
    } else if (const auto* added = std::get_if<ev::AttachmentAdded>(&proposal.body)) {
      if (closed) return refuse(proposal, ev::Refusal::finished);
      if (auto fits = add_to_attachments(added->attachment); !fits)
        return refuse(proposal, ev::Refusal::other, fits.error().text);
      take(proposal);
    } else if (const auto* pause = std::get_if<ev::PauseRequested>(&proposal.body)) {
      if (state_ != S::accepted && state_ != S::started)
        return refuse(proposal, late_or_not_possible());
      add(ev::Paused{pause->reason, pause->expected_return}, {proposal.id});
      before_pause_ = state_;
      state_ = S::paused;
    } else if (const auto* resume = std::get_if<ev::ResumeRequested>(&proposal.body)) {
      if (state_ != S::paused) return refuse(proposal, late_or_not_possible());
      add(ev::Resumed{resume->note}, {proposal.id});
      state_ = before_pause_;
    } else if (std::holds_alternative<ev::WithdrawalRequested>(proposal.body)) {
      withdraw(proposal);
    } else if (std::holds_alternative<ev::ErrorClaimed>(proposal.body)) {
      correct(proposal);
    }
  }

  void withdraw(const wire::Event& proposal) {
    const Move* move = move_of(ev::Withdrawn{});
    if (!move->starts_in(state_)) return refuse(proposal, ev::Refusal::finished);
    // Once accepted, a person there confirms, or shows that it had ended first.
    if (state_ != S::received && !is_final(state_)) return;
    add(ev::Withdrawn{}, {proposal.id});
    state_ = S::withdrawn;
  }

  void correct(const wire::Event& proposal) {
    const Move* move = move_of(ev::EnteredInError{});
    if (!move->starts_in(state_)) return refuse(proposal, ev::Refusal::finished);
    if (state_ != S::received && !is_final(state_)) return;
    add(ev::EnteredInError{}, {proposal.id});
    state_ = S::entered_in_error;
  }

  [[nodiscard]] ev::Refusal late_or_not_possible() const {
    return is_final(state_) ? ev::Refusal::finished : ev::Refusal::not_possible;
  }
  void take(const wire::Event& proposal) {
    if (taken_.size() == cites_max) flush();
    taken_.push_back(proposal.id);
  }
  void refuse(const wire::Event& proposal, ev::Refusal why, std::string text = {}) {
    add(ev::Refused{why, std::move(text)}, {proposal.id});
  }

  /// An office that does not keep to the limits adds nothing beyond them: the decider's word, and
  /// so the same everywhere.
  Result<void> add_to_attachments(const wire::Attachment& added) {
    if (!attachments_) attachments_ = referral_.attachments;
    attachments_->push_back(added);
    auto good = check_attachments(*attachments_);
    if (!good) attachments_->pop_back();
    return good;
  }

  /// Everything taken so far, in one event, before whatever comes next: a later move may end it.
  void flush() {
    if (taken_.empty()) return;
    out_.push_back(
        {referral_.strand.strand, number_++, std::nullopt, std::move(taken_), ev::Taken{}});
    taken_.clear();
  }
  void add(wire::EventBody body, std::vector<EventId> cites,
           std::optional<EventId> answers = std::nullopt) {
    flush();
    out_.push_back(
        {referral_.strand.strand, number_++, answers, std::move(cites), std::move(body)});
  }

  const ReferralView& referral_;
  S state_;
  S before_pause_;
  std::uint32_t number_;
  std::vector<EventId> taken_;
  std::optional<std::vector<wire::Attachment>> attachments_;  ///< as those drafts leave them
  std::vector<Draft>& out_;
};

/// In the core only a refusal by the proposed holder needs no person.
void settle_core(const CaseView& view, std::vector<Draft>& out) {
  Draft taken{view.core.strand, view.core.next_number(), std::nullopt, {}, ev::Taken{}};
  Draft refused{view.core.strand,
                view.core.next_number() + 1,
                std::nullopt,
                {},
                ev::Refused{ev::Refusal::other, "declined"}};
  for (const HistoryEntry& entry : view.core.history) {
    bool declined = entry.verdict == Verdict::pending &&
                    entry.event->body.index() == kind_of<ev::ManagerDeclined>;
    if (!declined || taken.cites.size() == cites_max) continue;
    taken.cites.push_back(entry.event->id);
    bool open = std::ranges::any_of(view.manager_proposals, [&](const ManagerProposal& proposal) {
      return proposal.event == entry.event->answers;
    });
    if (open) refused.cites.push_back(*entry.event->answers);
  }
  if (taken.cites.empty()) return;
  out.push_back(std::move(taken));
  if (!refused.cites.empty()) out.push_back(std::move(refused));
}

}  // namespace

std::vector<Draft> settle(const CaseView& view, const NodeId& self) {
  std::vector<Draft> out;
  if (view.core.decider == self && view.core.whole()) settle_core(view, out);
  for (const ReferralView& referral : view.referrals) {
    if (referral.strand.decider == self && referral.strand.whole()) Settling(referral, out).run();
  }
  return out;
}

std::set<NodeId> audience(const CaseView& view, const wire::StrandRef& strand) {
  std::set<NodeId> nodes;
  if (!view.lead_office.empty()) nodes.insert(view.lead_office);
  switch (strand.kind) {
    case StrandKind::core:
      for (const Participant& participant : view.participants) {
        if (!participant.until && !participant.who.node.empty()) nodes.insert(participant.who.node);
      }
      break;
    case StrandKind::own:
      break;
    case StrandKind::referral:
      if (const ReferralView* referral = view.referral(strand.id)) {
        nodes.insert(referral->office);
        if (!referral->provider.empty()) nodes.insert(referral->provider);
      }
      break;
    case StrandKind::conversation:
      break;
  }
  return nodes;
}

}  // namespace liaison::casework
