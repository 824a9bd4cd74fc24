#include "broker/core/core.h"

/// prove: a node asks to be shown that the logs grew, and that its letters are in them.
namespace liaison::broker {

void Core::on(ProveCame& event) {
  auto* session = open_session(event.connection);
  if (session == nullptr) return;
  // Nothing is signed before its epoch is certain.
  if (state_.recovering || event.prove.epoch != state_.epoch) return;
  auto& proves = states_[session->node.value].proves.within(asking_window, now_);
  if (++proves > limits_.proves_per_minute_max)
    return deny(Denial::What::frame, session->node, "too_many");
  out_.sends.push_back(SendProofs{event.connection, std::move(event.prove)});
}

}  // namespace liaison::broker
