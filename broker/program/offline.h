#pragma once

#include <filesystem>

#include "broker/shell/engine.h"

namespace liaison::broker {

/// The broker's side of an authority that is kept offline: what waits for it is written to
/// DIR/authority/requests, what it signed is picked up from DIR/authority/signed (certificates and
/// revocation lists, PEM or DER) and moved to done or refused.
class OfflineAuthority {
 public:
  explicit OfflineAuthority(std::filesystem::path directory)
      : directory_(std::move(directory) / "authority") {}
  /// To be called now and then.
  void look(Engine& engine, Now now);

 private:
  void export_requests(Engine& engine, Now now);
  void import_signed(Engine& engine, Now now);
  std::filesystem::path directory_;
};

}  // namespace liaison::broker
