// What logs and witnesses sign, and the texts that carry it: notes, checkpoints, keys, proofs.
#include "audit/cosignature.h"
#include "audit/proof_file.h"
#include "base/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace liaison;
  using namespace liaison::audit;
  const auto text = as_text({data, size});
  // Known to whoever reads: the keys of the corpus.
  static const std::vector<NoteKey> keys{
      *parse_note_key("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")};
  if (const auto note = parse_note(text)) {
    LIAISON_CHECK(encode(*note) == text);
    (void)verify_note(*note, keys);
    (void)cosignatures(*note, keys);
    (void)open_checkpoint(text, keys);
  }
  if (const auto checkpoint = parse_checkpoint(text)) LIAISON_CHECK(encode(*checkpoint) == text);
  if (const auto key = parse_note_key(text)) LIAISON_CHECK(parse_note_key(encode(*key)) == *key);
  if (const auto proof = parse_proof_file(text)) {
    LIAISON_CHECK(encode(*proof) == text);
    (void)check(*proof, {}, keys);
  }
  return 0;
}
