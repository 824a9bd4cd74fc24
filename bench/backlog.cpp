#include <fmt/format.h>

#include "bench/pair_run.h"
#include "bench/scenarios.h"
#include "crypto/random.h"
#include "crypto/seal.h"

namespace liaison::bench {

void backlog(Report& report, const std::filesystem::path& parent, Effort effort) {
  const std::size_t letters = effort == Effort::full ? 1'000'000 : 100'000;
  const std::size_t step = letters / 5;
  BrokerProcess broker(parent);
  broker.start();
  crypto::SystemEntropy entropy;
  net::Context context;
  // The recipients are known and away: one credit of nothing.
  Crowd crowd = make_crowd(broker, context, entropy, 20, 0, "backlog");
  PairRun run{1024, step, 4096, PairRun::Work::sealed_beforehand, false};
  for (std::size_t waiting = step; waiting <= letters; waiting += step) {
    auto result = fill_mailboxes(broker, crowd, entropy, run);
    report.add({"backlog grows",
                fmt::format("to {} waiting", waiting),
                {{"letters_per_s", static_cast<double>(result.accepted) / result.seconds},
                 {"broker_us_per_letter",
                  result.broker_cpu_s / static_cast<double>(result.accepted) * 1e6},
                 {"broker_rss_mib", usage_of(broker.process()).rss_mib}}});
  }
  broker.stop();
  const double ready_s = broker.start();
  report.add({"start with a backlog",
              fmt::format("{} waiting", letters),
              {{"ready_s", ready_s}, {"broker_rss_mib", usage_of(broker.process()).rss_mib}}});
}

}  // namespace liaison::bench
