#include <array>
#include <catch2/catch.hpp>
#include <fstream>
#include <iostream>
#include <sstream>

#include "base/testing/temporary_directory.h"
#include "crypto/random.h"
#include "node/cli/directory.h"
#include "node/cli/opened.h"
#include "node/desk/people_store.h"
#include "node/shell/backup.h"
#include "node/shell/backup_file.h"
#include "node/shell/join.h"
#include "node/shell/schema.h"
#include "store/database.h"

using namespace liaison;
using namespace liaison::node;
namespace fs = std::filesystem;

namespace {

/// A backup in which dana has a token.
struct BackedUp {
  BackedUp() {
    kind.program = "liaison-adviser";
    const auto now = system_now();
    store::Options options;
    options.path = scratch.file("node.db");
    store::Database database(options, schema());
    {
      store::Transaction change(database);
      PeopleStore people(database);
      Person dana;
      dana.name = "dana";
      dana.role = wire::UserRole::adviser;
      REQUIRE(people.add(dana, ""));
      crypto::SystemEntropy entropy;
      const auto made = people.make_token("dana", Scope::all, token_life, entropy, now.wall);
      REQUIRE(made);
      token = made->token;
      change.commit();
    }
    REQUIRE(write_backup(database, file, now));
  }
  /// In the directory that it was restored to.
  [[nodiscard]] bool token_is_good() const {
    const auto opened = open_store(directory);
    return PeopleStore(*opened->database)
        .bearer(digest_of_token(token), system_now().wall)
        .has_value();
  }

  liaison::testing::TemporaryDirectory scratch;
  std::string file = scratch.file("backup");
  fs::path directory = scratch.path() / "new";
  std::string token;
  Kind kind;
};

/// What a command says on standard error.
std::string said_by(const Kind& kind, std::array<const char*, 5> words) {
  cli::Program program;
  program.name = kind.program;
  program.commands = join_commands(kind);
  std::ostringstream said;
  auto* const before = std::cerr.rdbuf(said.rdbuf());
  const auto status = cli::run(program, static_cast<int>(words.size()), words.data());
  std::cerr.rdbuf(before);
  CHECK(status == 0);
  return said.str();
}

}  // namespace

TEST_CASE("restore withdraws every token of the backup, and says so", "[node]") {
  BackedUp backed_up;
  const auto said = said_by(backed_up.kind, {"liaison-adviser", "restore", backed_up.file.c_str(),
                                             "--dir", backed_up.directory.c_str()});
  CHECK_THAT(said, Catch::Contains("every token of the backup was withdrawn"));
  CHECK_FALSE(fs::exists(restoring_path(backed_up.directory)));
  CHECK_FALSE(backed_up.token_is_good());
}

TEST_CASE("a restore that was killed before it withdrew the tokens does so when it is opened",
          "[node]") {
  BackedUp backed_up;
  REQUIRE(restore(backed_up.file, backed_up.directory, system_now()));
  CHECK(backed_up.token_is_good());
  std::ofstream(restoring_path(backed_up.directory)) << "backup\n";
  CHECK_FALSE(backed_up.token_is_good());
  CHECK_FALSE(fs::exists(restoring_path(backed_up.directory)));
}
