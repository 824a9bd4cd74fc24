#pragma once

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "base/id.h"
#include "wire/letter.h"

namespace liaison::node {

/// Something that this node knows of and lacks: numbers of a strand, or an attachment.
struct Want {
  CaseId case_id;
  wire::StrandRef strand;   ///< with a gap
  std::uint32_t first = 0;  ///< with a gap
  std::uint32_t last = 0;
  Digest attachment;  ///< zero with a gap
  friend auto operator<=>(const Want&, const Want&) = default;
  friend bool operator==(const Want&, const Want&) = default;
};

/// What is missing, of whom to ask it, and when again. Most of it is on its way when it is noticed,
/// so asking waits a little, and then longer each time. Pure, in memory: after a restart everything
/// is noticed anew.
class Wanted {
 public:
  static constexpr Duration patience = std::chrono::seconds(30);
  static constexpr Duration patience_longest = std::chrono::hours(1);
  static constexpr std::size_t wants_max = 16384;
  /// Of those that the same node is first to be asked for: that which decides the strand, or
  /// describes the document. Else what one never sends would keep all others' from being asked for.
  static constexpr std::size_t wants_of_a_node_max = 1024;
  /// So that no case, whoever invented it, keeps others' gaps from being asked for. What is left
  /// out follows when something of it has come.
  static constexpr std::size_t wants_of_a_case_max = 64;

  /// What a case lacks now, and who may have it, best first; what it lacked before and is not
  /// listed any more has come.
  void set(const CaseId& id, const std::vector<std::pair<Want, std::vector<NodeId>>>& wants,
           Now now);
  struct Due {
    Want want;
    NodeId from;
    friend bool operator==(const Due&, const Due&) = default;
  };
  /// What to ask for at this moment; each time of the next who may have it.
  std::vector<Due> due(std::size_t max, Now now);
  /// Up to `max` cases of which something was left out for the sake of others', in turn: what they
  /// lack is to be set again.
  std::vector<CaseId> take_left_out(std::size_t max);
  [[nodiscard]] std::optional<Duration> next_steady() const;
  [[nodiscard]] std::size_t size() const { return wants_.size(); }

 private:
  struct Entry {
    std::vector<NodeId> from;
    std::uint32_t asked = 0;
    Duration again{};
  };
  std::map<Want, Entry>::iterator remove(std::map<Want, Entry>::iterator at);

  std::map<Want, Entry> wants_;
  std::map<NodeId, std::size_t> of_node_;  ///< how many of them, by the first of Entry::from
  std::set<CaseId> left_out_;
  CaseId last_taken_;
};

}  // namespace liaison::node
