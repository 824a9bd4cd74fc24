#pragma once

#include <optional>
#include <vector>

#include "base/time.h"

namespace liaison::net {

/// What one Pollable waits for; filled anew before each wait.
class PollSet {
 public:
  enum class For { reading, writing };
  void add_descriptor(int descriptor, For what = For::reading);
  void add_socket(void* zmq_socket);

 private:
  friend class Poller;
  struct Item {
    void* socket;
    int descriptor;
    For what;
  };
  std::vector<Item> items_;
};

/// Something that can be waited for; the owner drains it after each wait, whether or not it was
/// what woke.
class Pollable {
 public:
  virtual ~Pollable() = default;
  virtual void add_to(PollSet& set) const = 0;
};

/// Waits for any of a few Pollables. The shell's loop, once around:
///   poller.wait(until next deadline); server.receive(...); admin.receive(...); engine.turn(...);
///   sends.
class Poller {
 public:
  /// `what` is kept by reference and must outlive the Poller.
  void add(const Pollable& what) { pollables_.push_back(&what); }
  /// Returns when something is ready, a signal arrived, or `longest` has passed (zero: at once;
  /// nullopt: no limit). Throws std::runtime_error if polling itself fails.
  void wait(std::optional<Duration> longest) const;

 private:
  std::vector<const Pollable*> pollables_;
};

}  // namespace liaison::net
