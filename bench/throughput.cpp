#include <fmt/format.h>

#include "bench/pair_run.h"
#include "bench/scenarios.h"
#include "crypto/random.h"

namespace liaison::bench {
namespace {

void measure(Report& report, const std::filesystem::path& parent, std::size_t pairs,
             const PairRun& run) {
  BrokerProcess broker(parent);
  broker.start();
  net::Context context;
  crypto::SystemEntropy entropy;
  Crowd crowd = make_crowd(broker, context, entropy, 2 * pairs, 4096, "pair");
  auto result = run_pairs(broker, crowd, entropy, run);
  const bool beforehand = run.work == PairRun::Work::sealed_beforehand;
  const auto received = static_cast<double>(result.received);
  report.add({beforehand ? "sealed beforehand" : "sealing and opening",
              fmt::format("{} KiB, {} pair{}{}", run.letter_bytes / 1024, pairs,
                          pairs == 1 ? "" : "s", run.proofs ? "" : ", no proofs"),
              {{"letters_per_s", received / result.seconds},
               {"mib_per_s",
                received * static_cast<double>(run.letter_bytes) / result.seconds / (1 << 20)},
               {"letters", received},
               {"wrong", static_cast<double>(result.wrong)},
               {"proved_by_then", static_cast<double>(result.proved)},
               {"rest_proved_s", result.rest_proved_s},
               {"syncs", result.syncs},
               {"broker_us_per_letter", result.broker_cpu_s / received * 1e6},
               {"clients_us_per_letter", result.own_cpu_s / received * 1e6}}});
}

}  // namespace

void throughput(Report& report, const std::filesystem::path& parent, Effort effort) {
  const std::size_t scale = effort == Effort::full ? 5 : 1;
  struct Size {
    std::size_t bytes;
    std::size_t letters;
  };
  for (const Size& size : {Size{1024, 60'000}, Size{4096, 30'000}, Size{100 * 1024, 2'000}}) {
    for (std::size_t pairs : {1, 10, 100}) {
      measure(report, parent, pairs,
              {size.bytes, size.letters * scale, 4096, PairRun::Work::sealed_beforehand});
      // What the proofs cost: the same without.
      if (size.bytes == 1024)
        measure(report, parent, pairs,
                {size.bytes, size.letters * scale, 4096, PairRun::Work::sealed_beforehand, false});
    }
  }
  for (std::size_t pairs : {1, 10}) {
    measure(report, parent, pairs, {2048, 6'000 * scale, 512, PairRun::Work::sealing_and_opening});
  }
}

}  // namespace liaison::bench
