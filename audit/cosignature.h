#pragma once

#include "audit/checkpoint.h"

namespace liaison::audit {

/// A witness's word that, at a time, this was the largest tree of the log that it had verified to
/// be consistent with all it had seen (c2sp.org/tlog-cosignature, Ed25519).
struct Cosignature {
  std::string witness;   ///< its name
  std::uint64_t at = 0;  ///< seconds since 1970
  friend bool operator==(const Cosignature&, const Cosignature&) = default;
};

/// `text` is a checkpoint's.
NoteSignature cosign(std::string_view text, const std::string& witness,
                     const crypto::Ed25519Key& key, std::uint64_t at);
/// Who of `witnesses` (of kind `cosignature`; others are passed over) cosigned it: the newest of
/// each. Untrusted: a known witness's line does not verify.
Result<std::vector<Cosignature>> cosignatures(const Note& note, std::span<const NoteKey> witnesses);

}  // namespace liaison::audit
