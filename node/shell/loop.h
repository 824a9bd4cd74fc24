#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "node/shell/engine.h"

namespace liaison::node {

/// Runs an Engine: the connection to the broker, the administration socket, the clock, and calls
/// from other threads. The thread in run() owns all of it.
class Loop {
 public:
  /// Answers one line of JSON of the administration socket; runs on the loop's thread.
  using AdminHandler = std::function<std::string(Engine&, std::string_view request, Now)>;

  struct Config {
    std::filesystem::path directory;  ///< admin.sock lies there
    AdminHandler admin;               ///< none: answer_admin() of admin.h
    bool stop_on_signals = true;      ///< SIGTERM and SIGINT end run()
  };
  Loop(Config config, std::unique_ptr<Engine> engine);
  ~Loop();

  /// Until stop() or a signal; says goodbye to the broker. Throws when the machine fails; calls
  /// that wait then get a broken promise.
  void run();
  /// From any thread.
  void stop();

  /// Runs `work(engine, now)` on the loop's thread between two turns and returns its value after
  /// the commit that makes what it did durable. From any thread but the loop's own. Throws
  /// std::future_error when the loop has ended.
  template <class Work>
  auto call(Work work) -> std::invoke_result_t<Work&, Engine&, Now> {
    using Value = std::invoke_result_t<Work&, Engine&, Now>;
    auto outcome = std::make_shared<Outcome<Value>>();
    auto answer = outcome->promise.get_future();
    // The job alone keeps the promise: if the loop ends first, it breaks, and nobody waits for
    // ever.
    post([outcome = std::move(outcome), work = std::move(work)](Engine& engine, Now now) mutable {
      if constexpr (std::is_void_v<Value>) {
        work(engine, now);
      } else {
        outcome->value.emplace(work(engine, now));
      }
      return [outcome] {
        if constexpr (std::is_void_v<Value>) {
          outcome->promise.set_value();
        } else {
          outcome->promise.set_value(std::move(*outcome->value));
        }
      };
    });
    return answer.get();
  }

  /// A case that changed, and its referrals.
  struct Touched {
    CaseId case_id;
    std::vector<ReferralId> referrals;
  };
  /// Those since it was last called, each once, in order of their first change; for one caller.
  /// More than fits are left out: `more_than_these` then.
  struct TouchedCases {
    std::vector<Touched> cases;
    bool more_than_these = false;
  };
  TouchedCases take_touched();

  /// Counts up with every turn that changed something a desk shows.
  [[nodiscard]] std::uint64_t changes() const { return changes_.load(); }
  /// Waits until changes() is above `seen` or the time is over; the number then.
  std::uint64_t wait_for_change(std::uint64_t seen, Duration patience);

 private:
  /// Runs on the loop's thread; returns what to do after the commit.
  using Job = std::function<std::function<void()>(Engine&, Now)>;
  struct Parts;

  template <class Value>
  struct Outcome {
    std::promise<Value> promise;
    std::optional<std::conditional_t<std::is_void_v<Value>, char, Value>> value;
  };

  void post(Job job);

  std::atomic<std::uint64_t> changes_{0};
  std::unique_ptr<Parts> parts_;
};

}  // namespace liaison::node
