#include "node/cli/serve.h"

#include <unistd.h>

#include <atomic>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>

#include "base/log.h"
#include "cli/input.h"
#include "cli/output.h"
#include "crypto/tls.h"
#include "net/limits.h"
#include "node/cli/directory.h"
#include "node/cli/opened.h"
#include "node/cli/settings.h"
#include "node/desk/desk.h"
#include "node/desk/disclosures.h"
#include "node/desk/people_admin.h"
#include "node/desk/routes.h"
#include "node/shell/admin.h"
#include "node/shell/loop.h"
#include "store/failure.h"
#include "web/json.h"

namespace liaison::node {
namespace {

constexpr std::uint64_t descriptors_wanted = 1024;

Result<log::Level> log_level(const std::string& text) {
  if (text == "debug") return log::Level::debug;
  if (text == "info") return log::Level::info;
  if (text == "warning") return log::Level::warning;
  if (text == "error") return log::Level::error;
  return fail(Reason::malformed,
              "liaison.toml: \"log_level\" must be debug, info, warning or error");
}

std::string about(const Loop::Touched& touched) {
  auto referrals = nlohmann::json::array();
  for (const auto& id : touched.referrals)
    referrals.push_back(id.text());
  return web::to_text({{"case", touched.case_id.text()}, {"referrals", std::move(referrals)}});
}

/// Tells open pages what changed, by its ids.
class Announcer {
 public:
  Announcer(Loop& loop, std::shared_ptr<web::ChangeFeed> feed)
      : feed_(std::move(feed)), thread_([this, &loop] {
          auto seen = loop.changes();
          while (!stopping_) {
            const auto now = loop.wait_for_change(seen, std::chrono::milliseconds(500));
            if (now == seen) continue;
            seen = now;
            const auto touched = loop.take_touched();
            for (const auto& one : touched.cases)
              feed_->publish("case", about(one));
            // What is of no case (the directory, the link), or of too many to name.
            if (touched.cases.empty() || touched.more_than_these) feed_->publish("changed", "{}");
          }
        }) {}
  Announcer(const Announcer&) = delete;
  Announcer& operator=(const Announcer&) = delete;
  ~Announcer() {
    stopping_ = true;
    feed_->close();
    thread_.join();
  }

 private:
  std::shared_ptr<web::ChangeFeed> feed_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

/// DIR/serving.json while this process serves; it goes before the desk does, whose port may be
/// another's then. One that stays says at the next start that the last process did not end by
/// itself: a letter that it was opening may have ended it. Where the disk is full a file can be
/// removed, as a rule, and nothing be written.
class ServingFile {
 public:
  ServingFile(std::filesystem::path path, const std::string& url, const NodeId& node)
      : path_(std::move(path)) {
    cli::write_private_line(
        path_.string(), web::to_text({{"url", url}, {"node", node.text()}, {"pid", ::getpid()}}));
  }
  ServingFile(const ServingFile&) = delete;
  ServingFile& operator=(const ServingFile&) = delete;
  ~ServingFile() {
    std::error_code ignored;
    if (stays_)
      std::filesystem::resize_file(path_, 0, ignored);
    else
      std::filesystem::remove(path_, ignored);
  }
  /// For a process that something ends which it did not foresee.
  void stay() { stays_ = true; }

 private:
  std::filesystem::path path_;
  bool stays_ = false;
};

}  // namespace

std::vector<DeskRoute> with_description(std::vector<DeskRoute> routes, NodeRole role,
                                        const SessionCookie& cookie) {
  auto document = std::make_shared<std::string>();
  routes.push_back(reads("/api/openapi.json", {}, "describeApi", "This document", "ApiDescription",
                         [document](Desk&, const web::Request&, const Caller&) {
                           web::Response out;
                           out.body = *document;
                           return out;
                         }));
  *document = openapi_document(routes, role, cookie);
  return routes;
}

Result<void> serve(const Kind& kind, const std::filesystem::path& directory) {
  auto opened = open_node(kind, directory);
  if (!opened) return fail(opened.error());
  const bool was_killed = std::filesystem::exists(serving_path(directory));
  opened->engine->starts_after(was_killed ? LastEnd::killed : LastEnd::by_itself);
  const auto level = log_level(opened->settings.text("log_level"));
  if (!level) return fail(level.error());
  log::start(kind.program, *level);
  const auto descriptors = net::raise_descriptor_limit(descriptors_wanted);
  if (descriptors < net::descriptors_least)
    return fail(Reason::unavailable, net::too_few_descriptors(descriptors));
  auto options = server_options(opened->settings);
  if (!options) return fail(options.error());

  for (const auto& alarm : opened->engine->status(system_now()).alarms)
    if (alarm.kind == "shut_out") std::cerr << kind.program << ": " << alarm.text << "\n";

  auto& entropy = *opened->entropy;
  const auto node = opened->engine->self();
  Sessions* sessions = nullptr;
  Loop::Config config;
  config.directory = directory;
  config.admin = [&](Engine& engine, std::string_view request, Now now) {
    auto answer =
        answer_people(engine.database_for_writing(), kind.role, entropy, sessions, request, now);
    if (answer) return std::move(*answer);
    if (auto refusal = refuse_operator(engine.database(), request, now)) return std::move(*refusal);
    if (auto told = answer_disclosures(engine, request, now)) return std::move(*told);
    return answer_admin(engine, request, now);
  };
  // Before any thread is made: the loop blocks the signals for those that follow.
  Loop loop(std::move(config), std::move(opened->engine));
  Desk desk(loop, entropy, {.cookie = {node, options->with_tls()}});
  sessions = &desk.sessions();
  const auto routes = with_description(kind.routes, kind.role, desk.cookie());
  web::Server server(std::move(*options), desk.router(routes), desk.gate(routes));
  // First, because it may fail, and nobody would end those who ask a desk without a loop.
  std::optional<ServingFile> serving;
  serving.emplace(serving_path(directory), server.url(), node);
  server.start();
  const Announcer announcer(loop, desk.changes());
  log::info("serving", {{"node", node.text()}, {"desk", server.url()}});
  if (descriptors < descriptors_wanted)
    log::warning(
        "this process may open fewer files and connections than it may need",
        {{"limit", std::to_string(descriptors)}, {"wanted", std::to_string(descriptors_wanted)}});
  try {
    loop.run();
  } catch (const store::Failure& failure) {
    if (failure.kind() != store::Failure::Kind::disk_full) serving->stay();
    throw;
  } catch (...) {
    serving->stay();
    throw;
  }
  log::info("stopping", {{"node", node.text()}});
  serving.reset();
  desk.changes()->close();
  server.stop();
  return {};
}

Result<void> check_serving(const Kind& kind, const std::filesystem::path& directory) {
  const auto opened = open_node(kind, directory);
  if (!opened) return fail(opened.error());
  const auto level = log_level(opened->settings.text("log_level"));
  if (!level) return fail(level.error());
  const auto options = server_options(opened->settings);
  if (!options) return fail(options.error());
  if (const auto good = web::check_listening(*options); !good) return fail(good.error());
  if (options->with_tls()) {
    const crypto::TlsServer readable(options->certificate_file, options->key_file);
  }
  cli::print_line("all is in order");
  return {};
}

}  // namespace liaison::node
