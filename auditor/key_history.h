#pragma once

#include <filesystem>
#include <vector>

#include "audit/key_changes.h"
#include "audit/note.h"
#include "base/time.h"

namespace liaison::auditor {

/// The keys by which an export's logs were signed, as its registry tells them: who trusts one of
/// them is led to the others, since each change is signed by the key that it replaces.
struct KeyHistory {
  struct Change {
    std::uint64_t entry = 0;  ///< of the registry
    Instant at;
    wire::LogKey change;
  };
  std::string exchange;  ///< "liaison/A": what the names of its logs begin with
  std::string epoch;     ///< and what they end with
  std::vector<Change> changes;
  std::vector<crypto::WitnessKey> keys;  ///< in their order; none if there was no change

  /// What is trusted of the export's logs by whoever trusts `keys`: where there was a change, the
  /// key that signs now, if one of them leads to it; `with_former`, all of them. The rest of `keys`
  /// as it is: witnesses, other exchanges.
  [[nodiscard]] std::vector<audit::NoteKey> follow(const std::vector<audit::NoteKey>& trusted,
                                                   bool with_former) const;
};

/// Reads the changes of an export's registry, of which nothing else has to be checked before: they
/// stand for themselves. Untrusted, with the entry, if a change is not signed by the former key;
/// what cannot be read otherwise is for who checks the log whole.
Result<KeyHistory> read_key_history(const std::filesystem::path& directory);

}  // namespace liaison::auditor
