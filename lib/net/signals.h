#pragma once

#include "net/descriptor.h"
#include "net/poller.h"

namespace liaison::net {

/// SIGTERM and SIGINT as something to poll, for a clean stop; SIGPIPE is ignored. Make it first in
/// main(), before any thread: it blocks the signals for the calling thread and all threads made
/// after.
class StopSignal final : public Pollable {
 public:
  StopSignal();
  void add_to(PollSet& set) const override;
  /// Whether a stop was asked for, now or before.
  [[nodiscard]] bool asked();

 private:
  Descriptor descriptor_;
  bool asked_ = false;
};

/// Wakes a loop from other threads.
class Wakeup final : public Pollable {
 public:
  Wakeup();
  void add_to(PollSet& set) const override;
  /// From any thread; many before the loop looks count as one.
  void wake() const;
  [[nodiscard]] int descriptor() const { return descriptor_.get(); }
  /// In the loop: whether wake() was called since the last clear(); resets it.
  bool clear();

 private:
  Descriptor descriptor_;
};

}  // namespace liaison::net
