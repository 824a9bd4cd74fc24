#include <algorithm>

#include "casework/codes.h"
#include "casework/fold/folds.h"
#include "casework/fold/walk.h"
#include "casework/kinds.h"
#include "casework/standards.h"
#include "wire/mark.h"

// A referral: its request, and what its decider made of it.

namespace liaison::casework::fold {
namespace {

namespace ev = wire::events;

// There are nineteen (items.h); what a later version calls one is shown as well.
constexpr std::size_t items_max = 256;
using S = ReferralState;

bool says_something(const ev::ExitReport& report) {
  return !report.hopes.empty() || !report.outcomes.empty() || !report.what_was_done.empty();
}

bool needs_report(ev::EndReason reason) {
  return reason != ev::EndReason::died && reason != ev::EndReason::terminal_illness &&
         reason != ev::EndReason::moved_abroad;
}

class Referral {
 public:
  Referral(ReferralView& view, Walk& walk, const std::vector<NodeId>& offices)
      : view_(view), walk_(walk), offices_(offices) {}

  void open(const wire::Event& event, const ev::Requested& request) {
    view_.id = event.strand.id;
    view_.opened_by = event.id;
    view_.office = event.author;
    view_.provider = request.provider;
    view_.request = request;
    view_.requested_at = event.at;
    view_.items = request.items;
    view_.attachments = request.attachments;
    view_.dues = request.dues;
    view_.state = S::requested;
  }

  /// One of the decider's events: by the table of moves first, then by what it says.
  WhyNot apply(const wire::Event& event) {
    const Move* move = move_of(event.body);
    if (event.body.index() == kind_of<ev::Unknown>) return WhyNot::none;
    if (move == nullptr) return WhyNot::wrong_strand;
    // The office's own moves are proposals, but for taking the strand over.
    bool takes_over = move->kind == kind_of<ev::DeciderTakenOver>;
    if (move->mover == Mover::office && !(takes_over && entitled(event))) return WhyNot::not_valid;
    if (!move->starts_in(view_.state)) return WhyNot::move_not_allowed;
    if (move->guard == Guard::if_started && !view_.started) return WhyNot::move_not_allowed;
    if (move->guard == Guard::unless_acknowledged && view_.acknowledged)
      return WhyNot::move_not_allowed;
    event_ = &event;
    if (WhyNot why = check(event.body); why != WhyNot::none) return why;
    if (move->guard == Guard::cites_proposal) {
      auto cited = settle(move->cites);
      if (cited.empty()) return WhyNot::lacks_proposal;
    }
    S before = view_.state;
    if (move->leads == Leads::to) view_.state = move->to;
    if (move->leads == Leads::back) view_.state = view_.before_pause;
    if (view_.state == S::paused && before != S::paused) view_.before_pause = before;
    if (view_.state == S::started) view_.started = true;
    std::visit(*this, event.body);
    if (is_final(view_.state) && view_.state != before) {
      view_.ended_by = event.id;
      view_.ended_at = event.at;
      view_.dues.clear();
      view_.progress.clear();
      walk_.refuse_takeovers();
    }
    return WhyNot::none;
  }

  [[nodiscard]] bool entitled(const wire::Event& proposal) const {
    return std::ranges::count(offices_, proposal.author) != 0;
  }

  // What each kind leaves behind. The state has moved already.
  void operator()(const ev::Received&) {}
  void operator()(const ev::Acknowledged&) {
    reacted();
    view_.progress = "acknowledged";
  }
  void operator()(const ev::Asked& asked) {
    reacted();
    view_.questions.push_back({event_->id,
                               asked.text,
                               {event_->author, event_->user, event_->user_name},
                               event_->at,
                               std::nullopt,
                               "",
                               false});
    view_.progress = "awaiting_information";
  }
  void operator()(const ev::Taken&) {
    auto takes = [this](const wire::Event& cited) {
      return entitled(cited) && (std::holds_alternative<ev::Answered>(cited.body) ||
                                 std::holds_alternative<ev::DetailsGiven>(cited.body) ||
                                 std::holds_alternative<ev::AttachmentAdded>(cited.body));
    };
    for (const EventPtr& taken : walk_.settle_cited(*event_, Verdict::applied, WhyNot::none, takes))
      take(*taken);
    bool open = std::ranges::any_of(view_.questions,
                                    [](const Question& question) { return !question.taken; });
    if (!open && view_.progress == "awaiting_information") view_.progress = "acknowledged";
  }
  void operator()(const ev::Refused&) {
    walk_.settle_cited(*event_, Verdict::not_applied, WhyNot::refused,
                       [](const wire::Event&) { return true; });
  }
  void operator()(const ev::Waiting& waiting) {
    reacted();
    view_.progress = "waiting";
    view_.waiting_until = waiting.expected;
  }
  void operator()(const ev::Accepted& accepted) {
    reacted();
    view_.worker = accepted.worker;
    view_.worker_phone = accepted.worker_phone;
    view_.meeting = accepted.meeting;
    view_.waiting_until = accepted.wait_until;
    view_.progress = accepted.meeting      ? name_of(ev::Progress::event_scheduled)
                     : accepted.wait_until ? "waiting"
                                           : "";
    if (accepted.meeting) met(wire::Standard::meeting_offered);
  }
  void operator()(const ev::WorkerNamed& named) {
    view_.worker = named.worker;
    view_.worker_phone = named.worker_phone;
  }
  void operator()(const ev::Declined& declined) {
    reacted();
    view_.declined = declined;
  }
  void operator()(const ev::Started& started) {
    met(wire::Standard::meeting_offered);
    met(wire::Standard::meeting_attended);
    met(wire::Standard::started_or_outcome);
    add(started.dues);
    view_.waiting_until.reset();
    view_.progress.clear();
  }
  void operator()(const ev::Progressed& progressed) {
    view_.progress = name_of(progressed.progress);
    if (progressed.meeting) view_.meeting = progressed.meeting;
    switch (progressed.progress) {
      case ev::Progress::event_scheduled:
        met(wire::Standard::meeting_offered);
        break;
      case ev::Progress::event_completed:
        met(wire::Standard::meeting_attended);
        break;
      case ev::Progress::as_planned:
        met(wire::Standard::action_plan);
        break;
      case ev::Progress::event_unattended:
      case ev::Progress::event_cancelled:
      case ev::Progress::awaiting_information:
        break;
    }
    if (view_.started) met(wire::Standard::progress);
    add(progressed.dues);
  }
  void operator()(const ev::Paused&) {
    settle(kind_of<ev::PauseRequested>);
    view_.progress.clear();
    paused_on_ = local_day(event_->at);
  }
  /// A pause stops all clocks: what was due is due that much later.
  void operator()(const ev::Resumed&) {
    settle(kind_of<ev::ResumeRequested>);
    for (wire::Due& due : view_.dues)
      due.on = after_pause(due.on, paused_on_, local_day(event_->at));
  }
  void operator()(const ev::Completed& completed) { view_.report = completed.report; }
  void operator()(const ev::EndedEarly& ended) {
    view_.ended_early = ended;
    view_.report = ended.report;
  }
  void operator()(const ev::Withdrawn&) {}
  void operator()(const ev::EnteredInError&) {}
  void operator()(const ev::DeciderTakenOver&) { view_.taken_over = true; }
  /// The request opened the strand and has no number; every other kind was turned away before it
  /// came here.
  void operator()(const ev::Requested&) {}
  template <class Other>
  requires(!DecidedIn<Other, StrandKind::referral>) void operator()(const Other&) {}

  /// What is asked and not decided: read from the judged strand.
  void list_pending(const StrandView& strand) {
    for (const HistoryEntry& entry : strand.history) {
      const wire::Event& event = *entry.event;
      if (entry.verdict != Verdict::pending) continue;
      std::size_t kind = event.body.index();
      if (kind == kind_of<ev::WithdrawalRequested>) view_.withdrawal_asked = event.id;
      if (kind == kind_of<ev::PauseRequested>) view_.pause_asked = event.id;
      if (kind == kind_of<ev::ResumeRequested>) view_.resume_asked = event.id;
      if (kind == kind_of<ev::ErrorClaimed>) view_.error_claimed = event.id;
      if (const auto* answered = std::get_if<ev::Answered>(&event.body);
          answered != nullptr && event.answers) {
        for (Question& question : view_.questions) {
          if (question.event != *event.answers || question.answer) continue;
          question.answer = event.id;
          question.answer_text = answered->text;
        }
      }
    }
  }

 private:
  WhyNot check(const wire::EventBody& body) const {
    if (const auto* accepted = std::get_if<ev::Accepted>(&body)) {
      if (accepted->worker.name.empty()) return WhyNot::not_valid;
    }
    if (const auto* completed = std::get_if<ev::Completed>(&body)) {
      if (!says_something(completed->report)) return WhyNot::not_valid;
    }
    if (const auto* ended = std::get_if<ev::EndedEarly>(&body)) {
      bool reported = ended->report && says_something(*ended->report);
      if (needs_report(ended->reason) && !reported) return WhyNot::not_valid;
    }
    return WhyNot::none;
  }

  void take(const wire::Event& taken) {
    if (const auto* answered = std::get_if<ev::Answered>(&taken.body)) {
      for (Question& question : view_.questions) {
        if (taken.answers != question.event || question.taken) continue;
        question.answer = taken.id;
        question.answer_text = answered->text;
        question.taken = true;
      }
    }
    if (const auto* details = std::get_if<ev::DetailsGiven>(&taken.body)) {
      for (const wire::Item& item : details->items) {
        std::erase_if(view_.items,
                      [&](const wire::Item& before) { return before.name == item.name; });
        if (view_.items.size() < items_max) view_.items.push_back(item);
      }
    }
    if (const auto* added = std::get_if<ev::AttachmentAdded>(&taken.body))
      view_.attachments.push_back(added->attachment);
  }

  std::vector<EventPtr> settle(std::size_t kind) {
    return walk_.settle_cited(
        *event_, Verdict::applied, WhyNot::none,
        [&](const wire::Event& cited) { return cited.body.index() == kind && entitled(cited); });
  }
  void reacted() {
    view_.acknowledged = true;
    met(wire::Standard::acknowledged);
  }
  void met(wire::Standard standard) {
    std::erase_if(view_.dues, [&](const wire::Due& due) { return due.standard == standard; });
  }
  void add(const std::vector<wire::Due>& dues) {
    for (const wire::Due& due : dues) {
      met(due.standard);
      view_.dues.push_back(due);
    }
  }

  ReferralView& view_;
  Walk& walk_;
  const std::vector<NodeId>& offices_;
  const wire::Event* event_ = nullptr;
  wire::Date paused_on_{};
};

/// The request that opens the strand: by a lead office; of several the one that its provider took
/// up, else the one of the lowest id.
EventPtr opening(const std::vector<EventPtr>& events, const std::vector<NodeId>& offices) {
  const TakenUp taken_up(events);
  EventPtr lowest;
  for (const EventPtr& event : events) {
    bool request = event->number == 0 && event->body.index() == kind_of<ev::Requested>;
    if (!request || std::ranges::count(offices, event->author) == 0) continue;
    if (taken_up.has(*event)) return event;
    if (!lowest) lowest = event;
  }
  return lowest;
}

}  // namespace

TakenUp::TakenUp(const std::vector<EventPtr>& strand) {
  for (const EventPtr& event : strand)
    if (event->number == 1 && event->body.index() == kind_of<ev::Received>)
      said_.emplace(event->author, event->answers);
}

bool TakenUp::has(const wire::Event& request) const {
  const auto* requested = std::get_if<ev::Requested>(&request.body);
  if (requested == nullptr || requested->provider == request.author) return false;
  return said_.contains({requested->provider, request.id}) ||
         said_.contains({requested->provider, std::nullopt});
}

void fold_referral(const CaseFile& file, const wire::StrandRef& strand, CaseView& view) {
  auto events = file.strand(strand);
  EventPtr opened = opening(events, view.lead_offices);
  if (!opened) {
    // Where none of the offices made the strand's id, none will ever request it.
    if (view.opened && std::ranges::none_of(view.lead_offices, [&](const NodeId& office) {
          return wire::bears_mark(strand.id, office);
        }))
      return;
    // Without the core nobody can say who may open a referral; without the request, who decides it.
    view.unplaced.push_back({strand, events.front()->author});
    if (view.opened) view.gaps.push_back({file.id(), strand, 0, 0});
    return;
  }
  const auto& request = std::get<ev::Requested>(opened->body);
  ReferralView referral;
  Walk walk(file, strand, request.provider.empty() ? opened->author : request.provider,
            {view.lead_offices.begin(), view.lead_offices.end()});
  Referral fold(referral, walk, view.lead_offices);
  fold.open(*opened, request);
  walk.judge(opened->id, Verdict::applied);
  while (EventPtr event = walk.next()) {
    WhyNot why = fold.apply(*event);
    bool unknown = event->body.index() == kind_of<ev::Unknown>;
    walk.judge(event->id,
               why != WhyNot::none ? Verdict::not_applied
               : unknown           ? Verdict::unknown
                                   : Verdict::applied,
               why);
  }
  referral.strand =
      walk.finish([&fold](const wire::Event& proposal) { return fold.entitled(proposal); });
  fold.list_pending(referral.strand);
  view.referrals.push_back(std::move(referral));
}

}  // namespace liaison::casework::fold
