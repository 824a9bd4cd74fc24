#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/id.h"
#include "wire/event.h"

namespace liaison::casework {

using wire::Basis;
using wire::Date;
using wire::Handling;
using wire::Person;
using wire::StrandKind;
using wire::StrandRef;
using wire::UserRole;

/// Who acts: a person signed in at a node, or (no user, role none) the node by itself.
struct Actor {
  NodeId node;
  std::string user;  ///< sign-in name
  UserRole role = UserRole::none;
  std::string display_name;  ///< what to call them
};

/// An event that a decision asks for. The engine adds id, case, author, incarnation, user and
/// time, signs it and keeps it; drafts of one decision are kept together, in this order.
struct Draft {
  wire::StrandRef strand;
  std::uint32_t number = 0;  ///< 0: a proposal (and `requested`)
  std::optional<EventId> answers;
  std::vector<EventId> cites;
  wire::EventBody body;
  friend bool operator==(const Draft&, const Draft&) = default;
};

/// Stored codes of roles: "adviser", "specialist", ... ("node" for none).
const char* name_of(UserRole role);
Result<UserRole> parse_user_role(std::string_view text);

}  // namespace liaison::casework
