#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/id.h"
#include "base/role.h"

namespace liaison::broker {

/// Whom a rule is about: any node, all of a role, or one.
struct Party {
  std::optional<NodeRole> role;
  std::optional<NodeId> node;
  [[nodiscard]] bool covers(const NodeId& id, NodeRole its_role) const {
    return (!role || *role == its_role) && (!node || *node == id);
  }
  friend bool operator==(const Party&, const Party&) = default;
};

enum class Verdict { allow, deny };

struct PolicyRule {
  Party from;
  Party to;
  Verdict verdict = Verdict::allow;
  friend bool operator==(const PolicyRule&, const PolicyRule&) = default;
};

/// Who may write to whom: the first rule that covers both decides, else `otherwise`. At most
/// policy_rules_max rules.
struct Policy {
  std::vector<PolicyRule> rules;
  Verdict otherwise = Verdict::allow;
  [[nodiscard]] bool permits(const NodeId& from, NodeRole from_role, const NodeId& to,
                             NodeRole to_role) const;
  friend bool operator==(const Policy&, const Policy&) = default;
};
inline constexpr std::size_t policy_rules_max = 1000;

}  // namespace liaison::broker
