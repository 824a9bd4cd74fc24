#pragma once

#include "broker/shell/engine.h"

namespace liaison::broker {

/// One frame of a node: decoded, checked, decided.
void receive(Engine::Parts& parts, ConnectionId connection, const CurveKey& peer, ByteView bytes,
             Now now);

}  // namespace liaison::broker
