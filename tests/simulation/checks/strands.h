#pragma once

#include "casework/case_view.h"

namespace liaison::simulation::checks {

/// Every strand that a view shows.
template <class Look>
void for_each_strand(const casework::CaseView& view, Look look) {
  look(view.core);
  look(view.own);
  for (const auto& referral : view.referrals)
    look(referral.strand);
}

}  // namespace liaison::simulation::checks
