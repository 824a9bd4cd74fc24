#pragma once

#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "casework/case_file.h"

/// The folds of each kind of strand, in the order in which CaseFile::fold() calls them.
namespace liaison::casework::fold {

/// Which requests of a referral's strand their provider has taken up: it has said `received` in
/// answer to just this one (or to none, as a version before did). Nobody takes up a request of its
/// own.
class TakenUp {
 public:
  explicit TakenUp(const std::vector<std::shared_ptr<const wire::Event>>& strand);
  [[nodiscard]] bool has(const wire::Event& request) const;

 private:
  std::set<std::pair<NodeId, std::optional<EventId>>> said_;
};

void fold_core(const CaseFile& file, CaseView& view);
void fold_own(const CaseFile& file, CaseView& view);
void fold_referral(const CaseFile& file, const wire::StrandRef& strand, CaseView& view);
}  // namespace liaison::casework::fold
