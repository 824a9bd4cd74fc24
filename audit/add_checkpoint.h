#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "audit/checkpoint.h"

namespace liaison::audit {

/// What a log asks of a witness (c2sp.org/tlog-witness, add-checkpoint).
struct AddCheckpoint {
  std::uint64_t old_size = 0;  ///< of the checkpoint that the witness cosigned last; 0: none
  std::vector<Digest> proof;   ///< that the new one continues it; empty from 0
  Note note;                   ///< the new one
  friend bool operator==(const AddCheckpoint&, const AddCheckpoint&) = default;
};

/// Longest request that is read: a note, and as many hashes as there may be.
inline constexpr std::size_t add_checkpoint_bytes_max = note_bytes_max + 4096;
inline constexpr std::size_t add_checkpoint_hashes_max = 63;

/// A request's body, and back. Malformed: not its form; what is not its form is refused whole. What
/// it gives, encode() writes again octet by octet.
Result<AddCheckpoint> parse_add_checkpoint(std::string_view text);
std::string encode(const AddCheckpoint& request);

/// The tree of a log that a witness cosigned last.
struct Witnessed {
  std::uint64_t size = 0;
  Digest root;
  friend bool operator==(const Witnessed&, const Witnessed&) = default;
};

/// What a witness says to a request, as HTTP has it.
struct WitnessAnswer {
  int status = 0;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
  /// Status 200 only: what is to be durable, and then to be cosigned. The body is the cosigner's.
  std::optional<SignedCheckpoint> cosign;
};
inline constexpr std::string_view tree_size_type = "text/x.tlog.size";

/// Decides. `logs`: keys by which a log of that origin is verified, empty if it is not known;
/// `last`: what was cosigned of it last, if anything.
WitnessAnswer witness(const AddCheckpoint& request, std::span<const NoteKey> logs,
                      const std::optional<Witnessed>& last);

/// The size in the body of a 409, with its line end.
Result<std::uint64_t> parse_tree_size(std::string_view body);

}  // namespace liaison::audit
