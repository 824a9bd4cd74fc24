#include "trace.h"

#include <fmt/format.h>

#include <cstdio>

#include "machine.h"
#include "timeline.h"

namespace liaison::simulation {
namespace {

bool on = false;
const Timeline* clock_of_run = nullptr;
std::uint64_t fingerprint = 0;

void note(std::string_view what) {
  // FNV-1a: enough to tell two runs apart.
  for (const char c : what)
    fingerprint = (fingerprint ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
}

}  // namespace

void trace_to_stderr(bool is_on) {
  on = is_on;
}
bool tracing() {
  return on;
}

void trace_begin(const Timeline* timeline) {
  clock_of_run = timeline;
  fingerprint = 0xcbf29ce484222325ULL;
}

std::uint64_t trace_fingerprint() {
  return fingerprint;
}

void trace(std::string_view what) {
  note(what);
  if (clock_of_run != nullptr) {
    auto ticks = static_cast<std::uint64_t>(clock_of_run->now().count());
    fingerprint = (fingerprint ^ ticks) * 0x100000001b3ULL;
  }
  if (!on) return;
  const double seconds =
      clock_of_run == nullptr ? 0 : static_cast<double>(clock_of_run->now().count()) / 1000;
  fmt::print(stderr, "{:>14.3f}  {}\n", seconds, what);
}

void trace(std::string_view what, const Machine& who) {
  trace(fmt::format("{}: {}", who.name(), what));
}

}  // namespace liaison::simulation
