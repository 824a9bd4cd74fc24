#pragma once

#include <set>
#include <vector>

#include "casework/case_view.h"

namespace liaison::casework {

/// What the deciders' node does by itself, at once, without a person: says that a referral was
/// received, takes answers, details and attachments, pauses when asked, confirms a withdrawal
/// before acceptance, refuses what comes too late, records the manager's acceptance nowhere (a
/// person confirms). Called after every event that arrives; what it returns is kept in one
/// transaction with that event. Folding those again and settling again yields nothing.
std::vector<Draft> settle(const CaseView& view, const NodeId& self);

/// Which nodes may hold a strand's events: the lead office, and
///   core:     every participant on the exchange
///   own:      nobody else
///   referral: the provider
/// Who has left is not in it; the engine sends an event to the audiences before and after it, so
/// that who leaves is told, and sends a strand whole to whoever is in the second only.
std::set<NodeId> audience(const CaseView& view, const wire::StrandRef& strand);

}  // namespace liaison::casework
