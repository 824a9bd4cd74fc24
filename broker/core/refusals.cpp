#include "broker/core/core.h"

/// What the log says of refusals: each of the first ten a minute of one sender, the rest as one
/// summary, so that a peer gone bad cannot fill the log.
namespace liaison::broker {

void Core::log_refusal(NodeNumber sender, const CheckedLetter& checked,
                       wire::RefusalReason reason) {
  auto& state = states_[sender.value];
  if (state.refusals > 0 && now_.steady - state.refusals_from >= refusal_window)
    close_refusals(sender);
  if (state.refusals == 0) {
    state.refusals_from = now_.steady;
    refusing_.insert(sender);
  }
  ++state.refusals;
  state.last_reason = reason;
  if (state.refusals > limits_.refusals_logged_per_minute) return;
  wire::LogEntry entry;
  entry.kind = wire::LogKind::refused;
  entry.at = now_.wall;
  entry.letter = checked.letter.id;
  entry.sender = registry_.node(sender).id;
  entry.recipient = checked.letter.recipient;
  entry.size_bytes = static_cast<std::uint32_t>(checked.letter.sealed.size());
  entry.digest = checked.digest;
  entry.commitment = checked.letter.commitment;
  entry.reason = reason;
  out_.writes.push_back(AppendLog{next_leaf(), std::move(entry), {}});
}

void Core::close_refusals(NodeNumber sender) {
  auto& state = states_[sender.value];
  const auto all = std::exchange(state.refusals, 0);
  refusing_.erase(sender);
  if (all <= limits_.refusals_logged_per_minute) return;
  wire::LogEntry entry;
  entry.kind = wire::LogKind::refused_many;
  entry.at = now_.wall;
  entry.sender = registry_.node(sender).id;
  entry.reason = state.last_reason;
  entry.count = static_cast<std::uint32_t>(all - limits_.refusals_logged_per_minute);
  out_.writes.push_back(AppendLog{next_leaf(), std::move(entry), {}});
}

void Core::sum_up_refusals() {
  for (auto at = refusing_.begin(); at != refusing_.end();) {
    const auto sender = *at++;
    if (now_.steady - states_[sender.value].refusals_from >= refusal_window) close_refusals(sender);
  }
}

}  // namespace liaison::broker
