#include "web/download.h"

#include <catch2/catch.hpp>

using namespace liaison::web;

TEST_CASE("a file is saved under its name, and no name says more than a name", "[web]") {
  CHECK(attachment_disposition("letter.pdf") ==
        "attachment; filename=\"letter.pdf\"; filename*=UTF-8''letter.pdf");
  CHECK(attachment_disposition("a\";\r\nX: y.pdf") ==
        "attachment; filename=\"a____X__y.pdf\"; filename*=UTF-8''a%22%3B%0D%0AX%3A%20y.pdf");
}
