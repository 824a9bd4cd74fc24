#include "audit/proof_file.h"

#include "audit/hash.h"
#include "audit/proof.h"

namespace liaison::audit {
namespace {

constexpr std::string_view first_line = "c2sp.org/tlog-proof@v1\n";
constexpr std::string_view extra_front = "extra ";
constexpr std::string_view index_front = "index ";

/// The next line, taken off the text; nullopt: there is no whole one.
std::optional<std::string_view> take_line(std::string_view& text) {
  const auto end = text.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const auto line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

}  // namespace

std::string encode(const ProofFile& proof) {
  std::string out(first_line);
  if (proof.extra) out += std::string(extra_front) + to_base64(*proof.extra) + '\n';
  out += std::string(index_front) + std::to_string(proof.index) + '\n';
  for (const auto& hash : proof.hashes)
    out += to_base64(hash.view()) + '\n';
  return out + '\n' + encode(proof.checkpoint);
}

Result<ProofFile> parse_proof_file(std::string_view text) {
  if (text.size() > 2 * note_bytes_max) return fail(Reason::too_large, "the proof is over 128 KiB");
  const auto wrong = fail(Reason::malformed, "that is no proof of c2sp.org/tlog-proof@v1");
  if (!text.starts_with(first_line)) return wrong;
  text.remove_prefix(first_line.size());
  ProofFile out;
  auto line = take_line(text);
  if (line && line->starts_with(extra_front)) {
    auto extra = from_base64(line->substr(extra_front.size()));
    if (!extra) return wrong;
    out.extra = std::move(*extra);
    line = take_line(text);
  }
  if (!line || !line->starts_with(index_front)) return wrong;
  const auto index = parse_decimal(line->substr(index_front.size()));
  if (!index) return wrong;
  out.index = *index;
  while ((line = take_line(text)) && !line->empty()) {
    const auto hash = parse_hash(*line);
    if (!hash || out.hashes.size() == proof_hashes_max) return wrong;
    out.hashes.push_back(*hash);
  }
  if (!line) return wrong;
  auto checkpoint = parse_note(text);
  if (!checkpoint) return fail(checkpoint.error());
  out.checkpoint = std::move(*checkpoint);
  return out;
}

Result<SignedCheckpoint> check(const ProofFile& proof, ByteView entry,
                               std::span<const NoteKey> logs) {
  auto opened = open_checkpoint(encode(proof.checkpoint), logs);
  if (!opened) return fail(opened.error());
  const auto shown = check_inclusion(leaf_hash(entry), proof.index, opened->checkpoint.size,
                                     proof.hashes, opened->checkpoint.root);
  if (!shown) return fail(shown.error());
  return opened;
}

}  // namespace liaison::audit
