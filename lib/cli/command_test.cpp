#include "cli/command.h"

#include <catch2/catch.hpp>
#include <stdexcept>

#include "cli/output.h"

using namespace liaison;
using namespace liaison::cli;

namespace {

/// A program whose commands say what they were given.
struct Probe {
  std::string called;
  Arguments given;

  int run(std::vector<const char*> words) {
    Program program;
    program.name = "liaison-probe";
    program.about = "tries the command line";
    const auto record = [this](std::string name) {
      return [this, name](const Arguments& arguments) -> Result<void> {
        called = name;
        given = arguments;
        return {};
      };
    };
    program.commands = {
        {"refer",
         "refers",
         "liaison-probe refer CLIENT",
         {{"CLIENT", "who"}},
         {{"--service", "SERVICE", "which", Takes::one, Option::Need::required},
          {"--attach", "FILE", "with", Takes::many},
          {"--json", "", "as JSON", Takes::nothing}},
         record("refer")},
        {"referral show",
         "shows",
         "liaison-probe referral show R",
         {{"REFERRAL", "which"}},
         {},
         record("show")},
        {"save",
         "saves",
         "liaison-probe save A B",
         {{"FROM", "a"}, {"TO", "b"}},
         {},
         record("save")},
        {"find",
         "finds",
         "liaison-probe find a b",
         {{"WORDS", "which", Positional::Need::many}},
         {},
         record("find")},
        {"refuse",
         "refuses",
         "liaison-probe refuse",
         {},
         {},
         [](const Arguments&) -> Result<void> { return fail(Reason::conflict, "not now"); }},
        {"throw",
         "throws",
         "liaison-probe throw",
         {},
         {},
         [](const Arguments&) -> Result<void> { throw std::runtime_error("disk full"); }},
        {"misuse",
         "is called with words that exclude each other",
         "liaison-probe misuse",
         {},
         {},
         [](const Arguments&) -> Result<void> { throw WrongUsage("give one"); }},
    };
    words.insert(words.begin(), "liaison-probe");
    return cli::run(program, static_cast<int>(words.size()), words.data());
  }
};

}  // namespace

TEST_CASE("a command gets its positionals, options and repeated options", "[cli]") {
  Probe probe;
  CHECK(probe.run({"refer", "c1", "--service", "s1", "--attach", "a.pdf", "--attach", "b.pdf",
                   "--json"}) == 0);
  CHECK(probe.called == "refer");
  CHECK(probe.given.text("CLIENT") == "c1");
  CHECK(probe.given.text("--service") == "s1");
  CHECK(probe.given.list("--attach") == std::vector<std::string>{"a.pdf", "b.pdf"});
  CHECK(probe.given.has("--json"));
  CHECK(probe.run({"refer", "--service", "s1", "c1"}) == 0);
  CHECK(probe.given.text("CLIENT") == "c1");
  CHECK(probe.run({"refer", "--service", "s1", "--attach", "a.pdf", "c1"}) == 0);
  CHECK(probe.given.text("CLIENT") == "c1");
}

TEST_CASE("each positional takes one word, or all that are left", "[cli]") {
  Probe probe;
  CHECK(probe.run({"save", "here", "there"}) == 0);
  CHECK(probe.given.text("FROM") == "here");
  CHECK(probe.given.text("TO") == "there");
  CHECK(probe.run({"save", "here"}) == 2);
  CHECK(probe.run({"save", "here", "there", "everywhere"}) == 2);
  CHECK(probe.run({"find", "pain", "group"}) == 0);
  CHECK(probe.given.list("WORDS") == std::vector<std::string>{"pain", "group"});
  CHECK(probe.run({"find"}) == 0);
  CHECK(probe.given.list("WORDS").empty());
}

TEST_CASE("a word after an option's value is a positional", "[cli]") {
  Probe probe;
  REQUIRE(probe.run({"refer", "--service", "s1", "client-1"}) == 0);
  CHECK(probe.given.text("--service") == "s1");
  CHECK(probe.given.text("CLIENT") == "client-1");
  REQUIRE(probe.run({"refer", "--service", "s1", "--attach", "a.pdf", "client-1"}) == 0);
  CHECK(probe.given.text("CLIENT") == "client-1");
  CHECK(probe.run({"refer", "--service", "s1", "--service", "s2", "client-1"}) == 2);
}

TEST_CASE("commands of several words are found", "[cli]") {
  Probe probe;
  CHECK(probe.run({"referral", "show", "r1"}) == 0);
  CHECK(probe.called == "show");
  CHECK(probe.given.text("REFERRAL") == "r1");
}

TEST_CASE("wrong usage is exit status 2, a refusal or a failing machine 1, help 0", "[cli]") {
  Probe probe;
  CHECK(probe.run({}) == 2);
  CHECK(probe.run({"refer", "c1"}) == 2);
  CHECK(probe.run({"refer", "--service", "s1"}) == 2);
  CHECK(probe.run({"refer", "c1", "--service", "s1", "--service", "s2"}) == 2);
  CHECK(probe.run({"refer", "c1", "extra", "--service", "s1"}) == 2);
  CHECK(probe.run({"refer", "c1", "--nonsense"}) == 2);
  CHECK(probe.run({"referral"}) == 2);
  CHECK(probe.run({"nonsense"}) == 2);
  CHECK(probe.called.empty());
  CHECK(probe.run({"refuse"}) == 1);
  CHECK(probe.run({"throw"}) == 1);
  CHECK(probe.run({"misuse"}) == 2);
  CHECK(probe.run({"refer", "--help"}) == 0);
}
