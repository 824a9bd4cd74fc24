#pragma once

#include <map>
#include <optional>
#include <vector>

#include "wire/letter.h"

namespace liaison::node {

/// Receipts that are owed, gathered for each sender into few letters. What is owed is a column of
/// the store's list of letters received; this says when a letter of them is worth sealing. Pure.
class Receipts {
 public:
  explicit Receipts(Duration delay) : delay_(delay) {}

  void owe(const NodeId& to, const wire::Receipt& receipt, Now now);
  /// Nodes for which a letter is due, with what goes in it, at most receipts_per_letter_max.
  struct Batch {
    NodeId to;
    std::vector<wire::Receipt> receipts;
    friend bool operator==(const Batch&, const Batch&) = default;
  };
  std::vector<Batch> take(std::size_t max, Now now);
  /// It could not be sealed (no certificate): owed again, after a pause.
  void put_back(Batch batch, Now now);
  /// What could not be sealed may be able to now.
  void certificates_changed(Now now);
  /// It arrived and could not be opened there. Nobody else is told that these are missing, so they
  /// go again, with the next that is owed or after ever longer pauses.
  void came_back(const NodeId& from, const std::vector<wire::Receipt>& receipts, Now now);
  [[nodiscard]] std::optional<Duration> next_steady() const;

 private:
  struct Owed {
    std::map<std::pair<LetterId, wire::Stage>, Instant> receipts;
    Duration due{};
    bool unsealed = false;       ///< for want of a certificate
    std::uint32_t returned = 0;  ///< letters of them that came back
  };
  /// With what is owed already, no later than that.
  static void add(Owed& owed, const std::vector<wire::Receipt>& receipts, Duration due);

  Duration delay_;
  std::map<NodeId, Owed> owed_;
};

}  // namespace liaison::node
