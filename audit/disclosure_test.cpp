#include "audit/disclosure.h"

#include <catch2/catch.hpp>

using namespace liaison;
using namespace liaison::audit;

namespace {

Disclosure invented(std::size_t size) {
  Bytes sealed(size);
  for (std::size_t at = 0; at < size; ++at)
    sealed[at] = static_cast<std::uint8_t>(at * 7);
  return {LetterId::parse("00112233445566778899aabbccddeeff").value(), Secret(Bytes(32, 0x5a)),
          std::move(sealed)};
}

}  // namespace

TEST_CASE("a disclosure is read as it was written", "[disclosure]") {
  for (const std::size_t size : {1U, 56U, 57U, 58U, 2378U, 512U * 1024U}) {
    const auto text = encode(invented(size));
    const auto read = parse_disclosure(text);
    REQUIRE(read);
    CHECK(read->letter == invented(size).letter);
    CHECK(equal(read->content_key.view(), invented(size).content_key.view()));
    CHECK(read->sealed == invented(size).sealed);
    CHECK(encode(*read) == text);
  }
}

TEST_CASE("a disclosure is a text that says what it is, byte for byte", "[disclosure]") {
  CHECK(encode(invented(3)) ==
        "liaison disclosure 1\n"
        "# Whoever has this file can read the letter that it names, and no other. Check it with\n"
        "#   liaison-audit check-disclosure FILE EXPORT\n"
        "letter 00112233445566778899aabbccddeeff\n"
        "key WlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlo=\n"
        "sealed\n"
        "AAcO\n");
}

TEST_CASE("whatever is altered in a disclosure's text alters what it says, or is refused",
          "[disclosure]") {
  const auto text = encode(invented(200));
  const auto good = parse_disclosure(text).value();
  const auto says_otherwise = [&](const std::string& other) {
    const auto read = parse_disclosure(other);
    return !read || read->letter != good.letter || read->sealed != good.sealed ||
           !equal(read->content_key.view(), good.content_key.view());
  };
  for (std::size_t at = 0; at < text.size(); ++at) {
    INFO("at " << at);
    for (const int bit : {0x01, 0x20, 0x80}) {
      auto other = text;
      other[at] = static_cast<char>(other[at] ^ bit);
      CHECK(says_otherwise(other));
    }
    CHECK(says_otherwise(text.substr(0, at)));
  }
  CHECK_FALSE(parse_disclosure(text + "\n"));
  CHECK_FALSE(parse_disclosure("\n" + text));
}

TEST_CASE("what is no disclosure, or too large, is refused", "[disclosure]") {
  CHECK_FALSE(parse_disclosure(""));
  CHECK_FALSE(parse_disclosure("c2sp.org/tlog-proof@v1\nindex 0\n"));
  auto empty = invented(3);
  empty.sealed.clear();
  CHECK_FALSE(parse_disclosure(encode(empty)));
  auto short_key = invented(3);
  short_key.content_key = Secret(Bytes(31));
  CHECK_FALSE(parse_disclosure(encode(short_key)));
  CHECK_FALSE(parse_disclosure(encode(invented(512 * 1024 + 1))));
  const auto large = parse_disclosure(std::string(disclosure_bytes_max + 1, 'A'));
  REQUIRE_FALSE(large);
  CHECK(large.error().reason == Reason::too_large);
}
