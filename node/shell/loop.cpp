#include "node/shell/loop.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "crypto/random.h"
#include "net/admin.h"
#include "net/context.h"
#include "net/exchange_client.h"
#include "net/poller.h"
#include "net/signals.h"
#include "node/shell/admin.h"

namespace liaison::node {
namespace {

constexpr std::size_t frames_per_turn = 64;
constexpr std::size_t jobs_per_turn = 64;
/// A peer that reads slowly: what it must hear is kept this far, then the connection ends and all
/// comes up again on the next.
constexpr std::size_t touched_max = 256;
constexpr std::size_t unsent_bytes_max = 64u << 20;

net::ClientOptions client_options(const Engine& engine) {
  net::ClientOptions options;
  options.addresses = engine.installation().exchange;
  options.server_key = engine.installation().broker;
  options.secret_key = engine.curve().secret().clone();
  return options;
}

}  // namespace

struct Loop::Parts {
  Parts(Config config_given, std::unique_ptr<Engine> engine_given)
      : config(std::move(config_given)),
        engine(std::move(engine_given)),
        client(context, client_options(*engine), entropy),
        admin(config.directory.string()) {
    poller.add(client);
    poller.add(admin);
    poller.add(wakeup);
    if (config.stop_on_signals) {
      signal.emplace();
      poller.add(*signal);
    }
  }

  Config config;
  std::unique_ptr<Engine> engine;
  net::Context context;
  crypto::SystemEntropy entropy;
  net::ExchangeClient client;
  net::AdminServer admin;
  net::Wakeup wakeup;
  std::optional<net::StopSignal> signal;
  net::Poller poller;

  std::mutex mutex;
  std::deque<Job> jobs;
  bool stop_asked = false;
  bool ended = false;
  std::condition_variable change;

  // Only the thread in run().
  std::vector<std::function<void()>> after_commit;
  std::vector<std::pair<std::uint64_t, std::string>> answers;
  std::deque<Bytes> unsent;
  std::size_t unsent_bytes = 0;

  TouchedCases touched;  ///< under `mutex`

  void note_touched(const std::vector<CaseId>& cases) {
    for (const auto& id : cases) {
      auto at = std::find_if(touched.cases.begin(), touched.cases.end(),
                             [&](const auto& one) { return one.case_id == id; });
      if (at == touched.cases.end()) {
        if (touched.cases.size() == touched_max) {
          touched.more_than_these = true;
          continue;
        }
        at = touched.cases.insert(at, Touched{id, {}});
      }
      const auto summary = engine->cases().find(id);
      if (summary == engine->cases().end()) continue;  // disposed of
      at->referrals.clear();
      for (const auto& referral : summary->second.referrals)
        at->referrals.push_back(referral.id);
    }
  }

  bool stopping() {
    if (signal && signal->asked()) return true;
    std::lock_guard lock(mutex);
    return stop_asked;
  }

  void forget_unsent() {
    unsent.clear();
    unsent_bytes = 0;
  }

  void step_client(Now now) {
    using Happened = net::ExchangeClient::Happened;
    for (auto happened = client.step(now.steady); happened != Happened::nothing;
         happened = client.step(now.steady)) {
      switch (happened) {
        case Happened::connected:
          forget_unsent();
          engine->connected(now);
          log::info("connected to the exchange", {{"address", client.address()}});
          break;
        case Happened::disconnected:
          forget_unsent();
          engine->disconnected(now);
          log::warning("the connection to the exchange was lost; dialling again");
          break;
        case Happened::refused:
          engine->refused();
          log::warning(
              "the exchange does not know this node's key, or is not the one this node joined",
              {{"address", client.address()}});
          break;
        case Happened::nothing:
          break;
      }
    }
  }

  void run_jobs(Now now) {
    std::deque<Job> some;
    {
      std::lock_guard lock(mutex);
      while (!jobs.empty() && some.size() < jobs_per_turn) {
        some.push_back(std::move(jobs.front()));
        jobs.pop_front();
      }
    }
    for (auto& job : some)
      after_commit.push_back(job(*engine, now));
  }

  void serve_admin(Now now) {
    for (auto& call : admin.receive())
      answers.emplace_back(call.id, config.admin ? config.admin(*engine, call.line, now)
                                                 : answer_admin(*engine, call.line, now));
  }

  bool has_jobs() {
    std::lock_guard lock(mutex);
    return !jobs.empty();
  }

  void send_unsent() {
    while (!unsent.empty() && client.send(ByteView(unsent.front()))) {
      unsent_bytes -= unsent.front().size();
      unsent.pop_front();
    }
  }
};

Loop::Loop(Config config, std::unique_ptr<Engine> engine)
    : parts_(std::make_unique<Parts>(std::move(config), std::move(engine))) {}

Loop::~Loop() = default;

void Loop::run() {
  auto& p = *parts_;
  // Whatever ends this, nobody waits for ever: the promises of jobs left go with them.
  struct AtEnd {
    Parts& parts;
    ~AtEnd() {
      std::lock_guard lock(parts.mutex);
      parts.ended = true;
      parts.jobs.clear();
      parts.after_commit.clear();
      parts.change.notify_all();
    }
  } at_end{p};

  bool more = false;
  while (!p.stopping()) {
    auto now = system_now();
    std::optional<Duration> wait;
    auto wait_at_most = [&](Duration longest) {
      longest = std::max(longest, Duration{});
      wait = wait ? std::min(*wait, longest) : longest;
    };
    if (more || p.has_jobs()) wait_at_most(Duration{});
    if (auto deadline = p.engine->next_deadline()) wait_at_most(*deadline - now.wall);
    if (auto deadline = p.client.next_deadline()) wait_at_most(*deadline - now.steady);
    if (!p.unsent.empty()) wait_at_most(std::chrono::milliseconds(5));
    p.poller.wait(wait);
    p.wakeup.clear();

    now = system_now();
    p.engine->watch_store(now);
    p.step_client(now);
    // While the broker reads slowly, nothing more is taken from it: its answers would grow ours.
    if (p.unsent.empty())
      p.client.receive(frames_per_turn, [&](ByteView frame) { p.engine->frame(frame, now); });
    p.run_jobs(now);
    p.serve_admin(now);

    auto turn = p.engine->turn(now);
    {
      // Before anybody is told that it is done: whoever asks then what changed finds it.
      std::lock_guard lock(p.mutex);
      p.note_touched(turn.cases);
    }
    more = turn.more;
    for (auto& done : p.after_commit)
      done();
    p.after_commit.clear();
    for (const auto& [id, line] : p.answers)
      p.admin.answer(id, line);
    p.answers.clear();
    for (auto& frame : turn.frames) {
      p.unsent_bytes += frame.size();
      p.unsent.push_back(std::move(frame));
    }
    p.send_unsent();
    if (!p.unsent.empty()) more = false;
    if (turn.hang_up || p.unsent_bytes > unsent_bytes_max) {
      p.forget_unsent();
      p.client.hang_up(turn.redial ? net::ExchangeClient::Then::dial_again
                                   : net::ExchangeClient::Then::stay_down);
      p.engine->disconnected(now);
    }
    if (turn.changed) {
      {
        std::lock_guard lock(p.mutex);
        changes_.fetch_add(1);
      }
      p.change.notify_all();
    }
  }
  if (p.client.is_connected())
    p.client.send(
        wire::encode(wire::Frame(wire::Goodbye{wire::GoodbyeReason::stopping, "this node stops"})));
  // What was written and not committed yet was said to nobody; it is kept all the same.
  p.engine->turn(system_now());
  for (auto& done : p.after_commit)
    done();
  p.after_commit.clear();
  log::info("stopped");
}

void Loop::stop() {
  {
    std::lock_guard lock(parts_->mutex);
    parts_->stop_asked = true;
  }
  parts_->wakeup.wake();
}

void Loop::post(Job job) {
  {
    std::lock_guard lock(parts_->mutex);
    // Dropping the job breaks its promise, which is what the caller is told.
    if (parts_->ended) return;
    parts_->jobs.push_back(std::move(job));
  }
  parts_->wakeup.wake();
}

Loop::TouchedCases Loop::take_touched() {
  std::lock_guard lock(parts_->mutex);
  return std::exchange(parts_->touched, {});
}

std::uint64_t Loop::wait_for_change(std::uint64_t seen, Duration patience) {
  std::unique_lock lock(parts_->mutex);
  parts_->change.wait_for(lock, patience, [&] { return parts_->ended || changes_.load() > seen; });
  return changes_.load();
}

}  // namespace liaison::node
