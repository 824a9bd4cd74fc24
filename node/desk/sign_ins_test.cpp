#include "node/desk/sign_ins.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <condition_variable>
#include <functional>
#include <future>
#include <mutex>
#include <nlohmann/json.hpp>

#include "base/check.h"
#include "crypto/password.h"
#include "node/desk/people_store.h"
#include "node/desk/routes.h"
#include "node/desk/testing/office.h"

using namespace liaison;
using namespace liaison::node;
using nlohmann::json;
using node::testing::Office;
using web::Method;

namespace {

web::Response sign_in(const Office& office, const std::string& name) {
  web::Client client(office.server.url());
  return client
      .request(Method::post, "/api/v1/session",
               json{{"name", name}, {"password", "correct horse"}}.dump())
      .value();
}

/// What several threads were answered.
class Answers {
 public:
  void add(web::Response answer) {
    const std::lock_guard lock(mutex_);
    all_.push_back(std::move(answer));
    came_.notify_all();
  }
  /// As soon as there are so many; fewer if they never come.
  std::vector<web::Response> first(std::size_t count) {
    std::unique_lock lock(mutex_);
    came_.wait_for(lock, std::chrono::minutes(1), [&] { return all_.size() >= count; });
    return all_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable came_;
  std::vector<web::Response> all_;
};

std::vector<int> statuses(const std::vector<web::Response>& answers) {
  std::vector<int> out;
  for (const auto& one : answers)
    out.push_back(one.status);
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace

TEST_CASE("who loses the sign-in while the password is checked gets no session", "[desk]") {
  std::function<Result<void>(PeopleStore&, Now)> meanwhile;
  Office* at = nullptr;
  const auto verify = [&](std::string_view password, const std::string& encoded) {
    at->loop.call([&](Engine& engine, Now now) {
      PeopleStore people(engine.database_for_writing());
      LIAISON_CHECK(meanwhile(people, now).has_value());
      at->desk.sessions().close_all_of("dana");
    });
    return crypto::verify_password(password, encoded);
  };
  Office office(common_routes(), {.verify = verify});
  at = &office;
  SECTION("disabled") {
    meanwhile = [](PeopleStore& people, Now now) { return people.disable("dana", now.wall); };
    CHECK(sign_in(office, "dana").status == 401);
  }
  SECTION("given a new password, be it the same") {
    meanwhile = [](PeopleStore& people, Now) {
      return people.set_password("dana", crypto::hash_password("correct horse", {1024, 1, 1}));
    };
    CHECK(sign_in(office, "dana").status == 401);
  }
  SECTION("it was somebody else who was disabled") {
    meanwhile = [](PeopleStore& people, Now now) { return people.disable("lena", now.wall); };
    CHECK(sign_in(office, "dana").status == 201);
  }
}

TEST_CASE("few sign-ins wait for their turn; others come again, and the desk goes on", "[desk]") {
  const bool one_person = GENERATE(false, true);  // with the right password; else strangers
  std::shared_future<void> checked;
  Office office(common_routes(),
                {.verify = [&](std::string_view password, const std::string& encoded) {
                  checked.wait();
                  return crypto::verify_password(password, encoded);
                }});
  constexpr std::size_t in_hand = 1 + sign_ins_waiting_max;
  Answers answers;
  std::vector<std::future<void>> askers;
  std::promise<void> checking;  // last, so that whatever happens nobody is left waiting for it
  checked = checking.get_future().share();
  for (std::size_t i = 0; i < in_hand + 1; ++i) {
    const auto name = one_person ? "dana" : "fresh-" + std::to_string(i);
    askers.push_back(
        std::async(std::launch::async, [&, name] { answers.add(sign_in(office, name)); }));
  }
  CHECK(statuses(answers.first(1)) == std::vector{429});
  const auto again = sign_in(office, "dana");
  CHECK(again.status == 429);
  CHECK(again.header("Retry-After") == "2");
  CHECK(json::parse(again.body)["detail"] ==
        "too many people are signing in at once: wait 2 seconds");
  CHECK(office.as("dana", Method::get, "/api/v1/cases").status == 200);
  // Who is sent away has tried no password: it is no attempt of theirs.
  for (int i = 0; i < 5; ++i)
    CHECK(sign_in(office, "dana").status == 429);
  checking.set_value();
  for (auto& one : askers)
    one.get();
  std::vector<int> all(in_hand, one_person ? 201 : 401);
  all.push_back(429);
  CHECK(statuses(answers.first(in_hand + 1)) == all);
  CHECK(sign_in(office, "dana").status == 201);
}
