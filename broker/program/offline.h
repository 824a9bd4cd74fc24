#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "broker/shell/engine.h"

namespace liaison::broker {

/// The broker's side of an authority that is kept offline: what waits for it is written to
/// DIR/authority/requests, what it signed is picked up from DIR/authority/signed (certificates and
/// revocation lists, PEM or DER) and moved to done or refused. What cannot be read there, as a file
/// that is still being copied, stays and is tried again at every look.
class OfflineAuthority {
 public:
  explicit OfflineAuthority(std::filesystem::path directory)
      : directory_(std::move(directory) / "authority") {}
  /// To be called now and then. What is wrong with the directory is logged, once a minute, and ends
  /// nothing: the exchange works on without it.
  void look(Engine& engine, Now now);
  /// What could not be read at the last look, each with why: "leeds.pem (...)".
  [[nodiscard]] std::vector<std::string> not_read() const;
  /// The engine's answer to `status`, with them if there are any.
  [[nodiscard]] std::string with_not_read(const std::string& status) const;

 private:
  /// How a file was when it could not be read.
  struct NotRead {
    std::string why;
    std::uintmax_t bytes = 0;
    std::filesystem::file_time_type changed{};
    std::filesystem::perms permissions{};
  };
  static NotRead state_of(const std::filesystem::path& file);
  void make_directories() const;
  void export_requests(Engine& engine, Now now);
  void import_signed(Engine& engine, Now now);
  std::filesystem::path directory_;
  std::set<std::filesystem::path> dealt_with_;  ///< signed files that could not be moved away
  std::map<std::filesystem::path, NotRead> not_read_;
  Duration silent_until_{};  ///< steady
};

}  // namespace liaison::broker
