#pragma once

#include <optional>
#include <string_view>

#include "broker/core/ids.h"

namespace liaison::broker {

/// Something that the broker refused, for the operator's log and the metrics. Its words are ours
/// alone, never what a peer wrote.
struct Denial {
  enum class What {
    letter,       ///< a submission
    frame,        ///< unreadable, or not for a broker, or from whom may not send it now
    handshake,    ///< a connection, before or at its hello
    joining,      ///< a request at the joining socket
    publication,  ///< an entry for the registry
    renewal,      ///< of a signing certificate
  } what{};
  std::optional<NodeNumber> node;  ///< nothing: no node that the registry knows
  std::string_view reason;         ///< a constant, in snake_case
  friend bool operator==(const Denial&, const Denial&) = default;
};

}  // namespace liaison::broker
