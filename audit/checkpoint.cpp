#include "audit/checkpoint.h"

#include <algorithm>
#include <charconv>
#include <vector>

namespace liaison::audit {

Result<std::uint64_t> parse_decimal(std::string_view text) {
  std::uint64_t out = 0;
  const auto* const end = text.data() + text.size();
  const auto [stopped, trouble] = std::from_chars(text.data(), end, out);
  if (trouble != std::errc() || stopped != end || (text.front() == '0' && text.size() > 1))
    return fail(Reason::malformed, "not a number without a zero in front");
  return out;
}

Result<Digest> parse_hash(std::string_view text) {
  const auto octets = from_base64(text);
  if (!octets) return fail(octets.error());
  return Digest::from(*octets);
}

std::string encode(const Checkpoint& checkpoint) {
  return checkpoint.origin + '\n' + std::to_string(checkpoint.size) + '\n' +
         to_base64(checkpoint.root.view()) + '\n';
}

Result<Checkpoint> parse_checkpoint(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty() && lines.size() < 4) {
    const auto end = text.find('\n');
    if (end == std::string_view::npos)
      return fail(Reason::malformed, "the checkpoint's last line has no end");
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  if (lines.size() != 3)
    return fail(Reason::malformed, "a checkpoint has three lines: origin, size and root");
  // The key that signs it is called as the origin.
  if (!is_key_name(lines[0]))
    return fail(Reason::malformed, "the checkpoint's origin has a space or a '+', or is none");
  const auto size = parse_decimal(lines[1]);
  if (!size) return fail(Reason::malformed, "the checkpoint's size is " + size.error().text);
  const auto root = parse_hash(lines[2]);
  if (!root) return fail(Reason::malformed, "the checkpoint's root is no hash");
  return Checkpoint{std::string(lines[0]), *size, *root};
}

SignedCheckpoint sign(const Checkpoint& checkpoint, const crypto::Ed25519Key& log) {
  auto text = encode(checkpoint);
  auto signature = sign_note(text, checkpoint.origin, log);
  return {checkpoint, Note{std::move(text), {std::move(signature)}}};
}

Result<SignedCheckpoint> open_checkpoint(std::string_view text, std::span<const NoteKey> logs) {
  auto note = parse_note(text);
  if (!note) return fail(note.error());
  auto checkpoint = parse_checkpoint(note->text);
  if (!checkpoint) return fail(checkpoint.error());
  std::vector<NoteKey> of_this_log;
  std::copy_if(logs.begin(), logs.end(), std::back_inserter(of_this_log),
               [&](const NoteKey& key) { return key.name == checkpoint->origin; });
  if (of_this_log.empty())
    return fail(Reason::untrusted, "no key of a log " + checkpoint->origin + " is known");
  if (const auto verified = verify_note(*note, of_this_log); !verified)
    return fail(verified.error());
  return SignedCheckpoint{std::move(*checkpoint), std::move(*note)};
}

}  // namespace liaison::audit
