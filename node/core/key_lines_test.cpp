#include "node/core/key_lines.h"

#include <catch2/catch.hpp>

using namespace liaison::node;

namespace {

using Places = std::vector<KeyLines::Certificate>;

std::vector<std::size_t> contested(const KeyLines& lines, const Places& all) {
  std::vector<std::size_t> out;
  for (std::size_t place = 0; place < all.size(); ++place)
    if (lines.is_contested(place)) out.push_back(place);
  return out;
}

}  // namespace

TEST_CASE("a renewal continues what was the newest before it, once that is all that holds",
          "[node]") {
  Places all(3);
  all[2].signed_by = 0;
  // 1, of nobody's asking, stands between.
  CHECK(KeyLines(all).former(2) == std::optional<std::size_t>(0));
  CHECK_FALSE(KeyLines(all).continued(2));
  SECTION("contested by the key of before") {
    all[1].contested_by = 0;
  }
  SECTION("contested by the renewed one") {
    all[1].contested_by = 2;
  }
  const KeyLines lines(all);
  CHECK(contested(lines, all) == std::vector<std::size_t>{1});
  CHECK(lines.continued(2) == std::optional<std::size_t>(0));
  CHECK_FALSE(lines.is_behind_contested(1));
  CHECK(lines.is_behind_contested(2));
}

TEST_CASE("one alarm is enough, however much is registered behind what it is about", "[node]") {
  Places all(5);
  all[1].contested_by = 0;
  all[3].signed_by = 2;
  all[4].signed_by = 0;
  const KeyLines lines(all);
  CHECK(contested(lines, all) == std::vector<std::size_t>{1});
  CHECK_FALSE(lines.continued(3));
  CHECK(lines.continued(4) == std::optional<std::size_t>(0));
  // Unless a person has asked: then it joined anew, and the key of before has no more to say.
  all[2].confirmed = true;
  CHECK(KeyLines(all).continued(3) == std::optional<std::size_t>(2));
  CHECK_FALSE(KeyLines(all).continued(4));
}

TEST_CASE("a key that has signed another before goes on with no line", "[node]") {
  Places all(3);
  all[1].signed_by = 0;
  all[2].signed_by = 0;
  CHECK(KeyLines(all).continued(1) == std::optional<std::size_t>(0));
  CHECK_FALSE(KeyLines(all).former(2));
  CHECK_FALSE(KeyLines(all).continued(2));
  // Nor speaks it of what came between.
  all[1].signed_by.reset();
  all.push_back({1, false, std::nullopt});
  all[1].contested_by = 2;
  all[2].signed_by = 0;
  CHECK(contested(KeyLines(all), all) == std::vector<std::size_t>{1});
  all.insert(all.begin() + 1, {0, false, std::nullopt});
  all[2].contested_by = 3;
  CHECK_FALSE(KeyLines(all).former(3));
  CHECK(contested(KeyLines(all), all).empty());
}

TEST_CASE("of two that contest each other the line that began first is believed", "[node]") {
  Places all(4);
  all[1].contested_by = 3;
  all[2].contested_by = 1;  // joined anew
  all[3].signed_by = 0;
  all[3].contested_by = 1;
  const KeyLines lines(all);
  CHECK(lines.is_contested(1));
  CHECK_FALSE(lines.is_contested(2));  // the word of one that is contested
  CHECK_FALSE(lines.is_contested(3));
}

TEST_CASE("what a person confirmed is not contested, and nobody speaks of what came before",
          "[node]") {
  Places all(3);
  all[0].contested_by = 2;
  all[1].contested_by = 0;
  all[1].confirmed = true;
  all[2].contested_by = 2;
  CHECK(contested(KeyLines(all), all).empty());
  // A place that stands behind, and one of itself, are nobody's former key.
  all[1].signed_by = 2;
  all[2].signed_by = 2;
  CHECK_FALSE(KeyLines(all).former(1));
  CHECK_FALSE(KeyLines(all).former(2));
}
