#include <algorithm>

#include "base/deliberate_bug.h"
#include "broker/core/core.h"

/// hello: a node says who it is; the newest hello of a node wins.
namespace liaison::broker {

namespace {
// Epochs are seconds since 1970: twenty years.
constexpr std::uint64_t epochs_ahead_max = 20ULL * 366 * 24 * 3600;
}  // namespace

void Core::on(HelloCame& event) {
  const auto to = event.connection;
  const auto& hello = event.hello;
  const auto owner = registry_.owner(event.peer);
  // As the doorkeeper does: a key that the registry does not know (yet, after a restore) is no
  // reason to tell its node never to come back.
  if (!owner) {
    deny(Denial::What::handshake, std::nullopt, "unknown_key");
    return hang_up(to);
  }
  const auto refuse = [&](wire::GoodbyeReason reason, const char* text) {
    deny(Denial::What::handshake, *owner, wire::name_of(reason));
    turn_away(to, reason, text);
  };
  const auto& record = registry_.node(*owner);
  if (record.revoked() || registry_.is_void(event.peer))
    return refuse(wire::GoodbyeReason::revoked, "this node was shut out of the exchange");
  if (!registry_.admits(event.peer, now_.wall, limits_.curve_grace)) {
    deny(Denial::What::handshake, *owner, "replaced_key");
    return hang_up(to);
  }
  if (strikes_of(*owner) >= limits_.strikes_max)
    return refuse(wire::GoodbyeReason::strikes,
                  "too many frames could not be read; try again in some minutes");
  if (++states_[owner->value].hellos.within(asking_window, now_) > limits_.hellos_per_minute_max) {
    deny(Denial::What::handshake, *owner, "too_many");
    return turn_away(to, wire::GoodbyeReason::strikes,
                     "too many hellos in one minute; try again later");
  }
  if (hello.node != record.id)
    return refuse(wire::GoodbyeReason::wrong_node, "this connection's key belongs to another node");
  if (hello.version_min > protocol_version || hello.version_max < protocol_version)
    return refuse(wire::GoodbyeReason::version, "the exchange speaks version 1 of the protocol");
  if (auto other = connections_.find(*owner); other != connections_.end() && other->second != to)
    turn_away(other->second, wire::GoodbyeReason::replaced,
              "a newer connection of this node took over");

  end_session(to);
  Session session;
  session.connection = to;
  session.node = *owner;
  session.curve = event.peer;
  if (has_ended(record.current())) session.state = Session::State::renewing;
  raise(session, hello.credit_letters, hello.credit_bytes);
  connections_[*owner] = to;
  sessions_[to] = session;
  if (session.state == Session::State::renewing)
    return goodbye(to, wire::GoodbyeReason::renew_only,
                   "this node's certificate has ended: renew it");

  if (saw_later_epoch(*owner, hello)) {
    states_[owner->value].has_raised = true;
    raise_epoch(hello.epoch + 1, to);
  }
  states_[owner->value].welcomed = true;
  settle_incarnation(*owner, hello);
  mailboxes_[owner->value].rewind();
  queue_for_delivery(*owner);
  out_.sends.push_back(SendFrame{to, welcome_for(*owner)});
}

/// Whether a node has seen this epoch's number, or a later one, from a broker that is no more: the
/// clock was behind when this one was restored. Each node is believed once, so that one gone bad
/// cannot keep the others coming back, and no further than a clock may well have been behind: after
/// the next restore the epoch that it brought about must be believed too.
bool Core::saw_later_epoch(NodeNumber node, const wire::Hello& hello) const {
  const auto& state = states_[node.value];
  return state_.recovering && hello.epoch >= state_.epoch &&
         hello.epoch - std::min(hello.epoch, epoch_at_start_) < epochs_ahead_max &&
         !state.welcomed && !state.has_raised && !LIAISON_BUG(epoch_not_raised);
}

wire::Welcome Core::welcome_for(NodeNumber node) const {
  const auto& record = registry_.node(node);
  wire::Welcome welcome;
  welcome.version = protocol_version;
  welcome.epoch = state_.epoch;
  welcome.incarnation = record.incarnation;
  welcome.registry_size = registry_.size();
  welcome.clock = now_.wall;
  welcome.letter_bytes_max = limits_.letter_bytes_max;
  welcome.letters_waiting_max = limits_.letters_waiting_max;
  welcome.expiry_max = limits_.expiry_max;
  welcome.recovering = state_.recovering;
  welcome.certificate = record.current().facts.certificate;
  return welcome;
}

bool Core::has_ended(const KnownSigning& known) const {
  return known.facts.not_after < now_.wall && !is_resting();
}

void Core::settle_incarnation(NodeNumber node, const wire::Hello& hello) {
  auto& record = registry_.node(node);
  constexpr auto incarnation_max = std::uint64_t{1} << 62;
  const auto said = std::min(hello.incarnation, incarnation_max);
  if (said == record.incarnation && said != 0) return;
  // After a restore the broker may have forgotten one that it gave; the node's own epoch tells.
  const bool forgotten = said > record.incarnation && hello.epoch < state_.epoch;
  // Nor does a node that lost its disk tell which it had by a broker that is no more: epochs are
  // seconds, so that the new one is above each. A first one stays 1, or its node would take itself
  // for one that lost its past.
  const bool had_one = record.incarnation > 0 || hello.epoch != 0 ||
                       record.current().facts.reason != wire::IssueReason::joined;
  const auto lost = said == 0 && had_one && state_.epoch > 1 ? state_.epoch : 0;
  record.incarnation = forgotten ? said : std::max({record.incarnation, said, lost}) + 1;
  out_.writes.push_back(KeepNode{node, record.id, record.incarnation});
}

void Core::raise_epoch(std::uint64_t epoch, ConnectionId but) {
  state_.epoch = epoch;
  for (auto& state : states_)
    state.welcomed = false;
  keep_state();
  for (auto each = connections_.begin(); each != connections_.end();) {
    const auto connection = (each++)->second;
    if (connection != but)
      turn_away(connection, wire::GoodbyeReason::stopping,
                "the exchange begins a new epoch; come back");
  }
}

}  // namespace liaison::broker
