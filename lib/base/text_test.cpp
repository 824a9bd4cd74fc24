#include "base/text.h"

#include <catch2/catch.hpp>

using namespace liaison;

TEST_CASE("a control character and one that turns the direction are no text for people", "[base]") {
  CHECK(unfit_character("Siân Pritchard", Lines::one).empty());
  CHECK(unfit_character("a\x1b[2J", Lines::one) == "U+001B");
  CHECK(unfit_character("x\xC2\x9By", Lines::one) == "U+009B");
  CHECK(unfit_character("gnp.\xE2\x80\xAE.exe", Lines::many) == "U+202E");
  CHECK(unfit_character("one\xE2\x80\xA8two", Lines::many) == "U+2028");
}

TEST_CASE("a line end is unfit only where there is one line", "[base]") {
  CHECK(unfit_character("a\nb", Lines::one) == "U+000A");
  CHECK(unfit_character("a\nb", Lines::many).empty());
}

TEST_CASE("what others wrote is shown in one line without tricks", "[base]") {
  CHECK(shown_safely("a\x1b[2Jb\nc") == "a_[2Jb_c");
  CHECK(in_one_line("a\x1b[2Jb\nc\td") == "a_[2Jb c d");
  CHECK(shown_safely("x\xC2\x9By") == "x_y");
  CHECK(shown_safely("Siân") == "Siân");
  CHECK(shown_safely("cut \xE2\x80") == "cut \xE2_");  // not well-formed: octet by octet
}

TEST_CASE("a text is cut between characters", "[base]") {
  CHECK(cut("Siân", 9) == "Siân");
  CHECK(cut("Siân", 3) == "Si");
  CHECK(cut("Siân", 4) == "Siâ");
}

TEST_CASE("slips are counted by insertions, deletions and replacements", "[base]") {
  CHECK(slips_between("", "abc") == 3);
  CHECK(slips_between("listn", "listen") == 1);
  CHECK(slips_between("prot", "port") == 2);
  CHECK(slips_between("same", "same") == 0);
}
