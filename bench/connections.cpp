#include <fmt/format.h>

#include <algorithm>

#include "bench/member.h"
#include "bench/scenarios.h"
#include "crypto/random.h"
#include "net/limits.h"

namespace liaison::bench {

void connections(Report& report, const std::filesystem::path& parent, Effort effort) {
  const std::size_t nodes = effort == Effort::full ? 1'000 : 100;
  net::raise_descriptor_limit(8 * nodes);
  BrokerProcess broker(parent);
  broker.start();
  crypto::SystemEntropy entropy;
  net::Context context(1, static_cast<int>(4 * nodes + 64));
  const double rss_before = usage_of(broker.process()).rss_mib;
  const Duration start = system_now().steady;
  Crowd crowd = make_crowd(broker, context, entropy, nodes, 64, "node");
  const double joined_s = std::chrono::duration<double>(system_now().steady - start).count();
  const double rss = usage_of(broker.process()).rss_mib;

  broker.stop();
  const auto welcome = [&] {
    return static_cast<std::size_t>(
        std::count_if(crowd.members.begin(), crowd.members.end(),
                      [](const auto& member) { return member->is_welcome(); }));
  };
  step_until(crowd.members, std::chrono::seconds(60), [&] { return welcome() == 0; });
  broker.start();
  const Duration restarted = system_now().steady;
  const bool back = step_until(crowd.members, std::chrono::seconds(120),
                               [&] { return welcome() == crowd.members.size(); });
  report.add(
      {"connected nodes",
       fmt::format("{} nodes", nodes),
       {{"joined_s", joined_s},
        {"broker_kib_per_node", (rss - rss_before) * 1024 / static_cast<double>(nodes)},
        {"all_back_s",
         back ? std::chrono::duration<double>(system_now().steady - restarted).count() : -1}}});
}

}  // namespace liaison::bench
