// What anybody may send to a witness, and what a witness may answer to a log.
#include "audit/add_checkpoint.h"
#include "base/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace liaison;
  using namespace liaison::audit;
  const auto text = as_text({data, size});
  // Known to whoever reads: the key of the corpus.
  static const std::vector<NoteKey> keys{
      *parse_note_key("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")};
  if (const auto request = parse_add_checkpoint(text)) {
    LIAISON_CHECK(encode(*request) == text);
    for (const auto& last : {std::optional<Witnessed>(), std::optional(Witnessed{7, {}})}) {
      const auto answer = witness(*request, keys, last);
      LIAISON_CHECK(answer.status >= 200 && answer.status < 500);
      LIAISON_CHECK(answer.cosign.has_value() == (answer.status == 200));
    }
  }
  (void)parse_tree_size(text);
  (void)parse_signatures(text);
  return 0;
}
