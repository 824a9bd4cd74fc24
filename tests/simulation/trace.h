#pragma once

#include <cstdint>
#include <string_view>

namespace liaison::simulation {

class Machine;
class Timeline;

/// Whether `--verbose` asked to see what happens.
void trace_to_stderr(bool on);
bool tracing();
/// One line: when, who, what. Also goes into the run's fingerprint, by which a replay is compared.
void trace(std::string_view what, const Machine& who);
void trace(std::string_view what);
/// A run begins, on this timeline.
void trace_begin(const Timeline* timeline);
std::uint64_t trace_fingerprint();

}  // namespace liaison::simulation
