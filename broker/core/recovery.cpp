#include <algorithm>

#include "broker/core/core.h"

/// After a restore the broker collects what nodes know that its backup did not: certificates,
/// revocations, listings. A node has told all when it asks `since` after its publications. The
/// broker serves when every node that it knows, and that is not revoked, has told, or when the
/// recovery window has passed.
namespace liaison::broker {

void Core::reported(NodeNumber node) {
  if (!state_.recovering) return;
  states_[node.value].has_reported = true;
}

void Core::end_recovery_if_due() {
  if (!state_.recovering) return;
  bool all = registry_.nodes() > 0;
  for (std::uint32_t number = 0; number < registry_.nodes() && all; ++number)
    all = states_[number].has_reported || registry_.node(NodeNumber{number}).revoked();
  if (!all && recovery_ends_ && now_.steady < *recovery_ends_) return;
  state_.recovering = false;
  recovery_ends_.reset();
  keep_state();
  // A second welcome says that letters are carried from now on.
  for (const auto& [node, connection] : connections_) {
    if (sessions_.at(connection).state != Session::State::open) continue;
    out_.sends.push_back(SendFrame{connection, welcome_for(node)});
    queue_for_delivery(node);
  }
}

}  // namespace liaison::broker
