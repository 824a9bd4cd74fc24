#include <spawn.h>
#include <sys/wait.h>

#include <array>
#include <cstdlib>
#include <thread>

#include "store/background_check.h"
#include "store/database.h"
#include "store/testing/small_store.h"

using namespace liaison;
using namespace liaison::store;
using namespace liaison::store::testing;

namespace {

/// Runs the hidden test below in another process: SQLite judges openers within one process by
/// itself, and only the system's file locks keep other processes out.
int open_in_another_process(const std::string& path) {
  std::string program = "/proc/self/exe";
  std::string test = "[.other-process]";
  std::string variable = "LIAISON_TEST_STORE=" + path;
  std::array<char*, 3> arguments = {program.data(), test.data(), nullptr};
  std::array<char*, 2> environment = {variable.data(), nullptr};
  pid_t child = 0;
  REQUIRE(posix_spawn(&child, program.c_str(), nullptr, nullptr, arguments.data(),
                      environment.data()) == 0);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  return WEXITSTATUS(status);
}

}  // namespace

TEST_CASE("opens the store that the environment names", "[.other-process]") {
  int outcome = 0;
  try {
    Database database({.path = std::getenv("LIAISON_TEST_STORE")}, first);
  } catch (const Failure& failure) {
    outcome = 100 + static_cast<int>(failure.kind());
  }
  std::_Exit(outcome);
}

TEST_CASE("a second opener is refused, and the first works on", "[store]") {
  Directory directory;
  Database database({.path = directory.file()}, first);
  CHECK(failure_of([&] { Database({.path = directory.file()}, first); }) == Failure::Kind::in_use);
  Transaction change(database);
  database.execute("INSERT INTO letter (id) VALUES (x'01')");
  change.commit();
  CHECK(count(database) == 1);
}

TEST_CASE("a background check runs beside writes and keeps the lock", "[store]") {
  Directory directory;
  Database database({.path = directory.file("a ?#%.db"), .checkpoint_bytes = 1u << 16}, first);
  auto insert = database.prepare("INSERT INTO letter (id, body) VALUES (?, ?)");
  Bytes body(30000, 9);
  std::uint8_t number = 0;
  auto commit_one = [&] {
    Transaction change(database);
    insert.run(id_of(number++), body);
    change.commit();
  };
  for (int i = 0; i < 40; ++i)
    commit_one();
  database.begin_background_check();
  commit_one();
  while (database.background_check() == Database::Check::running)
    commit_one();
  CHECK(database.background_check() == Database::Check::sound);
  CHECK(database.check_finding() == "ok");
  commit_one();
  CHECK(database.wal_bytes() < (1u << 17) + 8u * 30000);
  CHECK(failure_of([&] { Database({.path = directory.file("a ?#%.db")}, first); }) ==
        Failure::Kind::in_use);
  constexpr int refused = 100 + static_cast<int>(Failure::Kind::in_use);
  CHECK(open_in_another_process(directory.file("a ?#%.db")) == refused);
  database.begin_background_check(0);
  commit_one();
  auto state = database.background_check();
  CHECK((state == Database::Check::abandoned || state == Database::Check::sound));
  CHECK(open_in_another_process(directory.file("a ?#%.db")) == refused);
}
