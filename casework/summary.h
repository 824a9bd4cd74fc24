#pragma once

#include "casework/case_view.h"
#include "wire/case_summary.h"

namespace liaison::casework {

/// The summary of a case as `self` sees it.
wire::CaseSummary summarise(const CaseView& view, const NodeId& self);

}  // namespace liaison::casework
