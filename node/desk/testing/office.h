#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/testing/temporary_directory.h"
#include "crypto/random.h"
#include "node/desk/desk.h"
#include "node/shell/loop.h"
#include "store/testing/faulty_disk.h"
#include "web/client.h"

namespace liaison::node::testing {

/// An office, `jcp-leeds`, that has joined an exchange nobody answers for, with its desk served on
/// a free port. Dana is an adviser there, Lena a manager, Root an administrator; each one's
/// password is "correct horse".
struct Office {
  explicit Office(const std::vector<DeskRoute>& routes, DeskConfig config = {});
  ~Office();
  Office(const Office&) = delete;
  Office& operator=(const Office&) = delete;

  /// Asks as the bearer of a token: of "dana", or of "dana, reading", which may read only. Nobody's
  /// name: without one.
  web::Response as(const std::string& name, web::Method method, const std::string& path,
                   const std::string& body = {}, const std::vector<web::Header>& headers = {});

  liaison::testing::TemporaryDirectory scratch;
  store::testing::FaultyDisk disk{"desk-office", 1};
  crypto::SystemEntropy entropy;
  Loop loop;
  Desk desk;
  web::Server server;
  std::thread thread;
  std::map<std::string, std::string> tokens;

 private:
  std::unique_ptr<Engine> engine();
  void add(const std::string& name, wire::UserRole role);
};

/// The header Idempotency-Key.
std::vector<web::Header> key(const std::string& value);

}  // namespace liaison::node::testing
