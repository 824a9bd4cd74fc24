#pragma once

#include <atomic>
#include <string>
#include <thread>

#include "net/descriptor.h"
#include "net/signals.h"

namespace liaison::net::testing {

/// Listens on a free loopback port and carries octets to and from another, until told otherwise: a
/// cable that can be made to fall silent without either end being told.
class Relay {
 public:
  /// `to`: "tcp://127.0.0.1:PORT".
  explicit Relay(const std::string& to);
  ~Relay();
  [[nodiscard]] const std::string& address() const { return address_; }
  /// From now on nothing is carried either way, and the connections stay open.
  void fall_silent();

 private:
  void run();

  Descriptor listener_;
  std::string address_;
  int port_to_ = 0;
  std::atomic<bool> silent_{false};
  std::atomic<bool> stops_{false};
  Wakeup wakeup_;
  std::thread thread_;
};

/// A loopback TCP port that is taken and on which nobody answers.
class DeadPort {
 public:
  DeadPort();
  [[nodiscard]] const std::string& address() const { return address_; }

 private:
  Descriptor descriptor_;
  std::string address_;
};

/// A plain TCP connection to "tcp://127.0.0.1:PORT".
Descriptor dial_plain(const std::string& address);

}  // namespace liaison::net::testing
