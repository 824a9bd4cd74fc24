#include "node/core/receipts.h"

#include <catch2/catch.hpp>

#include "node/core/testing/values.h"

using namespace liaison;
using namespace liaison::node;
using namespace liaison::node::testing;

TEST_CASE("receipts gather, go in few letters, and come back when one is lost", "[node]") {
  Receipts receipts(std::chrono::milliseconds(200));
  wire::Receipt one{id_of<LetterId>(1), wire::Stage::stored, at(0).wall};
  wire::Receipt two{id_of<LetterId>(2), wire::Stage::stored, at(0).wall};
  receipts.owe(leeds, one, at(0));
  receipts.owe(leeds, two, at(0));
  receipts.owe(leeds, two, at(0));
  CHECK(receipts.take(10, at(0)).empty());
  auto later = at(0);
  later.steady += std::chrono::milliseconds(200);
  auto batches = receipts.take(10, later);
  CHECK(batches == std::vector<Receipts::Batch>{{leeds, {one, two}}});
  CHECK_FALSE(receipts.next_steady());
  receipts.put_back(batches[0], later);
  CHECK(receipts.take(10, later).empty());
  CHECK(receipts.take(10, at(1)) == batches);
  // A certificate came meanwhile: at once.
  receipts.put_back(batches[0], later);
  receipts.certificates_changed(later);
  CHECK(receipts.take(10, later) == batches);
}

TEST_CASE("receipts that could not be opened there go again, ever later or with the next",
          "[node]") {
  Receipts receipts(std::chrono::milliseconds(200));
  const std::vector<wire::Receipt> lost{{id_of<LetterId>(1), wire::Stage::stored, at(0).wall}};
  const wire::Receipt next{id_of<LetterId>(2), wire::Stage::stored, at(0).wall};
  auto now = at(0);
  std::vector<std::chrono::minutes> pauses;
  for (int times = 0; times < 8; ++times) {
    receipts.came_back(leeds, lost, now);
    pauses.push_back(duration_cast<std::chrono::minutes>(*receipts.next_steady() - now.steady));
    CHECK(receipts.take(10, now).empty());
    now.steady = *receipts.next_steady();
    CHECK(receipts.take(10, now) == std::vector<Receipts::Batch>{{leeds, lost}});
  }
  using std::chrono::minutes;
  CHECK(pauses == std::vector{minutes(1), minutes(2), minutes(4), minutes(8), minutes(16),
                              minutes(32), minutes(60), minutes(60)});

  receipts.came_back(leeds, lost, now);
  receipts.owe(leeds, next, now);
  now.steady += std::chrono::milliseconds(200);
  CHECK(receipts.take(10, now) == std::vector<Receipts::Batch>{{leeds, {lost[0], next}}});
}
