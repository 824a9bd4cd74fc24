#pragma once

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "node/core/outbox_values.h"

namespace liaison::node {

/// The items for one recipient that wait to be sealed, and what goes into its next letter: the
/// events of one case together, up to a letter's size; anything else alone. Pure.
class Unsealed {
 public:
  static constexpr std::size_t letter_content_bytes_max = 400 * 1024;

  void add(Item item);
  [[nodiscard]] const Item* find(const ItemId& id) const;
  /// Takes one out, if it is there.
  std::optional<Item> take(const ItemId& id);
  /// Takes all answers out.
  std::vector<Item> take_answers();
  [[nodiscard]] std::vector<ItemId> of_case(const CaseId& id) const;
  [[nodiscard]] std::size_t size() const { return items_.size(); }
  /// Of them, answers.
  [[nodiscard]] std::size_t answers() const { return answers_; }

  /// What its next letter is made of. `first_open`: the oldest of its items that have not ended;
  /// "all that was asked for has been queued before" waits until it is that itself.
  [[nodiscard]] std::optional<SealJob> next_job(const NodeId& recipient,
                                                const ItemId& first_open) const;

 private:
  std::map<ItemId, Item> items_;
  std::map<CaseId, std::set<ItemId>> events_by_case_;
  std::size_t answers_ = 0;
};

}  // namespace liaison::node
