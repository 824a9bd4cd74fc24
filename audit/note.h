#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/key.h"

namespace liaison::audit {

/// Bounds of a note that is read: more is refused as too_large before it is looked at.
inline constexpr std::size_t note_bytes_max = 64 * 1024;
inline constexpr std::size_t note_signatures_max = 64;

/// One signature line of a note.
struct NoteSignature {
  std::string name;          ///< of the key
  std::uint32_t key_id = 0;  ///< the first four octets of a hash of name, kind and key
  Bytes signature;           ///< as the key's kind has it, without the id
  friend bool operator==(const NoteSignature&, const NoteSignature&) = default;
};

/// A text with signatures of one or more keys (c2sp.org/signed-note). Nothing of it may be used
/// before a signature of a known key was verified.
struct Note {
  std::string text;  ///< with its last line end; the signatures are over exactly these octets
  std::vector<NoteSignature> signatures;
  friend bool operator==(const Note&, const Note&) = default;
};

/// Reads a note. Malformed: not UTF-8, another control character than a line end, no blank line
/// before the signatures, a line that is no signature. What it gives, encode() writes again octet
/// by octet.
Result<Note> parse_note(std::string_view text);
std::string encode(const Note& note);
/// Signature lines alone, as a witness answers with (c2sp.org/tlog-witness).
Result<std::vector<NoteSignature>> parse_signatures(std::string_view lines);
std::string encode(const NoteSignature& signature);

/// Whether a key may be called so: not empty, UTF-8 without spaces of any kind, controls or '+'.
bool is_key_name(std::string_view name);

/// What a key signs, by the octet that its id is made with.
enum class KeyKind : std::uint8_t {
  note = 1,         ///< Ed25519 over the text: a log's own
  cosignature = 4,  ///< Ed25519 over time and text: a witness's (c2sp.org/tlog-cosignature)
};

/// A key by which notes are verified.
struct NoteKey {
  std::string name;
  KeyKind kind = KeyKind::note;
  crypto::WitnessKey key;

  [[nodiscard]] std::uint32_t id() const;
  [[nodiscard]] bool is_of(const NoteSignature& signature) const {
    return signature.key_id == id() && signature.name == name;
  }
  friend bool operator==(const NoteKey&, const NoteKey&) = default;
};
/// A key as people pass it on: `name+id+base64(kind || key)`. Malformed if the id is another's.
Result<NoteKey> parse_note_key(std::string_view text);
std::string encode(const NoteKey& key);

/// A log's signature over a text; the name is the log's origin.
NoteSignature sign_note(std::string_view text, const std::string& name,
                        const crypto::Ed25519Key& key);
/// Whether one of `keys` (of kind `note`; others are passed over) signed it. Untrusted: none did,
/// or the line of a known key does not verify, even where another's does.
Result<void> verify_note(const Note& note, std::span<const NoteKey> keys);

}  // namespace liaison::audit
