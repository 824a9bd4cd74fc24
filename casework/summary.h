#pragma once

#include "casework/case_view.h"
#include "wire/case_summary.h"

namespace liaison::casework {

/// The summary of a case as `self` sees it.
wire::CaseSummary summarise(const CaseView& view, const NodeId& self);

/// The next due that counts now: none while paused or ended, and no acknowledgement while a
/// question waits for its answer.
std::optional<wire::Due> next_due(const ReferralView& referral);

}  // namespace liaison::casework
