#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/entropy.h"
#include "base/role.h"
#include "base/time.h"

namespace liaison::store {
class Database;
}

namespace liaison::node {

class Sessions;

/// Answers the administration socket's requests about people: {"do": "user-add" | "user-list" |
/// "user-disable" | "user-enable" | "user-password" | "user-token" | "user-tokens" |
/// "user-withdraw-token", ...}, like answer_admin() (node/shell/admin.h). nullopt: none of these.
///
/// Who reaches the socket is the node's own user and may do all of it; a request that names a
/// "bearer" token acts as that person, who must be an administrator; by a token of scope read only
/// "user-list" and "user-tokens" are answered.
///
/// Writes go into the transaction that the caller has open. Passwords come hashed. `sessions`, if
/// any, of someone who loses their sign-in end.
std::optional<std::string> answer_people(store::Database& database, NodeRole role, Entropy& entropy,
                                         Sessions* sessions, std::string_view request, Now now);

/// What is answered to an operator's request whose "bearer" is no token of an administrator's, or
/// one of scope read though the request changes something; nullopt: it has none, or a good one.
std::optional<std::string> refuse_operator(store::Database& database, std::string_view request,
                                           Now now);

}  // namespace liaison::node
