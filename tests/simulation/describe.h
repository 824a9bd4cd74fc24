#pragma once

#include "world.h"

namespace liaison::simulation {

/// Traces how everybody stands: for who reads a run that failed.
void describe(World& world);

}  // namespace liaison::simulation
