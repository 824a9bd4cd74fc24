#pragma once

#include <functional>
#include <map>
#include <set>
#include <vector>

#include "casework/case_file.h"

namespace liaison::casework::fold {

using EventPtr = std::shared_ptr<const wire::Event>;

/// Goes through one strand's events in its decider's numbers and keeps what becomes of each.
///
///   while (EventPtr event = walk.next()) walk.judge(*event, ...);
///   StrandView strand = walk.finish(entitled);
///
/// It stops at a number that is not here, or whose cited proposals are not, and then reports the
/// gap. Of two events that the decider gave one number, the one of the lower incarnation stands,
/// then the one of the lower id: what others saw first is likelier, and everyone chooses the same.
class Walk {
 public:
  /// `may_take_over`: who may continue the strand with a DeciderTakenOver.
  Walk(const CaseFile& file, const wire::StrandRef& strand, NodeId decider,
       std::set<NodeId> may_take_over = {});

  /// The next event of the decider, or null. It must be judged before the next call.
  EventPtr next();
  /// Who decides after the event that was just handed out.
  void hand_to(const NodeId& decider);
  /// Nobody takes the strand over from here on: it has ended.
  void refuse_takeovers() { may_take_over_.clear(); }
  void judge(const EventId& event, Verdict verdict, WhyNot why = WhyNot::none);
  /// The cited proposals that are held in this strand and nobody has decided: `by` decides them.
  /// Those for which `takes` is false stay as they are.
  std::vector<EventPtr> settle_cited(const wire::Event& by, Verdict verdict, WhyNot why,
                                     const std::function<bool(const wire::Event&)>& takes);
  [[nodiscard]] const NodeId& decider() const { return decider_; }
  [[nodiscard]] std::uint32_t last_number() const { return last_; }

  /// Judges what is left. `entitled`: whether that author may make that proposal.
  StrandView finish(const std::function<bool(const wire::Event&)>& entitled);

 private:
  EventPtr choose(std::uint32_t number);
  EventPtr next_arrived();
  [[nodiscard]] bool cites_are_here(const wire::Event& event) const;
  void find_gaps();
  void order_history();

  const CaseFile& file_;
  std::set<NodeId> may_take_over_;
  std::set<NodeId> earlier_deciders_;
  NodeId decider_;
  std::uint32_t last_ = 0;
  std::map<std::uint32_t, std::vector<EventPtr>> numbered_;
  std::map<EventId, HistoryEntry> entries_;
  StrandView out_;
};

}  // namespace liaison::casework::fold
