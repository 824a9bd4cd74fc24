#pragma once

#include <memory>

#include "broker/program/installation.h"
#include "crypto/key_vault.h"

namespace liaison::broker {

/// A broker that serves: the engine, its sockets, the administration socket and the console, on one
/// thread (and the console's own). The directory is locked by the caller.
class Loop {
 public:
  /// Binds everything. Throws std::runtime_error with one line.
  Loop(const Installation& installation, const crypto::KeyVault& keys);
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  /// Until SIGTERM or SIGINT. Throws what the store throws: nothing was said that is not durable.
  void run();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace liaison::broker
