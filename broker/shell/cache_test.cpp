#include "broker/shell/cache.h"

#include <catch2/catch.hpp>

using namespace liaison;
using namespace liaison::broker;

namespace {

wire::Letter letter(std::size_t bytes) {
  wire::Letter out;
  out.sealed.assign(bytes, 7);
  return out;
}

}  // namespace

TEST_CASE("letters that pass one that waits leave nothing behind", "[broker]") {
  LetterCache cache(1 << 20);
  cache.add(1, {}, letter(100));
  for (Sequence sequence = 2; sequence < 50'000; ++sequence) {
    cache.add(sequence, {}, letter(100));
    REQUIRE(cache.take(sequence));
    REQUIRE(cache.places() <= cache.places_max());
  }
  CHECK_FALSE(cache.take(1));  // from the store, then
}

TEST_CASE("a letter is taken once, the oldest go when it is full, and a gap costs nothing",
          "[broker]") {
  LetterCache cache(10'000);
  for (Sequence sequence = 1; sequence <= 3; ++sequence)
    cache.add(sequence, {}, letter(4'000));
  CHECK_FALSE(cache.take(1));
  CHECK(cache.take(2)->sequence == 2);
  CHECK_FALSE(cache.take(2));
  CHECK(cache.take(3));
  CHECK(cache.places() == 0);
  cache.add(10, {}, letter(10));
  cache.add(Sequence{1} << 40, {}, letter(10));
  CHECK(cache.places() == 1);
  CHECK(cache.take(Sequence{1} << 40));
}
