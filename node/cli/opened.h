#pragma once

#include <filesystem>
#include <memory>

#include "cli/settings.h"
#include "crypto/random.h"
#include "net/directory_lock.h"
#include "node/cli/kind.h"
#include "node/shell/engine.h"

namespace liaison::node {

/// A node's directory, open in this process alone.
struct Opened {
  std::unique_ptr<net::DirectoryLock> lock;
  cli::Settings settings;
  std::unique_ptr<crypto::SystemEntropy> entropy;  ///< outlives the engine
  std::unique_ptr<Engine> engine;
};

/// Opens it to serve, or for an operator's command while nothing serves. One line says what is in
/// the way; throws what the machine's failing throws.
Result<Opened> open_node(const Kind& kind, const std::filesystem::path& directory);

/// The store alone, for what needs no key: people.
struct OpenedStore {
  std::unique_ptr<net::DirectoryLock> lock;
  std::unique_ptr<store::Database> database;
};
Result<OpenedStore> open_store(const std::filesystem::path& directory);

/// Whether a directory has been joined to an exchange; the error says how to.
Result<void> check_joined(const Kind& kind, const std::filesystem::path& directory);

}  // namespace liaison::node
