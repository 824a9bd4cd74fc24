#include "audit/add_checkpoint.h"

#include <algorithm>

#include "audit/proof.h"

namespace liaison::audit {
namespace {

constexpr std::string_view old_front = "old ";

WitnessAnswer refuse(int status, const std::string& why) {
  WitnessAnswer out;
  out.status = status;
  out.body = why + '\n';
  return out;
}

WitnessAnswer conflict(std::uint64_t size) {
  WitnessAnswer out;
  out.status = 409;
  out.content_type = tree_size_type;
  out.body = std::to_string(size) + '\n';
  return out;
}

}  // namespace

std::string encode(const AddCheckpoint& request) {
  auto out = std::string(old_front) + std::to_string(request.old_size) + '\n';
  for (const auto& hash : request.proof)
    out += to_base64(hash.view()) + '\n';
  return out + '\n' + encode(request.note);
}

Result<AddCheckpoint> parse_add_checkpoint(std::string_view text) {
  if (text.size() > add_checkpoint_bytes_max)
    return fail(Reason::too_large, "the request is over 68 KiB");
  const auto wrong = [](const char* why) { return fail(Reason::malformed, why); };
  AddCheckpoint out;
  bool is_first = true;
  for (;;) {
    const auto end = text.find('\n');
    if (end == std::string_view::npos) return wrong("no empty line stands before the checkpoint");
    const auto line = text.substr(0, end);
    text.remove_prefix(end + 1);
    if (is_first) {
      if (!line.starts_with(old_front)) return wrong("the first line is not \"old SIZE\"");
      const auto size = parse_decimal(line.substr(old_front.size()));
      if (!size) return wrong("the old size is no decimal number without a zero in front");
      out.old_size = *size;
      is_first = false;
      continue;
    }
    if (line.empty()) break;
    const auto hash = parse_hash(line);
    if (!hash) return wrong("a line of the proof is no hash of 32 octets in base64");
    if (out.proof.size() == add_checkpoint_hashes_max)
      return wrong("the proof has more than 63 hashes");
    out.proof.push_back(*hash);
  }
  auto note = parse_note(text);
  if (!note) return fail(note.error());
  out.note = std::move(*note);
  return out;
}

WitnessAnswer witness(const AddCheckpoint& request, std::span<const NoteKey> logs,
                      const std::optional<Witnessed>& last) {
  const auto checkpoint = parse_checkpoint(request.note.text);
  if (!checkpoint) return refuse(400, checkpoint.error().text);
  if (logs.empty()) return refuse(404, "this witness knows no log " + checkpoint->origin);
  if (const auto good = verify_note(request.note, logs); !good)
    return refuse(403, good.error().text);
  if (request.old_size > checkpoint->size)
    return refuse(400, "the old size is larger than the checkpoint's");
  const auto known = last.value_or(Witnessed{});
  if (request.old_size != known.size) return conflict(known.size);
  if (last && known.size == checkpoint->size && known.root != checkpoint->root)
    return conflict(known.size);
  if (known.size == 0) {
    if (!request.proof.empty()) return refuse(422, "from size 0 there is no proof: send none");
    if (checkpoint->size == 0 && checkpoint->root != RootOf().root())
      return refuse(422, "that is not the root of a log without entries");
  } else if (!check_consistency(known.size, known.root, checkpoint->size, checkpoint->root,
                                request.proof)) {
    return refuse(422, "the proof does not show that the checkpoint continues that of " +
                           std::to_string(known.size) + " entries");
  }
  WitnessAnswer out;
  out.status = 200;
  out.cosign = SignedCheckpoint{*checkpoint, request.note};
  return out;
}

Result<std::uint64_t> parse_tree_size(std::string_view body) {
  if (body.empty() || body.back() != '\n')
    return fail(Reason::malformed, "a tree size ends with a line end");
  return parse_decimal(body.substr(0, body.size() - 1));
}

}  // namespace liaison::audit
