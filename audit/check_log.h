#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <vector>

#include "audit/cosignature.h"

namespace liaison::audit {

/// Which keys an auditor trusts, and what else a log is checked against.
struct CheckOptions {
  std::vector<NoteKey> logs;       ///< the log's own key among them
  std::vector<NoteKey> witnesses;  ///< whose cosignatures count; may be none
  /// Directories of the same form, where bundles of entries are looked for that are not in the
  /// log's own: archives.
  std::vector<std::filesystem::path> archives;
  /// An older checkpoint of the same log, from elsewhere: the log must have grown from it.
  std::optional<Checkpoint> since;
  /// Other checkpoints that the same log signed, not larger ones, by size: it must have grown from
  /// each.
  std::vector<Checkpoint> beginnings;
  /// Told each entry that is in the tree, in order; borrowed. An error ends the check with it.
  std::function<Result<void>(std::uint64_t index, ByteView entry)> each;
  /// Told now and then how far it is.
  std::function<void(std::uint64_t done, std::uint64_t size)> progress;
};

struct CheckedLog {
  Checkpoint checkpoint;
  Note note;
  std::vector<Cosignature> cosignatures;
};

/// Checks a log that lies in a directory as C2SP's tiles: `checkpoint` and `tile/`. Every entry is
/// hashed; every hash of every tile must be the one that follows from the entries, and their root
/// the one that the log signed. It reads a bundle at a time. In one line, the error says what is
/// wrong and at which entry it begins:
///   not_found    a file of the log is not there
///   malformed    a file has not its form
///   untrusted    a signature, entry or tile that does not hold
///   conflict     it is not what grew from `since`: another log's, or one of before it; or not what
///                grew from one of `beginnings`, though the log signed both
Result<CheckedLog> check_log(const std::filesystem::path& directory, const CheckOptions& options);

}  // namespace liaison::audit
