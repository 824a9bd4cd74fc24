#pragma once

#include <string>
#include <string_view>

#include "node/shell/engine.h"

namespace liaison::node {

/// Answers one request of the administration socket: {"do": "status" | "aside-list" |
/// "aside-retry" | "aside-drop" | "backup" | "undelivered-list" | "confirm-key" | "prove" |
/// "override", ...} with
/// {"ok": true, ...} or {"ok": false, "reason": ..., "error": ONE LINE}. Unknown requests are
/// answered so too; node/desk wraps this with its own.
std::string answer_admin(Engine& engine, std::string_view request, Now now);

/// The same values as JSON text, for `--json` and the API.
std::string to_json(const Status& status);

}  // namespace liaison::node
