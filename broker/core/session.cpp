#include <algorithm>

#include "broker/core/core.h"

/// Connections that have said hello: credit, strikes and ends.
namespace liaison::broker {

namespace {
// A node that lets more than this lie about unread has its next frames held back: what is on the
// way to one peer is bounded.
constexpr std::uint64_t credit_letters_max = 65'536;
constexpr std::uint64_t credit_bytes_max = std::uint64_t{32} << 20;
}  // namespace

const Session* Core::session(ConnectionId connection) const {
  auto found = sessions_.find(connection);
  return found == sessions_.end() ? nullptr : &found->second;
}

const Session* Core::session_of(NodeNumber node) const {
  auto found = connections_.find(node);
  return found == connections_.end() ? nullptr : session(found->second);
}

/// The open session of a connection.
Session* Core::open_session(ConnectionId connection) {
  auto found = sessions_.find(connection);
  if (found == sessions_.end()) return nullptr;
  auto& session = found->second;
  if (session.state == Session::State::open && has_ended(registry_.node(session.node).current()))
    session.state = Session::State::renewing;
  if (session.state == Session::State::renewing) {
    deny(Denial::What::frame, session.node, wire::name_of(wire::GoodbyeReason::renew_only));
    goodbye(connection, wire::GoodbyeReason::renew_only,
            "this node's certificate has ended: renew it");
    return nullptr;
  }
  return &session;
}

void Core::end_session(ConnectionId connection) {
  auto found = sessions_.find(connection);
  if (found == sessions_.end()) return;
  auto owner = connections_.find(found->second.node);
  if (owner != connections_.end() && owner->second == connection) connections_.erase(owner);
  sessions_.erase(found);
}

void Core::goodbye(ConnectionId connection, wire::GoodbyeReason reason, std::string text) {
  out_.sends.push_back(SendFrame{connection, wire::Goodbye{reason, std::move(text)}});
}

void Core::turn_away(ConnectionId connection, wire::GoodbyeReason reason, std::string text) {
  goodbye(connection, reason, std::move(text));
  hang_up(connection);
}

void Core::deny(Denial::What what, std::optional<NodeNumber> node, std::string_view reason) {
  out_.denials.push_back({what, node, reason});
}

void Core::hang_up(ConnectionId connection) {
  out_.sends.push_back(DropConnection{connection});
  end_session(connection);
}

void Core::raise(Session& session, std::uint64_t letters, std::uint64_t bytes) {
  session.credit_letters = std::min(session.credit_letters + letters, credit_letters_max);
  session.credit_bytes =
      std::min(session.credit_bytes + std::min(bytes, credit_bytes_max), credit_bytes_max);
}

void Core::on(CreditCame& event) {
  auto* session = open_session(event.connection);
  if (session == nullptr) return;
  raise(*session, event.credit.letters, event.credit.bytes);
  queue_for_delivery(session->node);
}

void Core::on(GoodbyeCame& event) {
  if (session(event.connection) != nullptr) hang_up(event.connection);
}

/// After a goodbye, frames that were on the way still come. Who sends something else first keeps no
/// connection: it would be one that nothing counts.
void Core::on(EarlyFrameCame& event) {
  hang_up(event.connection);
}

void Core::on(ConnectionClosed& event) {
  end_session(event.connection);
}

void Core::on(Stopping&) {
  while (!connections_.empty())
    turn_away(connections_.begin()->second, wire::GoodbyeReason::stopping,
              "the exchange stops; come back");
}

int Core::strikes_of(NodeNumber node) {
  auto& state = states_[node.value];
  const auto forgiven = (now_.steady - state.strike_at) / std::chrono::minutes(1);
  if (forgiven > 0) {
    state.strikes -= static_cast<int>(std::min<std::int64_t>(forgiven, state.strikes));
    state.strike_at += forgiven * Duration(std::chrono::minutes(1));
  }
  return state.strikes;
}

void Core::on(UnreadableCame& event) {
  ++counts_.strikes;
  const auto owner = registry_.owner(event.peer);
  deny(Denial::What::frame, owner, event.reason);
  if (!owner) return hang_up(event.connection);
  if (strikes_of(*owner) == 0) states_[owner->value].strike_at = now_.steady;
  // What is on its way when the link ends costs no more: one that is forgiven opens the door again.
  auto& strikes = states_[owner->value].strikes;
  strikes = std::min(strikes + 1, limits_.strikes_max);
  if (strikes >= limits_.strikes_max)
    return turn_away(event.connection, wire::GoodbyeReason::strikes,
                     "too many frames could not be read");
  // As for an early frame: its sender has spoken, so nothing else would end a connection that
  // nothing counts.
  if (session(event.connection) == nullptr) hang_up(event.connection);
}

void Core::on(UnknownCame&) {
  ++counts_.unknown;
}

}  // namespace liaison::broker
