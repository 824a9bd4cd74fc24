#include "casework/language.h"

#include <algorithm>
#include <string>

namespace liaison::casework {
namespace {

// ISO 639-1.
constexpr std::string_view two_letters =
    "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy "
    "da de dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu "
    "hy hz ia id ie ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb "
    "lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om "
    "or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw "
    "ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu";

// ISO 639-3: British and Irish Sign Language, Scots, and what the census of 2021 counted apart.
constexpr std::string_view three_letters =
    "aii ase ber bem bfi bho bin ceb ckb cmn efi fil hak hmn isg jam kab kea kmr kri luo mfe mnk "
    "nan nso pap pcm phr pnb prs rhg rif rmy rom sco skr snk syl tig tzm wuu yue zgh zza";

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool has(std::string_view codes, std::string_view code) {
  for (std::size_t at = 0; at < codes.size(); at += code.size() + 1)
    if (codes.substr(at, code.size()) == code) return true;
  return false;
}

}  // namespace

bool is_language(std::string_view tag) {
  const auto end = tag.find('-');
  std::string code(tag.substr(0, end));
  std::ranges::transform(code, code.begin(), lower);
  const bool known = code.size() == 2   ? has(two_letters, code)
                     : code.size() == 3 ? has(three_letters, code)
                                        : false;
  if (!known) return false;
  for (auto rest = end; rest != std::string_view::npos;) {
    tag.remove_prefix(rest + 1);
    rest = tag.find('-');
    const auto part = tag.substr(0, rest);
    const bool good = !part.empty() && part.size() <= 8 && std::ranges::all_of(part, [](char c) {
      return (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9');
    });
    if (!good) return false;
  }
  return true;
}

}  // namespace liaison::casework
