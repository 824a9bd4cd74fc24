#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <thread>

#include "bench/broker_process.h"
#include "bench/scenarios.h"
#include "casework/commands.h"
#include "crypto/random.h"
#include "node/shell/join.h"
#include "node/shell/loop.h"
#include "node/shell/schema.h"

namespace liaison::bench {
namespace {

/// A whole node within this process: engine, store on disk, loop on a thread of its own.
class NodeThread {
 public:
  NodeThread(const std::filesystem::path& directory, const certs::Invitation& invitation) {
    auto joined = node::join(directory, invitation, {}, system_now());
    if (!joined) throw std::runtime_error(joined.error().text);
    store::Options options;
    options.path = node::store_path(directory).string();
    auto keys = crypto::KeyVault::open(node::keys_path(directory), std::nullopt);
    if (!keys) throw std::runtime_error(keys.error().text);
    auto engine = std::make_unique<node::Engine>(
        node::EngineConfig{}, std::make_unique<store::Database>(options, node::schema()),
        std::move(*keys), entropy_, system_now());
    node::Loop::Config config;
    config.directory = directory;
    config.stop_on_signals = false;
    loop_ = std::make_unique<node::Loop>(std::move(config), std::move(engine));
    thread_ = std::thread([this] { loop_->run(); });
  }
  ~NodeThread() {
    loop_->stop();
    thread_.join();
  }
  node::Loop& loop() { return *loop_; }

  /// Waits until `holds(engine)`, which is asked again at every change.
  template <class Holds>
  void wait_until(Holds holds) {
    const Duration give_up = system_now().steady + std::chrono::seconds(60);
    for (std::uint64_t seen = loop_->changes();;
         seen = loop_->wait_for_change(seen, Duration(20))) {
      if (loop_->call([&](node::Engine& engine, Now) { return holds(engine); })) return;
      if (system_now().steady > give_up)
        throw std::runtime_error("a node did not get there within 60 s");
    }
  }

 private:
  crypto::SystemEntropy entropy_;
  std::unique_ptr<node::Loop> loop_;
  std::thread thread_;
};

constexpr const char* service_id = "5f0c5d6e-2c1b-4f7e-9d63-0b8f3a1c7e21";
constexpr const char* service_json =
    R"json({"id": "5f0c5d6e-2c1b-4f7e-9d63-0b8f3a1c7e21", "name": "Benchmark service (invented)",
  "description": "Measures.", "status": "active",
  "organization": {"id": "0d9f5c1a-7c55-4e0b-8a53-6a2f7f0a9b34",
    "name": "Benchmark Provider (invented)", "description": "Measures."},
  "liaison": {"kind": "job broking", "contracted": true, "needs": ["vacancies"]}})json";

casework::OpenCase client() {
  casework::OpenCase open;
  open.client.given_name = "Ada";
  open.client.family_name = "Example";
  open.client.phone = "01632 960000";
  open.client.needs = {"vacancies"};
  return open;
}

double at_percent(std::vector<double>& sorted, double percent) {
  return sorted[std::min(
      sorted.size() - 1,
      static_cast<std::size_t>(percent / 100 * static_cast<double>(sorted.size())))];
}

}  // namespace

void latency(Report& report, const std::filesystem::path& parent, Effort effort) {
  const int rounds = effort == Effort::full ? 500 : 50;
  BrokerProcess broker(parent);
  broker.start();
  const auto office_id = NodeId::parse("bench-office").value();
  const auto provider_id = NodeId::parse("bench-provider").value();
  NodeThread office(broker.directory() / "office", broker.invite(office_id, NodeRole::adviser));
  NodeThread provider(broker.directory() / "provider",
                      broker.invite(provider_id, NodeRole::provider));
  auto published = provider.loop().call([&](node::Engine& engine, Now now) {
    return engine.publish_listing(service_id, service_json, false, now);
  });
  if (!published) throw std::runtime_error(published.error().text);
  office.wait_until([&](node::Engine& engine) {
    auto peer = engine.peer(provider_id);
    return engine.directory().find(service_id).has_value() && peer && peer->reachable;
  });
  provider.wait_until([&](node::Engine& engine) {
    auto peer = engine.peer(office_id);
    return peer && peer->reachable;
  });

  const casework::Actor adviser{office_id, "adviser", casework::UserRole::adviser, "An adviser"};
  std::vector<double> to_stored_ms;
  std::vector<double> to_queued_ms;
  for (int round = 0; round < rounds; ++round) {
    auto opened = office.loop().call([&](node::Engine& engine, Now now) {
      return engine.act_on_new_case(
          adviser,
          [&](const casework::CaseView& view) { return decide(view, adviser, client(), now.wall); },
          now);
    });
    if (!opened) throw std::runtime_error(opened.error().text);
    const CaseId id = opened->front().case_id;
    const auto start = std::chrono::steady_clock::now();
    auto sent = office.loop().call([&](node::Engine& engine, Now now) {
      casework::Refer refer;
      refer.id = engine.fresh_referral();
      refer.service = **engine.directory().find(service_id);
      refer.input.need = "Wants work";
      refer.input.hoped_for = {"a job"};
      return engine.act(
          id, adviser,
          [&](const casework::CaseView& view) { return decide(view, adviser, refer, now.wall); },
          now);
    });
    const auto queued = std::chrono::steady_clock::now();
    if (!sent) throw std::runtime_error(sent.error().text);
    provider.wait_until([&](node::Engine& engine) { return engine.cases().contains(id); });
    const auto stored = std::chrono::steady_clock::now();
    to_queued_ms.push_back(std::chrono::duration<double, std::milli>(queued - start).count());
    to_stored_ms.push_back(std::chrono::duration<double, std::milli>(stored - start).count());
  }
  std::ranges::sort(to_stored_ms);
  std::ranges::sort(to_queued_ms);
  report.add({"send to stored",
              fmt::format("{} referrals, one at a time", rounds),
              {{"p50_ms", at_percent(to_stored_ms, 50)},
               {"p99_ms", at_percent(to_stored_ms, 99)},
               {"max_ms", to_stored_ms.back()},
               {"queued_p50_ms", at_percent(to_queued_ms, 50)}}});
}

}  // namespace liaison::bench
