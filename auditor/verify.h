#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "audit/check_log.h"
#include "auditor/key_history.h"
#include "auditor/witnesses.h"
#include "base/time.h"
#include "wire/log_entry.h"
#include "wire/registry_leaf.h"

namespace liaison::auditor {

struct VerifyOptions {
  std::vector<audit::NoteKey> keys;  ///< trusted; empty: those that lie in the export
  std::optional<audit::Checkpoint> since;
  std::vector<std::filesystem::path> archives;  ///< of the message log's entries
  std::vector<audit::NoteKey> witnesses;        ///< outside ones, whose cosignatures count
  std::size_t witnesses_min = 0;                ///< so many must have cosigned each log
  /// Told each entry that was found good: the registry's first, with what it says.
  std::function<void(const wire::RegistryLeaf& leaf, ByteView body)> registry;
  std::function<void(const wire::LogEntry& entry)> message;
  /// Told how far it is: the log's name ("registry"), entries done and in all.
  std::function<void(const std::string& log, std::uint64_t done, std::uint64_t size)> progress;
};

/// What was checked of one log.
struct VerifiedLog {
  std::string name;  ///< "registry", "message"
  audit::CheckedLog checked;
  std::optional<Instant> first, last;          ///< of its entries, by the broker's clock
  std::map<std::string, std::uint64_t> kinds;  ///< how many entries of each
  audit::NoteKey key;                          ///< that signed it
  /// Who cosigned it, or a beginning of it: of each witness the largest.
  std::vector<Vouched> witnesses;
  /// So many entries are vouched for by at least `count` witnesses; 0: by fewer.
  [[nodiscard]] std::uint64_t vouched_by(std::size_t count) const;
};

struct VerifiedExport {
  std::vector<VerifiedLog> logs;
  std::vector<KeyHistory::Change> key_changes;
  bool by_own_keys = false;  ///< those that lie in the export: it vouches for itself alone
};

/// Checks a directory that `liaison-audit export` wrote, with nothing else at hand: both logs
/// whole (audit/check_log.h), each entry's form, and of the registry what each entry says, and
/// what witnesses said of both. The error is one line: which log, which entry, what is wrong. A key
/// that the registry says was replaced is as good as the one that signs now.
Result<VerifiedExport> verify_export(const std::filesystem::path& directory,
                                     const VerifyOptions& options);

/// Keys of a file, one a line.
Result<std::vector<audit::NoteKey>> read_keys(const std::filesystem::path& file);

}  // namespace liaison::auditor
