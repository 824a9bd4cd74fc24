#pragma once

#include <cstdint>
#include <string>

#include "base/id.h"

namespace liaison::wire {

/// The exchange's two logs.
enum class LogName : std::uint8_t { registry = 0, message = 1 };
/// "registry", "message": in origins, exports and lines for people.
const char* name_of(LogName name);

/// A log's name in its checkpoints: "liaison/AUTHORITY/message/EPOCH", with the beginning of the
/// authority's fingerprint. A restore raises the epoch: a new name, for what may differ from what
/// was signed after the backup.
std::string origin_of(LogName name, const Fingerprint& authority, std::uint64_t epoch);

/// How a node is called as a witness of the logs: "liaison/AUTHORITY/witness/NODE".
std::string witness_name_of(const NodeId& node, const Fingerprint& authority);

}  // namespace liaison::wire
