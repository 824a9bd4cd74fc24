#include "base/role.h"

namespace liaison {

const char* name_of(NodeRole role) {
  switch (role) {
    case NodeRole::adviser:
      return "adviser";
    case NodeRole::provider:
      return "provider";
  }
  return "unknown";
}

Result<NodeRole> parse_role(std::string_view text) {
  if (text == "adviser") return NodeRole::adviser;
  if (text == "provider") return NodeRole::provider;
  return fail(Reason::malformed, "a role is adviser or provider");
}

const char* name_of(Capability capability) {
  switch (capability) {
    case Capability::authority:
      return "authority";
    case Capability::health:
      return "health";
  }
  return "unknown";
}

Result<Capability> parse_capability(std::string_view text) {
  if (text == "authority") return Capability::authority;
  if (text == "health") return Capability::health;
  return fail(Reason::malformed, "a capability is authority or health");
}

std::vector<Capability> Capabilities::list() const {
  std::vector<Capability> out;
  for (auto each : {Capability::authority, Capability::health}) {
    if (has(each)) out.push_back(each);
  }
  return out;
}

}  // namespace liaison
