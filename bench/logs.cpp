#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "bench/pair_run.h"
#include "bench/program.h"
#include "bench/scenarios.h"
#include "crypto/random.h"

namespace liaison::bench {
namespace {

constexpr std::size_t letters_at_once = 50'000;

/// Letters that are sent and taken: two entries each.
void fill(BrokerProcess& broker, std::size_t letters) {
  net::Context context;
  crypto::SystemEntropy entropy;
  Crowd crowd = make_crowd(broker, context, entropy, 20, 4096, "pair");
  for (std::size_t sent = 0; sent < letters; sent += letters_at_once) {
    fmt::print(stderr, "\r{} of {} letters", sent, letters);
    run_pairs(broker, crowd, entropy,
              {1024, letters_at_once, 4096, PairRun::Work::sealed_beforehand, false});
  }
  fmt::print(stderr, "\r{:40}\r", "");
}

/// The entry's letter's proof, asked for by the program that auditors use: the middle of 21 times.
double prove_ms(const BrokerProcess& broker, std::uint64_t index) {
  const auto entries = broker.ask({{"command", "log"}, {"first", index}})["entries"];
  const auto letter = entries.at(0)["letter"].get<std::string>();
  std::vector<double> times;
  for (int round = 0; round < 21; ++round)
    times.push_back(1e3 * run({program("liaison-audit"), "prove", letter, "--dir",
                               (broker.directory() / "broker").string()},
                              broker.directory() / "proofs")
                              .seconds);
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
}

}  // namespace

void logs(Report& report, const std::filesystem::path& parent, Effort effort) {
  const std::size_t letters = effort == Effort::full ? 5'000'000 : 500'000;
  BrokerProcess broker(parent);
  broker.start();
  fill(broker, letters);
  broker.stop();
  const auto start_s = broker.start();
  const auto entries = broker.ask({{"command", "status"}})["log_entries"].get<std::uint64_t>();
  const auto variant = fmt::format("{} entries", entries);
  report.add(
      {"logs: start", variant, {{"ready_s", start_s}, {"broker_mib", peak_mib(broker.process())}}});

  const auto out = (broker.directory() / "export").string();
  const auto log = broker.directory() / "log";
  const auto exported = run(
      {program("liaison-audit"), "export", out, "--dir", (broker.directory() / "broker").string()},
      log);
  report.add({"logs: export",
              variant,
              {{"seconds", exported.seconds},
               {"exporter_peak_mib", exported.peak_mib},
               {"broker_peak_mib", peak_mib(broker.process())}}});
  const auto verified = run({program("liaison-audit"), "verify", out}, log);
  report.add({"logs: verify",
              variant,
              {{"seconds", verified.seconds},
               {"entries_per_s", static_cast<double>(entries) / verified.seconds},
               {"peak_mib", verified.peak_mib}}});
  const auto reported = run({program("liaison-audit"), "report", out}, log);
  report.add(
      {"logs: report", variant, {{"seconds", reported.seconds}, {"peak_mib", reported.peak_mib}}});
  report.add({"logs: one letter's proof",
              variant,
              {{"oldest_ms", prove_ms(broker, 0)},
               {"middle_ms", prove_ms(broker, entries / 2)},
               {"newest_ms", prove_ms(broker, entries - 1)}}});
}

}  // namespace liaison::bench
