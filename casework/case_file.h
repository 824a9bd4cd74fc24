#pragma once

#include <map>
#include <memory>

#include "casework/case_view.h"

namespace liaison::casework {

/// The events that one node holds of one case, already verified. The order in which they were
/// added, and how often, makes no difference to anything that is read from it.
class CaseFile {
 public:
  explicit CaseFile(CaseId id) : id_(id) {}

  /// Keeps an event, whose encoded form has so many octets. Returns whether it is new. An event of
  /// another case is a bug.
  bool add(wire::Event event, std::size_t octets = 0);
  [[nodiscard]] const CaseId& id() const { return id_; }
  [[nodiscard]] bool holds(const EventId& event) const { return events_.count(event) != 0; }
  [[nodiscard]] const wire::Event* find(const EventId& event) const;
  [[nodiscard]] std::size_t size() const { return events_.size(); }

  /// All events of a strand, and of all strands, by id.
  [[nodiscard]] std::vector<std::shared_ptr<const wire::Event>> strand(
      const wire::StrandRef& strand) const;
  /// Whether the provider that a `requested` names has taken it up (fold/folds.h, TakenUp).
  [[nodiscard]] bool is_taken_up(const wire::Event& request) const;
  struct Said {
    std::size_t events = 0;
    std::size_t octets = 0;
  };
  /// How much is of one author.
  [[nodiscard]] Said said_by(const NodeId& author) const;
  /// Of all authors.
  [[nodiscard]] std::size_t octets() const { return octets_; }
  [[nodiscard]] const std::map<EventId, std::shared_ptr<const wire::Event>>& events() const {
    return events_;
  }

  /// In the order they were added: nothing may depend on it, and a deliberate bug does.
  [[nodiscard]] const std::vector<std::shared_ptr<const wire::Event>>& arrived() const {
    return arrived_;
  }

  /// What the case is, by these events. Pure and total: no event makes it fail.
  [[nodiscard]] CaseView fold() const;

 private:
  CaseId id_;
  std::map<EventId, std::shared_ptr<const wire::Event>> events_;
  std::map<wire::StrandRef, std::map<EventId, std::shared_ptr<const wire::Event>>> strands_;
  std::map<NodeId, Said> said_by_;
  std::size_t octets_ = 0;
  std::vector<std::shared_ptr<const wire::Event>> arrived_;
};

}  // namespace liaison::casework
