#include "audit/cosignature.h"

#include <algorithm>

#include "base/check.h"

namespace liaison::audit {
namespace {

constexpr std::size_t time_bytes = 8;
constexpr std::size_t signature_bytes = 64;

std::string signed_text(std::string_view text, std::uint64_t at) {
  return "cosignature/v1\ntime " + std::to_string(at) + '\n' + std::string(text);
}

}  // namespace

NoteSignature cosign(std::string_view text, const std::string& witness,
                     const crypto::Ed25519Key& key, std::uint64_t at) {
  LIAISON_CHECK(is_key_name(witness));
  const NoteKey known{witness, KeyKind::cosignature, key.public_key()};
  NoteSignature out{witness, known.id(), {}};
  for (int shift = 56; shift >= 0; shift -= 8)
    out.signature.push_back(static_cast<std::uint8_t>(at >> shift));
  const auto signature = key.sign(as_bytes(signed_text(text, at)));
  out.signature.insert(out.signature.end(), signature.begin(), signature.end());
  return out;
}

Result<std::vector<Cosignature>> cosignatures(const Note& note,
                                              std::span<const NoteKey> witnesses) {
  std::vector<Cosignature> out;
  for (const auto& line : note.signatures)
    for (const auto& key : witnesses) {
      if (key.kind != KeyKind::cosignature || !key.is_of(line)) continue;
      std::uint64_t at = 0;
      const ByteView octets = line.signature;
      const bool whole = octets.size() == time_bytes + signature_bytes;
      for (std::size_t i = 0; whole && i < time_bytes; ++i)
        at = at << 8 | octets[i];
      if (!whole || at >> 63 != 0 ||
          !crypto::verify_ed25519(key.key, as_bytes(signed_text(note.text, at)),
                                  octets.subspan(time_bytes)))
        return fail(Reason::untrusted, "the cosignature of " + key.name + " does not verify");
      const auto known = std::find_if(out.begin(), out.end(), [&](const Cosignature& each) {
        return each.witness == key.name;
      });
      if (known == out.end())
        out.push_back({key.name, at});
      else
        known->at = std::max(known->at, at);
    }
  return out;
}

}  // namespace liaison::audit
