#pragma once

#include <filesystem>
#include <optional>

#include "base/result.h"
#include "broker/shell/engine.h"
#include "broker/shell/logs.h"
#include "broker/shell/store.h"

namespace liaison::broker {

/// Writes what an auditor needs into a new directory, as of the newest checkpoints:
///
///     keys                    the keys of both logs, a line each: those that sign, then former
///     registry/checkpoint     registry/tile/...   as C2SP's tiles
///     registry/cosigned/...   older checkpoints that witnesses cosigned, called by their size
///     registry/body/...       what the registry's entries say, under their numbers
///     message/checkpoint      message/tile/...   message/cosigned/...
///     certificates/           the authority's, and those of nodes by id and number; PEM
///
/// Entries that were archived are taken from the archive; where it is not at hand, their bundles
/// are missing, and a verifier has to be given the archive too.
///
/// A piece at a time, between the turns of a broker that serves. It is written under another name
/// beside and put in place when it is whole.
class ExportInPieces {
 public:
  ExportInPieces(Engine& engine, std::filesystem::path directory);
  ~ExportInPieces();
  ExportInPieces(const ExportInPieces&) = delete;
  ExportInPieces& operator=(const ExportInPieces&) = delete;
  /// One piece more; the outcome when it has ended: conflict if the directory, or what it is called
  /// while it is written, is there, unavailable if nothing was signed yet. Throws when the machine
  /// fails.
  std::optional<Result<void>> step();
  /// How many entries of the message log are missing in it, because they were archived and their
  /// bundles are not at hand; 0: none.
  [[nodiscard]] std::uint64_t missing() const { return missing_; }

 private:
  struct Part {
    LogName name{};
    audit::SignedCheckpoint checkpoint;
    std::uint64_t next = 0;  ///< tile of level 0
  };
  Result<void> begin();
  void write_stretch(Part& part);
  void write_above(Part& part);
  void write_bodies(std::uint64_t first, unsigned count);
  void write_certificate(std::uint64_t index, const Store::Entry& entry);
  void write(const std::filesystem::path& name, ByteView content);
  void finish();

  Engine& engine_;
  Store store_;
  std::filesystem::path directory_;
  std::filesystem::path partial_;
  std::vector<Part> parts_;
  bool begun_ = false;
  std::uint64_t missing_ = 0;
};

}  // namespace liaison::broker
