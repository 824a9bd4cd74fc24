#include <fmt/format.h>

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
  net::Context context;
  const double rss_before = usage_of(broker.process()).rss_mib;
  const Duration start = system_now().steady;
  Crowd crowd = make_crowd(broker, context, entropy, nodes, 64, "node");
  const double joined_s = std::chrono::duration<double>(system_now().steady - start).count();
  const double rss = usage_of(broker.process()).rss_mib;

  broker.stop();
  auto none_welcome = [&] {
    for (const auto& member : crowd.members) {
      if (member->is_welcome()) return false;
    }
    return true;
  };
  step_until(crowd.members, std::chrono::seconds(60), none_welcome);
  broker.start();
  const Duration restarted = system_now().steady;
  auto all_welcome = [&] {
    for (const auto& member : crowd.members) {
      if (!member->is_welcome()) return false;
    }
    return true;
  };
  const bool back = step_until(crowd.members, std::chrono::seconds(120), all_welcome);
  report.add(
      {"connected nodes",
       fmt::format("{} nodes", nodes),
       {{"joined_s", joined_s},
        {"broker_kib_per_node", (rss - rss_before) * 1024 / static_cast<double>(nodes)},
        {"all_back_s",
         back ? std::chrono::duration<double>(system_now().steady - restarted).count() : -1}}});
}

}  // namespace liaison::bench
