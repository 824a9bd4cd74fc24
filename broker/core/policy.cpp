#include "broker/core/policy.h"

namespace liaison::broker {

bool Policy::permits(const NodeId& from, NodeRole from_role, const NodeId& to,
                     NodeRole to_role) const {
  for (const auto& rule : rules)
    if (rule.from.covers(from, from_role) && rule.to.covers(to, to_role))
      return rule.verdict == Verdict::allow;
  return otherwise == Verdict::allow;
}

}  // namespace liaison::broker
