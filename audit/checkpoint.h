#pragma once

#include "audit/note.h"

namespace liaison::audit {

/// What a log was at a size (c2sp.org/tlog-checkpoint, without extension lines).
struct Checkpoint {
  std::string origin;      ///< the log's name, and its key's
  std::uint64_t size = 0;  ///< entries
  Digest root;             ///< of the tree of these entries
  friend bool operator==(const Checkpoint&, const Checkpoint&) = default;
};

/// A note's text, and back. Malformed: another number of lines, a size that is not written as
/// such, a root that is no hash. What it gives, encode() writes again octet by octet.
std::string encode(const Checkpoint& checkpoint);
Result<Checkpoint> parse_checkpoint(std::string_view text);

/// A checkpoint with the note that its log signed, and that witnesses may have cosigned.
struct SignedCheckpoint {
  Checkpoint checkpoint;
  Note note;
  friend bool operator==(const SignedCheckpoint&, const SignedCheckpoint&) = default;
};
SignedCheckpoint sign(const Checkpoint& checkpoint, const crypto::Ed25519Key& log);
/// Reads a note and verifies it by `logs`, whose names are origins. Untrusted too: signed by the
/// key of a log of another name.
Result<SignedCheckpoint> open_checkpoint(std::string_view note, std::span<const NoteKey> logs);

/// A number as the formats of C2SP write it: decimal, without a zero in front. Malformed otherwise,
/// or beyond 64 bits.
Result<std::uint64_t> parse_decimal(std::string_view text);
/// A hash in base64.
Result<Digest> parse_hash(std::string_view text);

}  // namespace liaison::audit
