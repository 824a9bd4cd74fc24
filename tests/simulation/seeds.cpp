#include "seeds.h"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

#include "base/deliberate_bug.h"
#include "bugs.h"
#include "run.h"
#include "trace.h"

namespace liaison::simulation {
namespace {

constexpr std::uint64_t violations_shown = 10;

// What a signal's handler says of the seed at which the process ended.
std::array<char, 512> last_words{};

void say_last_words(int signal) {
  static_cast<void>(!write(STDERR_FILENO, last_words.data(), strlen(last_words.data())));
  ::signal(signal, SIG_DFL);
  raise(signal);
}

std::string replay(const Asked& asked, std::uint64_t seed) {
  auto out = fmt::format("simulation --seeds {0}..{0} --referrals {1} --nodes {2}", seed,
                         asked.referrals, asked.nodes);
  if (!asked.bug.empty()) out += " --bug " + asked.bug;
  return out + " --verbose";
}

Outcome run_one(const Asked& asked, std::uint64_t seed) {
  const auto words = fmt::format("seed {}: the process ended by a signal; replay it with\n  {}\n",
                                 seed, replay(asked, seed));
  std::snprintf(last_words.data(), last_words.size(), "%s", words.c_str());
  Plan plan;
  plan.seed = seed;
  plan.nodes = asked.nodes;
  plan.referrals = asked.referrals;
  return run(plan);
}

void prepare(const Asked& asked) {
  for (const int signal : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL})
    ::signal(signal, say_last_words);
  trace_to_stderr(asked.voice == Asked::Voice::verbose);
#ifdef LIAISON_DELIBERATE_BUGS
  choose_bug(asked.bug);
#endif
}

void say(const Asked& asked, std::uint64_t seed, const Outcome& outcome) {
  fmt::print(stderr, "seed {}: invariant {} does not hold: {}\n  {}\n", seed, *outcome.invariant,
             outcome.text, replay(asked, seed));
}

class Clock {
 public:
  [[nodiscard]] double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count();
  }

 private:
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

/// One process's share of the seeds; its counts into `file`.
int run_share(const Asked& asked, unsigned share, const std::string& file) {
  prepare(asked);
  Counters counters;
  std::uint64_t violations = 0;
  Clock clock;
  std::uint64_t done = 0;
  for (auto seed = asked.first_seed + share; seed <= asked.last_seed; seed += asked.jobs) {
    const auto outcome = run_one(asked, seed);
    counters.add(outcome.counters);
    if (outcome.invariant) {
      ++violations;
      if (violations <= violations_shown) say(asked, seed, outcome);
    }
    if (++done % 250 == 0) {
      fmt::print("process {}: {} seeds, {} violations, {:.0f} s\n", share + 1, done, violations,
                 clock.seconds());
      std::fflush(stdout);
    }
  }
  counters.totals["violations"] += violations;
  std::ofstream(file) << counters.json();
  return violations == 0 ? 0 : 1;
}

/// Runs `work` in a process of its own.
template <class Work>
pid_t in_a_process(Work work) {
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    const int status = work();
    std::fflush(nullptr);
    _exit(status);
  }
  return child;
}

}  // namespace

int run_seeds(const Asked& asked) {
  Clock clock;
  const auto folder =
      std::filesystem::temp_directory_path() / fmt::format("liaison-simulation-{}", getpid());
  std::filesystem::create_directories(folder);
  int worst = 0;
  const auto file_of = [&](unsigned share) {
    return (folder / fmt::format("{}.json", share)).string();
  };
  std::vector<pid_t> children;
  for (unsigned share = 0; share < asked.jobs; ++share)
    children.push_back(in_a_process([&] { return run_share(asked, share, file_of(share)); }));
  for (const auto child : children) {
    int status = 0;
    waitpid(child, &status, 0);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) worst = 1;
  }
  Counters all;
  for (unsigned share = 0; share < asked.jobs; ++share) {
    std::ifstream in(file_of(share));
    if (!in) continue;
    std::stringstream text;
    text << in.rdbuf();
    all.add(Counters::from_json(text.str()));
  }
  std::filesystem::remove_all(folder);
  fmt::print("{}", all.table());
  const auto seconds = clock.seconds();
  if (!asked.counters_file.empty()) {
    all.totals["milliseconds"] = static_cast<std::uint64_t>(seconds * 1000);
    std::ofstream(asked.counters_file) << all.json() << "\n";
  }
  auto& totals = all.totals;
  fmt::print(
      "{} seeds, {} violations: {} referrals, {} events, {} letters, {} process starts, {} steps "
      "in {:.1f} s\n",
      totals["seeds"], totals["violations"], totals["referrals"], totals["events"],
      totals["letters"], totals["process starts"], totals["steps"], seconds);
  return worst;
}

int find_bugs(const Asked& asked) {
  Clock clock;
  const auto folder =
      std::filesystem::temp_directory_path() / fmt::format("liaison-bugs-{}", getpid());
  std::filesystem::create_directories(folder);
  const auto file_of = [&](const std::string& bug) { return folder / bug; };
  const auto look_for = [&](const std::string& bug) {
    auto with_bug = asked;
    with_bug.bug = bug;
    prepare(with_bug);
    for (auto seed = asked.first_seed; seed <= asked.last_seed; ++seed) {
      // Should the process end by a signal, this is what was found.
      std::ofstream(file_of(bug)) << fmt::format("seed {:>4}  the process aborted", seed);
      const auto outcome = run_one(with_bug, seed);
      if (!outcome.invariant) continue;
      std::ofstream(file_of(bug)) << fmt::format("seed {:>4}  invariant {}: {}", seed,
                                                 *outcome.invariant, outcome.text);
      return 0;
    }
    std::filesystem::remove(file_of(bug));
    return 1;
  };
  std::size_t next = 0;
  unsigned running = 0;
  while (next < deliberate_bugs.size() || running > 0) {
    if (next < deliberate_bugs.size() && running < asked.jobs) {
      const std::string bug(deliberate_bugs[next++]);
      if (!asked.bug.empty() && asked.bug != bug) continue;
      in_a_process([&] { return look_for(bug); });
      ++running;
      continue;
    }
    if (running > 0) wait(nullptr);
    if (running > 0) --running;
  }
  int worst = 0;
  for (const auto& bug : deliberate_bugs) {
    if (!asked.bug.empty() && asked.bug != bug) continue;
    std::ifstream in(file_of(std::string(bug)));
    std::string found;
    std::getline(in, found);
    if (found.empty()) worst = 1;
    fmt::print("{:<34}{}\n", bug,
               found.empty() ? fmt::format("NOT FOUND up to seed {}", asked.last_seed) : found);
  }
  std::filesystem::remove_all(folder);
  fmt::print("{} deliberate bugs in {:.1f} s\n", deliberate_bugs.size(), clock.seconds());
  return worst;
}

int run_twice(const Asked& asked) {
  prepare(asked);
  for (auto seed = asked.first_seed; seed <= asked.last_seed; ++seed) {
    const auto once = run_one(asked, seed);
    const auto again = run_one(asked, seed);
    if (once.fingerprint == again.fingerprint) continue;
    fmt::print(stderr, "seed {} does not repeat\n", seed);
    return 1;
  }
  fmt::print("{} seeds repeat\n", asked.last_seed - asked.first_seed + 1);
  return 0;
}

}  // namespace liaison::simulation
