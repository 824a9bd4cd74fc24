#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <exception>

#include "crypto/start.h"
#include "seeds.h"

namespace {

/// "A..B" or "A".
bool read_seeds(const std::string& text, liaison::simulation::Asked& asked) {
  const auto dots = text.find("..");
  const std::string first = text.substr(0, dots);
  const std::string last = dots == std::string::npos ? first : text.substr(dots + 2);
  const auto read = [](const std::string& part, std::uint64_t& out) {
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), out);
    return error == std::errc() && end == part.data() + part.size();
  };
  return read(first, asked.first_seed) && read(last, asked.last_seed) &&
         asked.first_seed <= asked.last_seed;
}

}  // namespace

int main(int argc, char** argv) {
  using liaison::simulation::Asked;
  Asked asked;
  std::string seeds = "1..100";
  bool verbose = false;
  bool find_bugs = false;
  bool twice = false;
  CLI::App app{"Simulates an exchange with everything going wrong, from a seed"};
  app.add_option("--seeds", seeds, "which, as 1..500")->capture_default_str();
  app.add_option("--referrals", asked.referrals, "at least so many a seed")->capture_default_str();
  app.add_option("--nodes", asked.nodes, "honest nodes")
      ->check(CLI::Range(5, 20))
      ->capture_default_str();
  app.add_option("--bug", asked.bug, "switch this deliberate bug on");
  app.add_option("--counters", asked.counters_file, "write the table of counts here, as JSON");
  app.add_option("--jobs", asked.jobs, "processes")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  app.add_flag("--verbose", verbose, "say on standard error what happens");
  app.add_flag("--find-bugs", find_bugs, "look for every deliberate bug");
  app.add_flag("--twice", twice, "run each seed twice and compare");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  if (!read_seeds(seeds, asked)) {
    fmt::print(stderr, "--seeds: give two numbers, as 1..500\n");
    return 2;
  }
#ifndef LIAISON_DELIBERATE_BUGS
  if (find_bugs || !asked.bug.empty()) {
    fmt::print(stderr, "this build has no deliberate bugs: build the preset 'simulation'\n");
    return 2;
  }
#endif
  if (verbose) asked.voice = Asked::Voice::verbose;
  try {
    liaison::crypto::start();
    if (find_bugs) return liaison::simulation::find_bugs(asked);
    if (twice) return liaison::simulation::run_twice(asked);
    return liaison::simulation::run_seeds(asked);
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
}
