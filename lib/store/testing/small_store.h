#pragma once

#include <array>
#include <catch2/catch.hpp>
#include <string>

#include "base/testing/temporary_directory.h"
#include "store/database.h"

/// A store of one table, for the tests of the store itself.
namespace liaison::store::testing {

constexpr std::array<std::string_view, 1> first_tables = {
    "CREATE TABLE letter (id BLOB NOT NULL UNIQUE, body BLOB, note TEXT, size INTEGER)"};
constexpr std::array<std::string_view, 2> second_tables = {
    first_tables[0], "ALTER TABLE letter ADD COLUMN kind INTEGER NOT NULL DEFAULT 7"};
constexpr Schema first = {0x4c494131, "the test's store", first_tables};
constexpr Schema second = {0x4c494131, "the test's store", second_tables};
constexpr Schema other = {0x4c494132, "another store", first_tables};

struct Directory {
  liaison::testing::TemporaryDirectory root;
  [[nodiscard]] std::string file(const std::string& name = "store.db") const {
    return root.file(name);
  }
};

inline std::int64_t count(Database& database) {
  auto statement = database.prepare("SELECT count(*) FROM letter");
  auto rows = statement.query();
  REQUIRE(rows.next());
  return rows.int64(0);
}

template <class F>
Failure::Kind failure_of(F&& what) {
  try {
    what();
  } catch (const Failure& failure) {
    CHECK(std::string(failure.what()).find('\n') == std::string::npos);
    return failure.kind();
  }
  FAIL("nothing was thrown");
  return Failure::Kind::unusable;
}

inline EventId id_of(std::uint8_t first_octet) {
  EventId id;
  id.octets[0] = first_octet;
  return id;
}

}  // namespace liaison::store::testing
