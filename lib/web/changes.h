#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

namespace liaison::web {

/// One thing that changed, for pages that are open: kinds and ids, never a client's detail.
struct Change {
  std::uint64_t number = 0;  ///< 1, 2, 3, ... since the desk started
  std::string kind;          ///< the server-sent event's name
  std::string data;          ///< one line of JSON
};

/// The newest changes, for any number of event streams. Whoever fell behind what is kept is told
/// `reset` and reads afresh. Safe to use from any thread.
class ChangeFeed {
 public:
  explicit ChangeFeed(std::size_t kept_max = 1024);

  void publish(std::string kind, std::string data);
  [[nodiscard]] std::uint64_t newest() const;

  struct Batch {
    std::vector<Change> changes;
    bool missed = false;  ///< some between `since` and these are no longer kept
    bool closed = false;  ///< the desk is stopping
  };
  /// What came after `since`; waits up to `patience` for something to come.
  Batch after(std::uint64_t since, std::chrono::milliseconds patience);
  /// Ends every wait, now and later.
  void close();

 private:
  const std::size_t kept_max_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Change> kept_;
  std::uint64_t newest_ = 0;
  bool closed_ = false;
};

/// The change as it goes over the wire (the HTML standard's "server-sent events").
std::string to_event_stream(const Change& change);

}  // namespace liaison::web
