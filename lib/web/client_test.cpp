#include "web/client.h"

#include <catch2/catch.hpp>
#include <cstdlib>

#include "base/testing/temporary_directory.h"
#include "web/testing/desk.h"
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

TEST_CASE("an answer that is too long is no answer", "[web]") {
  Desk desk;
  ClientOptions options;
  options.answer_bytes_max = 10;
  Client client(desk.server.url(), options);
  const auto whole = client.request(Method::post, "/echo", "0123456789");
  REQUIRE(whole);
  CHECK(whole->body == "0123456789");
  CHECK_FALSE(client.request(Method::post, "/echo", "0123456789a"));
}

TEST_CASE("the certificate of a server is checked where that is asked for", "[web]") {
  const liaison::testing::TemporaryDirectory scratch;
  const auto key = scratch.file("key"), certificate = scratch.file("certificate");
  REQUIRE(std::system(("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes "
                       "-subj /CN=witness -addext subjectAltName=IP:127.0.0.1 -days 2 -keyout " +
                       key + " -out " + certificate + " 2>/dev/null")
                          .c_str()) == 0);
  ServerOptions served;
  served.certificate_file = certificate;
  served.key_file = key;
  Desk desk(served);
  CHECK(Client(desk.server.url()).request(Method::get, "/hello/x"));
  ClientOptions options;
  options.certificate = ClientOptions::Certificate::checked;
  const auto refused = Client(desk.server.url(), options).request(Method::get, "/hello/x");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().reason == Client::could_not_ask);
  options.authorities_file = certificate;
  CHECK(Client(desk.server.url(), options).request(Method::get, "/hello/x"));
}
