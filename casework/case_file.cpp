#include "casework/case_file.h"

#include <algorithm>

#include "base/check.h"
#include "casework/fold/folds.h"

namespace liaison::casework {

bool CaseFile::add(wire::Event event, std::size_t octets) {
  LIAISON_CHECK(event.case_id == id_);
  auto kept = std::make_shared<const wire::Event>(std::move(event));
  if (!events_.emplace(kept->id, kept).second) return false;
  strands_[kept->strand].emplace(kept->id, kept);
  auto& said = said_by_[kept->author];
  ++said.events;
  said.octets += octets;
  octets_ += octets;
  arrived_.push_back(std::move(kept));
  return true;
}

bool CaseFile::is_taken_up(const wire::Event& request) const {
  return fold::TakenUp(strand(request.strand)).has(request);
}

CaseFile::Said CaseFile::said_by(const NodeId& author) const {
  auto at = said_by_.find(author);
  return at == said_by_.end() ? Said{} : at->second;
}

const wire::Event* CaseFile::find(const EventId& event) const {
  auto at = events_.find(event);
  return at == events_.end() ? nullptr : at->second.get();
}

std::vector<std::shared_ptr<const wire::Event>> CaseFile::strand(
    const wire::StrandRef& strand) const {
  std::vector<std::shared_ptr<const wire::Event>> out;
  if (auto at = strands_.find(strand); at != strands_.end())
    for (const auto& [id, event] : at->second)
      out.push_back(event);
  return out;
}

CaseView CaseFile::fold() const {
  CaseView view;
  view.id = id_;
  fold::fold_core(*this, view);
  fold::fold_own(*this, view);
  for (const auto& [strand, events] : strands_)
    if (strand.kind == StrandKind::referral) fold::fold_referral(*this, strand, view);

  std::ranges::sort(view.referrals, [](const ReferralView& a, const ReferralView& b) {
    return std::tie(a.requested_at, a.id) < std::tie(b.requested_at, b.id);
  });
  std::erase_if(view.drafts,
                [&view](const DraftView& draft) { return view.referral(draft.id) != nullptr; });
  auto gather = [&view](const StrandView& strand) {
    view.gaps.insert(view.gaps.end(), strand.gaps.begin(), strand.gaps.end());
  };
  gather(view.core);
  gather(view.own);
  for (const ReferralView& referral : view.referrals)
    gather(referral.strand);
  return view;
}

}  // namespace liaison::casework
