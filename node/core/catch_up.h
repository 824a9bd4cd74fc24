#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "base/id.h"
#include "base/time.h"

namespace liaison::node {

/// How a node stands that a restored node asked for what it has.
enum class Answer : std::uint8_t {
  awaited = 0,
  given = 1,       ///< it has sent what it has
  not_coming = 2,  ///< it is gone, or a person said not to wait
  given_up = 3,    ///< a stranger that did not answer in time; what it has is not known
};

/// After a restore: from whom we wait to hear what the backup lacks, and in which cases nothing
/// may be decided until then. A backup does not know of strands begun after it, so every node of
/// the exchange is asked. One that is known to be part of a case is waited for until it answers or
/// a person overrides. One that is not, a stranger, may have joined the case since: the case's lead
/// office says so, so in a case that another office leads its answer is enough; in one that this
/// node leads itself strangers are waited for up to three days, and then no longer, unless what
/// others answer makes one known as part of a case. Pure.
class CatchUp {
 public:
  /// Who was away when this node came back follows its new keys a day after it hears of them, if
  /// there is no proof, and answers then.
  static constexpr Duration others_longest = std::chrono::hours(72);

  [[nodiscard]] bool is_active() const { return active_; }
  void begin(Instant at);
  void load(Instant began, std::map<NodeId, Answer> answers, std::set<CaseId> overridden);
  [[nodiscard]] Instant began() const { return began_; }

  /// Nodes of the registry that have not been asked yet; they are asked now.
  std::vector<NodeId> ask(const std::vector<NodeId>& nodes);
  /// The question was lost on its way: ask() names that node once more.
  void ask_again(const NodeId& node);
  void answered(const NodeId& node, Answer answer);
  /// The clock was set back since: nobody waits for what it had been.
  void set_back(Instant now) { began_ = std::min(began_, now); }
  void override_case(const CaseId& id) { overridden_.insert(id); }
  [[nodiscard]] bool is_overridden(const CaseId& id) const { return overridden_.count(id) != 0; }

  /// Whether decisions may be made in a case with these participants, by this node's clock; `lead`
  /// is its lead office, if that is another node.
  [[nodiscard]] bool may_decide(const CaseId& id, const std::set<NodeId>& participants,
                                const std::optional<NodeId>& lead, Instant now) const;
  /// Those that have not answered within others_longest and are no `participants` of any case.
  [[nodiscard]] std::vector<NodeId> strangers_given_up(const std::set<NodeId>& participants,
                                                       Instant now) const;
  [[nodiscard]] bool has_given_up() const;
  [[nodiscard]] bool has_given_up(const NodeId& node) const;
  /// Those given up that are `participants` of a case after all: they are awaited from now on.
  std::vector<NodeId> await_again(const std::set<NodeId>& participants);
  /// Whether all is done: every node has answered or was given up. Ends it.
  bool finish();
  [[nodiscard]] std::vector<NodeId> awaited() const;
  /// Whether it was asked and its answer is yet to come.
  [[nodiscard]] bool awaits(const NodeId& node) const;

 private:
  /// Nothing for one that was not asked.
  [[nodiscard]] std::optional<Answer> answer_of(const NodeId& node) const;
  bool active_ = false;
  bool asked_ = false;  ///< who there is to ask is known
  Instant began_{};
  std::map<NodeId, Answer> answers_;
  std::set<NodeId> again_;
  std::set<CaseId> overridden_;
};

}  // namespace liaison::node
