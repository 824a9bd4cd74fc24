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

/// The same from another address, past the server: the status that is answered.
int sign_in_from(Office& office, const std::string& name, const std::string& password,
                 const std::string& peer) {
  const auto token = office.desk.sign_ins().sign_in(name, password, peer);
  if (token) return 201;
  return token.error().why.reason == Reason::busy ? 429 : 401;
}

/// What several threads were answered.
class Answers {
 public:
  void add(int status) {
    const std::lock_guard lock(mutex_);
    all_.push_back(status);
    came_.notify_all();
  }
  /// In order of their number, as soon as there are so many; fewer if they never come.
  std::vector<int> first(std::size_t count) {
    std::unique_lock lock(mutex_);
    came_.wait_for(lock, std::chrono::minutes(1), [&] { return all_.size() >= count; });
    auto out = all_;
    std::sort(out.begin(), out.end());
    return out;
  }

 private:
  std::mutex mutex_;
  std::condition_variable came_;
  std::vector<int> all_;
};

/// People who sign in at the same time, and whose passwords are not checked before they are let go.
struct Crowd {
  std::shared_future<void> checked;
  Office office{common_routes(),
                {.verify = [this](std::string_view password, const std::string& encoded) {
                  checked.wait();
                  return crypto::verify_password(password, encoded);
                }}};
  Answers answers;
  std::vector<std::future<void>> askers;
  std::promise<void> checking;  // last, so that whatever happens nobody is left waiting for it

  Crowd() { checked = checking.get_future().share(); }
  void ask(const std::string& name, const std::string& peer) {
    askers.push_back(std::async(std::launch::async, [this, name, peer] {
      answers.add(sign_in_from(office, name, "correct horse", peer));
    }));
  }
  void let_go() {
    checking.set_value();
    for (auto& one : askers)
      one.get();
  }
};

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
  Crowd crowd;
  auto& office = crowd.office;
  constexpr std::size_t in_hand = 1 + sign_ins_waiting_max;
  for (std::size_t i = 0; i < in_hand + 1; ++i)
    crowd.ask(one_person ? "dana" : "fresh-" + std::to_string(i), "192.0.2." + std::to_string(i));
  CHECK(crowd.answers.first(1) == std::vector{429});
  const auto again = sign_in(office, "dana");
  CHECK(again.status == 429);
  CHECK(again.header("Retry-After") == "2");
  CHECK(json::parse(again.body)["detail"] ==
        "too many people are signing in at once: wait 2 seconds");
  CHECK(office.as("dana", Method::get, "/api/v1/cases").status == 200);
  // Who is sent away has tried no password: it is no attempt of theirs.
  for (int i = 0; i < 5; ++i)
    CHECK(sign_in(office, "dana").status == 429);
  crowd.let_go();
  std::vector<int> all(in_hand, one_person ? 201 : 401);
  all.push_back(429);
  CHECK(crowd.answers.first(in_hand + 1) == all);
  CHECK(sign_in(office, "dana").status == 201);
}

TEST_CASE("one address leaves places to others, though its machine has an IPv6 network", "[desk]") {
  Crowd crowd;
  for (std::size_t i = 0; i < sign_ins_of_address_max + 1; ++i)
    crowd.ask("dana", "2001:db8::" + std::to_string(i));
  CHECK(crowd.answers.first(1) == std::vector{429});
  constexpr std::size_t left = 1 + sign_ins_waiting_max - sign_ins_of_address_max;
  for (std::size_t i = 0; i < left + 1; ++i)
    crowd.ask("lena", "192.0.2." + std::to_string(i));
  CHECK(crowd.answers.first(2) == std::vector{429, 429});
  crowd.let_go();
  std::vector<int> all(1 + sign_ins_waiting_max, 201);
  all.insert(all.end(), {429, 429});
  CHECK(crowd.answers.first(all.size()) == all);
}

TEST_CASE("who guesses from many addresses of one IPv6 network has to wait as from one", "[desk]") {
  Office office(common_routes());
  for (int i = 0; i < 5; ++i)
    CHECK(sign_in_from(office, "dana", "wrong horse", "2001:db8::" + std::to_string(i)) == 401);
  CHECK(sign_in_from(office, "dana", "correct horse", "2001:db8::9") == 429);
  CHECK(sign_in_from(office, "dana", "correct horse", "2001:db8:0:1::9") == 201);
}
