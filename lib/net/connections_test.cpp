#include "net/connections.h"

#include <catch2/catch.hpp>

using namespace liaison;
using namespace liaison::net;

namespace {

const Duration start{1000};
const CurveKey user{};

}  // namespace

TEST_CASE("a first frame read after all earlier ones is certainly of the newest tenancy", "[net]") {
  Connections connections;
  connections.accepted(12, start);
  connections.seen_empty();
  auto claim = connections.claim(12);
  auto& connection = connections.add(1, user, 12);
  CHECK(connections.holds(claim));
  CHECK(connection.tenancy_at_most == claim.tenancy);
}

TEST_CASE("a first frame that may be an earlier tenant's is not certain", "[net]") {
  Connections connections;
  connections.accepted(12, start);
  connections.disconnected(12);
  connections.accepted(12, start);
  CHECK_FALSE(connections.holds(connections.claim(12)));
  connections.seen_empty();
  CHECK(connections.holds(connections.claim(12)));
}

TEST_CASE("a claim does not hold once its tenancy is heard to have ended", "[net]") {
  Connections connections;
  connections.accepted(12, start);
  connections.seen_empty();
  auto claim = connections.claim(12);
  SECTION("ended") {
    connections.disconnected(12);
  }
  SECTION("ended, and the number given to another") {
    connections.disconnected(12);
    connections.accepted(12, start);
    connections.seen_empty();
  }
  SECTION("given to another, the end unheard") {
    connections.accepted(12, start);
    connections.seen_empty();
  }
  CHECK_FALSE(connections.holds(claim));
}

TEST_CASE("a descriptor never heard of is not certain", "[net]") {
  Connections connections;
  connections.seen_empty();
  CHECK_FALSE(connections.holds(connections.claim(12)));
}

TEST_CASE("an end is reported once all frames have been read, and only that tenancy's", "[net]") {
  Connections connections;
  connections.accepted(12, start);
  auto first = connections.add(1, user, 12).id;
  connections.disconnected(12);
  CHECK(connections.take_closed().empty());
  CHECK(connections.find(first) != nullptr);
  connections.accepted(12, start);
  auto second = connections.add(2, user, 12).id;
  connections.seen_empty();
  CHECK(connections.take_closed() == std::vector{first});
  CHECK(connections.take_closed().empty());
  CHECK(connections.find(first) == nullptr);
  CHECK(connections.find(1u) == nullptr);
  CHECK(connections.has_ended(1));
  CHECK(connections.find(second) != nullptr);
  CHECK(second != first);
  connections.disconnected(12);
  connections.seen_empty();
  CHECK(connections.take_closed() == std::vector{second});
  CHECK(connections.size() == 0);
}

TEST_CASE("a connection whose end was heard before its first frame is reported too", "[net]") {
  Connections connections;
  connections.accepted(12, start);
  connections.disconnected(12);
  connections.seen_empty();
  auto id = connections.add(1, user, 12).id;
  CHECK(connections.take_closed().empty());
  connections.seen_empty();
  CHECK(connections.take_closed() == std::vector{id});
}

TEST_CASE("a descriptor is silent until its tenancy's first frame", "[net]") {
  Connections connections;
  connections.accepted(12, start);
  connections.accepted(13, start + Duration(10));
  CHECK(connections.silent_since(start).empty());
  CHECK(connections.silent_since(start + Duration(1)) ==
        std::vector<std::pair<int, std::uint64_t>>{{12, 1}});
  connections.add(1, user, 12);
  CHECK(connections.silent_since(start + Duration(1)).empty());
  connections.disconnected(12);
  connections.accepted(12, start + Duration(20));
  CHECK(connections.silent_since(start + Duration(30)).size() == 2);
}

TEST_CASE("of the silent descriptors those beyond the newest are given, each once", "[net]") {
  using Silent = std::vector<std::pair<int, std::uint64_t>>;
  Connections connections;
  for (int descriptor : {15, 14, 13, 12, 11})
    connections.accepted(descriptor, start);
  CHECK(connections.take_silent_beyond(5).empty());
  connections.add(1, user, 15);
  connections.disconnected(14);
  CHECK(connections.take_silent_beyond(3).empty());
  CHECK(connections.take_silent_beyond(1) == Silent{{13, 1}, {12, 1}});
  CHECK(connections.take_silent_beyond(1).empty());
  // A number that is used again is silent again.
  connections.disconnected(13);
  connections.accepted(13, start);
  CHECK(connections.take_silent_beyond(1) == Silent{{11, 1}});
  CHECK(connections.take_silent_beyond(0) == Silent{{13, 2}});
}

TEST_CASE("who got the number of one that spoke is silent once that is known", "[net]") {
  Connections connections;
  connections.accepted(12, start);
  connections.disconnected(12);
  connections.accepted(12, start);
  auto& earlier = connections.add(1, user, 12);
  CHECK(connections.take_silent_beyond(0).empty());
  connections.end(earlier);
  CHECK(connections.silent_since(start + Duration(1)).size() == 1);
  CHECK(connections.take_silent_beyond(0) == std::vector<std::pair<int, std::uint64_t>>{{12, 2}});
}
