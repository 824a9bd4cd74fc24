#include "web/credentials.h"

#include <catch2/catch.hpp>

#include "web/changes.h"

using namespace liaison;
using namespace liaison::web;
using namespace std::chrono_literals;

TEST_CASE("after five failures a name waits, longer each time, from that address only", "[web]") {
  AttemptLimiter limiter;
  Duration now = 1h;
  for (int i = 0; i < 5; ++i) {
    CHECK(limiter.wait("mary", "127.0.0.1", now) == 0ms);
    limiter.failed("mary", "127.0.0.1", now);
  }
  CHECK(limiter.wait("mary", "127.0.0.1", now) == 30s);
  CHECK(limiter.wait("mary", "127.0.0.2", now) == 0ms);
  CHECK(limiter.wait("john", "127.0.0.1", now) == 0ms);
  now += 30s;
  CHECK(limiter.wait("mary", "127.0.0.1", now) == 0ms);
  limiter.failed("mary", "127.0.0.1", now);
  CHECK(limiter.wait("mary", "127.0.0.1", now) == 60s);
  for (int i = 0; i < 10; ++i)
    limiter.failed("mary", "127.0.0.1", now);
  CHECK(limiter.wait("mary", "127.0.0.1", now) == 15min);
  limiter.succeeded("mary", "127.0.0.1");
  CHECK(limiter.wait("mary", "127.0.0.1", now) == 0ms);
}

TEST_CASE("the memory of failures is bounded", "[web]") {
  AttemptLimiter limiter(3);
  for (int name = 0; name < 100; ++name) {
    for (int i = 0; i < 5; ++i)
      limiter.failed(std::to_string(name), "::1", Duration(name));
  }
  CHECK(limiter.wait("99", "::1", Duration(99)) > 0ms);
  CHECK(limiter.wait("0", "::1", Duration(99)) == 0ms);
}

TEST_CASE("credentials are read from the headers that carry them", "[web]") {
  Request request;
  request.headers = {{"authorization", "bearer abc.def"},
                     {"cookie", "a=1; liaison_session=xyz; b=2"}};
  CHECK(bearer_token(request) == "abc.def");
  CHECK(cookie(request, "liaison_session") == "xyz");
  CHECK_FALSE(cookie(request, "session"));
  request.headers = {{"Authorization", "Basic abc"}, {"Cookie", "=;;"}};
  CHECK_FALSE(bearer_token(request));
  CHECK_FALSE(cookie(request, "liaison_session"));
}

TEST_CASE("who listens gets each change once, and is told when it missed some", "[web]") {
  ChangeFeed feed(3);
  for (int i = 1; i <= 3; ++i)
    feed.publish("referral", std::to_string(i));
  auto batch = feed.after(1, 0ms);
  REQUIRE(batch.changes.size() == 2);
  CHECK(batch.changes.front().data == "2");
  CHECK_FALSE(batch.missed);
  feed.publish("referral", "4");
  CHECK(feed.after(0, 0ms).missed);
  CHECK(feed.after(99, 0ms).missed);
  CHECK(feed.after(4, 0ms).changes.empty());
  feed.close();
  CHECK(feed.after(4, 1h).closed);
}
