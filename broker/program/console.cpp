#include "broker/program/console.h"

#include <mutex>

#include "broker/program/settings.h"
#include "web/server.h"

namespace liaison::broker {

struct Console::State {
  std::mutex mutex;
  std::string metrics;
  std::unique_ptr<web::Server> server;
};

Console::Console(const std::string& address) : state_(std::make_unique<State>()) {
  if (address.empty()) return;
  auto split = split_address(address);
  if (!split) return;  // settings.cpp refused it before
  web::Router router;
  web::Route health;
  health.pattern = "/healthz";
  health.access = web::Access::open;
  health.handler = [](const web::Request&) {
    web::Response out;
    out.body = R"({"status":"ok"})";
    return out;
  };
  router.add(std::move(health));
  web::Route metrics;
  metrics.pattern = "/metrics";
  metrics.access = web::Access::open;
  metrics.handler = [state = state_.get()](const web::Request&) {
    web::Response out;
    out.content_type = "text/plain; version=0.0.4; charset=utf-8";
    const std::lock_guard lock(state->mutex);
    out.body = state->metrics;
    return out;
  };
  router.add(std::move(metrics));
  web::ServerOptions options;
  options.address = split->first;
  options.called = "the console";
  options.port = split->second;
  options.pages_at_once = 2;
  options.streams_max = 1;
  state_->server = std::make_unique<web::Server>(
      std::move(options), std::move(router),
      [](const web::Request&, const web::Route&) -> std::optional<web::Response> {
        return std::nullopt;
      });
  state_->server->start();
}

Console::~Console() {
  if (state_->server) state_->server->stop();
}

void Console::show(std::string metrics) {
  const std::lock_guard lock(state_->mutex);
  state_->metrics = std::move(metrics);
}

}  // namespace liaison::broker
