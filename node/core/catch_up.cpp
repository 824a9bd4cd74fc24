#include "node/core/catch_up.h"

#include <algorithm>

#include "base/deliberate_bug.h"

namespace liaison::node {

void CatchUp::begin(Instant at) {
  active_ = true;
  asked_ = false;
  began_ = at;
  answers_.clear();
  overridden_.clear();
}

void CatchUp::load(Instant began, std::map<NodeId, Answer> answers, std::set<CaseId> overridden) {
  active_ = true;
  began_ = began;
  asked_ = !answers.empty();
  answers_ = std::move(answers);
  overridden_ = std::move(overridden);
}

std::vector<NodeId> CatchUp::ask(const std::vector<NodeId>& nodes) {
  std::vector<NodeId> out;
  if (!active_) return out;
  asked_ = true;
  for (const auto& node : nodes)
    if (answers_.emplace(node, Answer::awaited).second || again_.count(node) != 0)
      out.push_back(node);
  again_.clear();
  return out;
}

std::optional<Answer> CatchUp::answer_of(const NodeId& node) const {
  const auto at = answers_.find(node);
  return at == answers_.end() ? std::nullopt : std::optional(at->second);
}

void CatchUp::ask_again(const NodeId& node) {
  if (answer_of(node) == Answer::awaited) again_.insert(node);
}

void CatchUp::answered(const NodeId& node, Answer answer) {
  if (active_) answers_[node] = answer;
}

bool CatchUp::may_decide(const CaseId& id, const std::set<NodeId>& participants,
                         const std::optional<NodeId>& lead, Instant now) const {
  if (!active_ || overridden_.count(id) != 0 || LIAISON_BUG(decide_before_catching_up)) return true;
  // Before anybody was asked nothing is known of who there is.
  if (!asked_) return false;
  for (const auto& node : participants) {
    const auto answer = answer_of(node);
    if (!answer || *answer == Answer::awaited || *answer == Answer::given_up) return false;
  }
  if (now >= began_ + others_longest || awaited().empty()) return true;
  return lead && answer_of(*lead) == Answer::given;
}

std::vector<NodeId> CatchUp::strangers_given_up(const std::set<NodeId>& participants,
                                                Instant now) const {
  std::vector<NodeId> out;
  if (!active_ || !asked_ || now < began_ + others_longest) return out;
  for (const auto& node : awaited())
    if (participants.count(node) == 0) out.push_back(node);
  return out;
}

bool CatchUp::has_given_up() const {
  return std::ranges::any_of(answers_,
                             [](const auto& each) { return each.second == Answer::given_up; });
}

bool CatchUp::has_given_up(const NodeId& node) const {
  return answer_of(node) == Answer::given_up;
}

std::vector<NodeId> CatchUp::await_again(const std::set<NodeId>& participants) {
  std::vector<NodeId> out;
  for (auto& [node, answer] : answers_) {
    if (answer != Answer::given_up || participants.count(node) == 0) continue;
    answer = Answer::awaited;
    out.push_back(node);
  }
  return out;
}

bool CatchUp::finish() {
  if (!active_ || !asked_ || !awaited().empty()) return false;
  active_ = false;
  return true;
}

bool CatchUp::awaits(const NodeId& node) const {
  return active_ && answer_of(node) == Answer::awaited;
}

std::vector<NodeId> CatchUp::awaited() const {
  std::vector<NodeId> out;
  for (const auto& [node, answer] : answers_)
    if (answer == Answer::awaited) out.push_back(node);
  return out;
}

}  // namespace liaison::node
