#include "node/core/wanted.h"

#include <algorithm>

namespace liaison::node {

void Wanted::set(const CaseId& id, const std::vector<std::pair<Want, std::vector<NodeId>>>& wants,
                 Now now) {
  Want from;
  from.case_id = id;
  std::map<Want, Entry> kept;
  for (auto at = wants_.lower_bound(from); at != wants_.end() && at->first.case_id == id;) {
    kept.insert(*at);
    at = remove(at);
  }
  left_out_.erase(id);
  std::size_t of_this_case = 0;
  for (const auto& [want, nodes] : wants) {
    if (nodes.empty()) continue;
    const auto of_node = of_node_.find(nodes.front());
    if (wants_.size() >= wants_max ||
        (of_node != of_node_.end() && of_node->second >= wants_of_a_node_max)) {
      left_out_.insert(id);
      continue;
    }
    if (++of_this_case > wants_of_a_case_max) break;
    auto before = kept.find(want);
    auto entry = before == kept.end() ? Entry{nodes, 0, now.steady + patience} : before->second;
    entry.from = nodes;
    if (wants_.emplace(want, std::move(entry)).second) ++of_node_[nodes.front()];
  }
}

std::map<Want, Wanted::Entry>::iterator Wanted::remove(std::map<Want, Entry>::iterator at) {
  const auto of_node = of_node_.find(at->second.from.front());
  if (--of_node->second == 0) of_node_.erase(of_node);
  return wants_.erase(at);
}

std::vector<CaseId> Wanted::take_left_out(std::size_t max) {
  std::vector<CaseId> out;
  while (out.size() < max && !left_out_.empty()) {
    auto at = left_out_.upper_bound(last_taken_);
    if (at == left_out_.end()) at = left_out_.begin();
    last_taken_ = *at;
    out.push_back(*at);
    left_out_.erase(at);
  }
  return out;
}

std::vector<Wanted::Due> Wanted::due(std::size_t max, Now now) {
  std::vector<Due> out;
  for (auto& [want, entry] : wants_) {
    if (out.size() == max) break;
    if (entry.again > now.steady) continue;
    out.push_back({want, entry.from[entry.asked % entry.from.size()]});
    ++entry.asked;
    auto pause = patience * (1 << std::min<std::uint32_t>(entry.asked, 8));
    entry.again = now.steady + std::min<Duration>(pause, patience_longest);
  }
  return out;
}

std::optional<Duration> Wanted::next_steady() const {
  std::optional<Duration> next;
  for (const auto& [want, entry] : wants_)
    if (!next || entry.again < *next) next = entry.again;
  return next;
}

}  // namespace liaison::node
