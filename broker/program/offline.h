#pragma once

#include <filesystem>
#include <set>

#include "broker/shell/engine.h"

namespace liaison::broker {

/// The broker's side of an authority that is kept offline: what waits for it is written to
/// DIR/authority/requests, what it signed is picked up from DIR/authority/signed (certificates and
/// revocation lists, PEM or DER) and moved to done or refused.
class OfflineAuthority {
 public:
  explicit OfflineAuthority(std::filesystem::path directory)
      : directory_(std::move(directory) / "authority") {}
  /// To be called now and then. What is wrong with the directory is logged, once a minute, and ends
  /// nothing: the exchange works on without it.
  void look(Engine& engine, Now now);

 private:
  void make_directories() const;
  void export_requests(Engine& engine, Now now);
  void import_signed(Engine& engine, Now now);
  std::filesystem::path directory_;
  std::set<std::filesystem::path> dealt_with_;  ///< signed files that could not be moved away
  Duration silent_until_{};                     ///< steady
};

}  // namespace liaison::broker
