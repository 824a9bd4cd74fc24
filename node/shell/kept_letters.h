#pragma once

#include <map>
#include <set>
#include <vector>

#include "base/secret.h"
#include "node/shell/case_store.h"
#include "node/shell/sql.h"
#include "wire/frame.h"
#include "wire/letter.h"

namespace liaison::node {

/// What this node keeps of each letter that it sent or took, so that it can disclose it: its
/// content key and all that its sealed octets follow from (docs/decisions/0018). It lies under the
/// keys of the cases that the letter is about, and goes with the first of them that is disposed of;
/// what is about none (receipts, questions) lies under the node's own for `kept_without_case`.
class KeptLetters {
 public:
  /// Of the letters between this node and one other in one case, or in none. What comes beyond is
  /// not kept: whoever sends it cannot push out what it sent before.
  static constexpr std::uint64_t bytes_max = 32u << 20;
  static constexpr std::uint64_t bytes_without_case_max = 128u << 20;
  static constexpr Duration kept_without_case = std::chrono::hours(24 * 120);

  KeptLetters(Sql& sql, CaseStore& cases) : sql_(sql), cases_(cases) {}

  /// `about`: the cases, which are here. `with`: the other node. Of a part of a document the octets
  /// must be kept with its case, else the letter is not. False: nothing was kept.
  bool keep(const wire::Letter& letter, const wire::Matter& matter, Secret content_key,
            const std::set<CaseId>& about, const NodeId& with, Instant at);
  struct Kept {
    NodeId with;
    std::vector<CaseId> about;
    Bytes sealed;
    Secret content_key;
  };
  /// Not_found: nothing is kept of it. Unavailable: a part of a document that is not here any more.
  Result<Kept> letter(const LetterId& id);

  /// One that never was with the exchange.
  void forget(const LetterId& id);
  void dispose_case(const CaseId& id);
  void prune(Instant before);

 private:
  std::uint64_t& bytes_of(const CaseId& id, const NodeId& with);

  Sql& sql_;
  CaseStore& cases_;
  std::map<std::pair<CaseId, NodeId>, std::uint64_t> bytes_;
};

}  // namespace liaison::node
