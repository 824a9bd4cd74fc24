#include "audit/note.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "crypto/digest.h"

namespace liaison::audit {
namespace {

constexpr std::string_view front = "\u2014 ";
constexpr std::size_t id_bytes = 4;

// Unicode's White_Space beyond ASCII, in UTF-8.
constexpr std::array<std::string_view, 19> wide_spaces{
    "\u0085", "\u00a0", "\u1680", "\u2000", "\u2001", "\u2002", "\u2003",
    "\u2004", "\u2005", "\u2006", "\u2007", "\u2008", "\u2009", "\u200a",
    "\u2028", "\u2029", "\u202f", "\u205f", "\u3000"};

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20;
}

std::array<std::uint8_t, id_bytes> octets_of(std::uint32_t id) {
  return {static_cast<std::uint8_t>(id >> 24), static_cast<std::uint8_t>(id >> 16),
          static_cast<std::uint8_t>(id >> 8), static_cast<std::uint8_t>(id)};
}

std::uint32_t id_of(ByteView octets) {
  return std::uint32_t{octets[0]} << 24 | std::uint32_t{octets[1]} << 16 |
         std::uint32_t{octets[2]} << 8 | octets[3];
}

Result<NoteSignature> parse_line(std::string_view line) {
  const auto wrong = fail(Reason::malformed, "a line of the note is no signature");
  if (!line.starts_with(front)) return wrong;
  line.remove_prefix(front.size());
  const auto space = line.find(' ');
  if (space == std::string_view::npos || !is_key_name(line.substr(0, space))) return wrong;
  const auto octets = from_base64(line.substr(space + 1));
  if (!octets || octets->size() <= id_bytes) return wrong;
  return NoteSignature{std::string(line.substr(0, space)), id_of(*octets),
                       Bytes(octets->begin() + id_bytes, octets->end())};
}

}  // namespace

bool is_key_name(std::string_view name) {
  if (name.empty() || !is_utf8(name)) return false;
  if (std::any_of(name.begin(), name.end(),
                  [](char c) { return is_control(c) || c == ' ' || c == '+'; }))
    return false;
  return std::none_of(wide_spaces.begin(), wide_spaces.end(), [&](std::string_view space) {
    return name.find(space) != std::string_view::npos;
  });
}

Result<std::vector<NoteSignature>> parse_signatures(std::string_view lines) {
  if (lines.size() > note_bytes_max)
    return fail(Reason::too_large, "the signatures are over 64 KiB");
  std::vector<NoteSignature> out;
  while (!lines.empty()) {
    const auto end = lines.find('\n');
    if (end == std::string_view::npos)
      return fail(Reason::malformed, "the note's last line has no end");
    if (out.size() == note_signatures_max)
      return fail(Reason::too_large, "the note has over 64 signatures");
    auto signature = parse_line(lines.substr(0, end));
    if (!signature) return fail(signature.error());
    out.push_back(std::move(*signature));
    lines.remove_prefix(end + 1);
  }
  if (out.empty()) return fail(Reason::malformed, "the note has no signature");
  return out;
}

Result<Note> parse_note(std::string_view text) {
  if (text.size() > note_bytes_max) return fail(Reason::too_large, "the note is over 64 KiB");
  if (!is_utf8(text) ||
      std::any_of(text.begin(), text.end(), [](char c) { return is_control(c) && c != '\n'; }))
    return fail(Reason::malformed, "the note is no text");
  // The last blank line: the text may have others.
  const auto blank = text.rfind("\n\n");
  if (blank == std::string_view::npos)
    return fail(Reason::malformed, "the note has no blank line before its signatures");
  auto signatures = parse_signatures(text.substr(blank + 2));
  if (!signatures) return fail(signatures.error());
  return Note{std::string(text.substr(0, blank + 1)), std::move(*signatures)};
}

std::string encode(const NoteSignature& signature) {
  const auto id = octets_of(signature.key_id);
  Bytes octets(id.begin(), id.end());
  octets.insert(octets.end(), signature.signature.begin(), signature.signature.end());
  return std::string(front) + signature.name + ' ' + to_base64(octets) + '\n';
}

std::string encode(const Note& note) {
  auto out = note.text + '\n';
  for (const auto& each : note.signatures)
    out += encode(each);
  return out;
}

std::uint32_t NoteKey::id() const {
  const std::array<std::uint8_t, 2> between{'\n', static_cast<std::uint8_t>(kind)};
  return id_of(crypto::sha256({as_bytes(name), between, key.view()}).view());
}

std::string encode(const NoteKey& key) {
  Bytes octets{static_cast<std::uint8_t>(key.kind)};
  octets.insert(octets.end(), key.key.octets.begin(), key.key.octets.end());
  return key.name + '+' + to_hex(octets_of(key.id())) + '+' + to_base64(octets);
}

Result<NoteKey> parse_note_key(std::string_view text) {
  const auto wrong = fail(Reason::malformed, "that is no key of a log or witness: NAME+ID+KEY");
  const auto first = text.find('+');
  if (first == std::string_view::npos) return wrong;
  const auto second = text.find('+', first + 1);
  if (second == std::string_view::npos) return wrong;
  NoteKey out;
  out.name = std::string(text.substr(0, first));
  const auto id = from_hex(text.substr(first + 1, second - first - 1));
  const auto octets = from_base64(text.substr(second + 1));
  if (!is_key_name(out.name) || !id || id->size() != id_bytes || !octets ||
      octets->size() != 1 + crypto::WitnessKey::size)
    return wrong;
  out.kind = static_cast<KeyKind>(octets->front());
  if (out.kind != KeyKind::note && out.kind != KeyKind::cosignature)
    return fail(Reason::unsupported, "that key is of a kind that is not used here");
  std::copy(octets->begin() + 1, octets->end(), out.key.octets.begin());
  if (encode(out) != text) return wrong;  // another key's id, or written otherwise
  return out;
}

NoteSignature sign_note(std::string_view text, const std::string& name,
                        const crypto::Ed25519Key& key) {
  LIAISON_CHECK(is_key_name(name));
  const NoteKey known{name, KeyKind::note, key.public_key()};
  return {name, known.id(), key.sign(as_bytes(text))};
}

Result<void> verify_note(const Note& note, std::span<const NoteKey> keys) {
  bool signed_by_any = false;
  for (const auto& signature : note.signatures)
    for (const auto& key : keys) {
      if (key.kind != KeyKind::note || !key.is_of(signature)) continue;
      if (!crypto::verify_ed25519(key.key, as_bytes(note.text), signature.signature))
        return fail(Reason::untrusted, "the signature of " + key.name + " does not verify");
      signed_by_any = true;
    }
  if (!signed_by_any) return fail(Reason::untrusted, "no known key signed the note");
  return {};
}

}  // namespace liaison::audit
