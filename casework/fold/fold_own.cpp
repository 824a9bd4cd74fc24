#include <algorithm>

#include "casework/fold/folds.h"
#include "casework/fold/walk.h"
#include "casework/kinds.h"

// The lead office's own record: the client, drafts, notes.

namespace liaison::casework::fold {
namespace {

namespace ev = wire::events;

class Own {
 public:
  explicit Own(CaseView& view) : view_(view) {}

  WhyNot apply(const wire::Event& event) {
    event_ = &event;
    return std::visit(*this, event.body);
  }

  WhyNot operator()(const ev::ClientRecorded& recorded) {
    if (view_.client) return WhyNot::move_not_allowed;
    view_.client = recorded.client;
    return WhyNot::none;
  }
  WhyNot operator()(const ev::ClientEdited& edited) {
    if (!view_.client) return WhyNot::move_not_allowed;
    view_.client = edited.client;
    return WhyNot::none;
  }
  WhyNot operator()(const ev::ReferralDrafted& drafted) {
    std::erase_if(view_.drafts,
                  [&](const DraftView& before) { return before.id == drafted.referral; });
    view_.drafts.push_back({drafted.referral, drafted.request, event_->at});
    return WhyNot::none;
  }
  WhyNot operator()(const ev::NoteWritten& note) {
    view_.notes.push_back(
        {event_->id, {event_->author, event_->user, event_->user_name}, event_->at, note.text});
    return WhyNot::none;
  }
  WhyNot operator()(const ev::Unknown&) { return WhyNot::none; }
  template <class Other>
  requires(!DecidedIn<Other, StrandKind::own>) WhyNot operator()(const Other&) {
    return WhyNot::wrong_strand;
  }

 private:
  CaseView& view_;
  const wire::Event* event_ = nullptr;
};

}  // namespace

void fold_own(const CaseFile& file, CaseView& view) {
  wire::StrandRef strand{StrandKind::own, {}};
  Walk walk(file, strand, view.lead_offices.empty() ? NodeId{} : view.lead_offices.front());
  Own own(view);
  if (!walk.decider().empty()) {
    while (EventPtr event = walk.next()) {
      WhyNot why = own.apply(*event);
      bool unknown = event->body.index() == kind_of<ev::Unknown>;
      walk.judge(event->id,
                 why != WhyNot::none ? Verdict::not_applied
                 : unknown           ? Verdict::unknown
                                     : Verdict::applied,
                 why);
    }
  }
  view.own = walk.finish([](const wire::Event&) { return false; });
}

}  // namespace liaison::casework::fold
