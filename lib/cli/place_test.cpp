#include "cli/place.h"

#include <catch2/catch.hpp>
#include <cerrno>
#include <filesystem>

#include "base/testing/temporary_directory.h"

using namespace liaison;
using namespace liaison::cli;

TEST_CASE("whether hard links can be made is tried, and leaves nothing behind", "[cli]") {
  const liaison::testing::TemporaryDirectory scratch;
  CHECK(check_hard_links(scratch.file("backup")));
  CHECK(std::filesystem::is_empty(scratch.path()));
  CHECK(check_hard_links(scratch.file("absent/backup")));  // another's to refuse
}

TEST_CASE("a path begins with one slash, or none", "[cli]") {
  CHECK(with_one_slash("//srv/leeds/node.db") == "/srv/leeds/node.db");
  CHECK(with_one_slash("////srv//leeds") == "/srv//leeds");
  for (const auto* same : {"/srv//leeds", "srv//leeds", "s//", "/", "/s", "s", ""})
    CHECK(with_one_slash(same) == same);
  CHECK(with_one_slash("///") == "/");
}

TEST_CASE("a directory is named from the root on, without a slash at its end", "[cli]") {
  CHECK(absolute_directory("/srv/exports/may/") == "/srv/exports/may");
  CHECK(absolute_directory("/srv/exports//./june/../may") == "/srv/exports/may");
  CHECK(absolute_directory("/") == "/");
  CHECK(absolute_directory("may/") == (std::filesystem::current_path() / "may").string());
}

TEST_CASE("a file system without hard links is told from one that is full or gone", "[cli]") {
  for (const int error : {EPERM, EOPNOTSUPP, ENOSYS})
    CHECK(makes_no_hard_links(error));
  for (const int error : {0, ENOSPC, EDQUOT, EROFS, EACCES, EIO})
    CHECK_FALSE(makes_no_hard_links(error));
}
