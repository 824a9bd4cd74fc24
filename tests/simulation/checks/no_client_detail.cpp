#include <fmt/format.h>

#include "checks/checks.h"
#include "planted.h"

namespace liaison::simulation::checks {
namespace {

// Every frame is searched for the plain form, one in so many for the others too.
constexpr std::uint64_t thorough_one_in = 16;

void search(const Machine& machine) {
  for (const auto& [file, octets] : machine.disk.image().files) {
    const auto form = find_planted(octets);
    if (!form.empty())
      throw Violation(
          7, fmt::format("{} of {} holds a client's name, {}", file, machine.name(), form));
  }
}

}  // namespace

void no_client_detail(World& world) {
  search(*world.broker);
  for (auto& node : world.nodes)
    search(*node);
}

void no_client_detail_in_frame(ByteView frame, std::uint64_t number) {
  if (has_planted_plain(frame)) throw Violation(7, "a frame on the wire holds a client's name");
  if (number % thorough_one_in != 0) return;
  const auto form = find_planted(frame);
  if (!form.empty()) throw Violation(7, "a frame on the wire holds a client's name, " + form);
}

}  // namespace liaison::simulation::checks
