#pragma once

#include <sys/types.h>

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "base/id.h"
#include "base/role.h"
#include "certs/invitation.h"

namespace liaison::bench {

/// What a process has used so far.
struct Usage {
  double cpu_s = 0;
  double rss_mib = 0;
};
Usage usage_of(pid_t process);
Usage own_usage();

/// A real broker: `liaison-broker` from beside this program, its directory under `parent`, free
/// loopback ports, generous quotas. Ended (SIGTERM) and its directory removed with the object.
class BrokerProcess {
 public:
  explicit BrokerProcess(const std::filesystem::path& parent);
  ~BrokerProcess();
  BrokerProcess(const BrokerProcess&) = delete;
  BrokerProcess& operator=(const BrokerProcess&) = delete;

  /// Starts it and waits until it answers; how long that took, in seconds.
  double start();
  void stop();
  [[nodiscard]] pid_t process() const { return process_; }
  /// What its administration answers; throws if it refuses.
  [[nodiscard]] nlohmann::json ask(const nlohmann::json& request) const;
  certs::Invitation invite(const NodeId& node, NodeRole role);
  /// One number of its Prometheus text; zero if it is not there.
  double metric(const std::string& name) const;
  [[nodiscard]] const std::filesystem::path& directory() const { return directory_; }

 private:
  std::filesystem::path directory_;
  std::string console_;
  pid_t process_ = -1;
};

}  // namespace liaison::bench
