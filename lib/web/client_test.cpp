#include "web/client.h"

#include <catch2/catch.hpp>

#include "web/testing/mute.h"

using namespace liaison;
using namespace liaison::web;
using namespace liaison::web::testing;

TEST_CASE("that nobody could be asked is told from that no answer came", "[web]") {
  const Mute absent(Mute::Is::absent);
  Client to_nobody(absent.url());
  const auto not_asked = to_nobody.request(Method::post, "/echo", "some text");
  REQUIRE_FALSE(not_asked);
  CHECK(not_asked.error() == Error{Client::could_not_ask, "nothing answers at " + absent.url()});

  const Mute listening(Mute::Is::listening);
  Client client(listening.url());
  // The longer one is still being written when the connection ends.
  for (const std::size_t length : {10, 8'000'000}) {
    const auto unanswered = client.request(Method::post, "/echo", std::string(length, 'x'));
    REQUIRE_FALSE(unanswered);
    CHECK(unanswered.error() == Error{Client::no_answer, "no answer came from " + listening.url()});
  }
}
