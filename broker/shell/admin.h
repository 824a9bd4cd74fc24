#pragma once

#include <string>
#include <string_view>

#include "broker/shell/engine.h"

namespace liaison::broker {

/// Answers one administrator's request: {"command": C, "administrator": NAME, ...} with what C
/// takes:
///
///   invite         node, organisation, role, capabilities [], valid_ms, rejoin
///   nodes          -
///   revoke         node, why, reason (of crypto/revocation.h), as_of (RFC 3339)
///   users-add      name, password
///   users-list     -
///   users-disable  name
///   policy-show    -
///   policy-set     policy (policy_json.h)
///   quota-show     node
///   quota-set      node, quota (mailbox_letters, mailbox_bytes, sender_letters, sender_bytes; or
///                  null)
///   mailboxes      node, items_max
///   pending        -
///   import         kind ("certificate", "revocations"), der (base64)
///   alarms         -
///   status         -
///
/// {"ok": value}, or {"error": "one line"} with nothing changed. Members that a command does not
/// take are an error.
std::string answer_admin(Engine::Parts& parts, std::string_view request, Now now);

/// What a waiting letter shows of itself, and how many octets of its sealed bytes `mailboxes`
/// prints.
inline constexpr std::size_t first_octets_shown = 32;

}  // namespace liaison::broker
