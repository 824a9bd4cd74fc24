#pragma once

#include <cstdint>
#include <string>

namespace liaison::simulation {

/// What the command line asked for.
struct Asked {
  std::uint64_t first_seed = 1;
  std::uint64_t last_seed = 1;
  std::uint64_t referrals = 100;
  std::size_t nodes = 6;
  std::string bug;            ///< a deliberate bug to switch on
  std::string counters_file;  ///< where the table of counts goes as JSON
  unsigned jobs = 1;
  enum class Voice { quiet, verbose } voice = Voice::quiet;
};

/// Runs the seeds, `jobs` processes beside each other. Exit status: 1 if anything did not hold.
int run_seeds(const Asked& asked);
/// Looks for every deliberate bug of the tree by the same runs, at most to `last_seed`. Exit
/// status: 1 if one was not found.
int find_bugs(const Asked& asked);
/// Runs each seed twice and compares all that happened. Exit status: 1 if they differ.
int run_twice(const Asked& asked);

}  // namespace liaison::simulation
