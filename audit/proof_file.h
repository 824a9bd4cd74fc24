#pragma once

#include <optional>

#include "audit/checkpoint.h"

namespace liaison::audit {

/// The proof that an entry is in a log, as a file that anyone can check (c2sp.org/tlog-proof).
struct ProofFile {
  std::optional<Bytes> extra;  ///< vouched for by nothing
  std::uint64_t index = 0;
  std::vector<Digest> hashes;  ///< from the leaf's sibling up
  Note checkpoint;
  friend bool operator==(const ProofFile&, const ProofFile&) = default;
};

std::string encode(const ProofFile& proof);
/// What it gives, encode() writes again octet by octet.
Result<ProofFile> parse_proof_file(std::string_view text);

/// Verifies the checkpoint by `logs` and the proof for the entry, and gives the checkpoint.
Result<SignedCheckpoint> check(const ProofFile& proof, ByteView entry,
                               std::span<const NoteKey> logs);

}  // namespace liaison::audit
