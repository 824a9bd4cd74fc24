#include "node/desk/people_store.h"

#include <array>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "crypto/random.h"
#include "node/desk/people_admin.h"
#include "node/desk/records.h"
#include "node/desk/sessions.h"
#include "node/desk/tables.h"
#include "store/database.h"
#include "store/testing/faulty_disk.h"

using namespace liaison;
using namespace liaison::node;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

constexpr std::array<std::string_view, 1> migrations = {desk_tables};
const store::Schema desk_schema{0x4C534431, "a desk's store", migrations};

struct Desk {
  store::testing::FaultyDisk disk{"desk-people", 1};
  store::Database database{{.path = "desk.db", .vfs = disk.vfs()}, desk_schema};
  crypto::SystemEntropy entropy;
  Sessions sessions{entropy};
  PeopleStore people{database};
  Now now{from_ms(1'780'000'000'000), 1h};

  Person add(const std::string& name, wire::UserRole role) {
    Person person;
    person.name = name;
    person.display_name = "Called " + name;
    person.role = role;
    person.created_at = now.wall;
    REQUIRE(people.add(person, "$argon2id$encoded"));
    return person;
  }
  json ask(const json& request) {
    const auto answer =
        answer_people(database, NodeRole::adviser, entropy, &sessions, request.dump(), now);
    REQUIRE(answer);
    return json::parse(*answer);
  }
};

}  // namespace

TEST_CASE("a token names its person until it expires, is withdrawn, or its person is disabled",
          "[desk]") {
  Desk desk;
  desk.add("dana", wire::UserRole::adviser);
  const auto made = desk.people.make_token("dana", Scope::read, 24h, desk.entropy, desk.now.wall);
  REQUIRE(made);
  const auto digest = digest_of_token(made->token);
  const auto bearer = desk.people.bearer(digest, desk.now.wall);
  REQUIRE(bearer);
  CHECK(bearer->name == "dana");
  CHECK(bearer->role == wire::UserRole::adviser);
  CHECK(bearer->scope == Scope::read);
  CHECK_FALSE(desk.people.bearer(digest_of_token(made->token + "x"), desk.now.wall));
  CHECK_FALSE(desk.people.bearer(digest, desk.now.wall + 24h));

  SECTION("withdrawn") {
    REQUIRE(desk.people.withdraw_token(made->id, desk.now.wall));
    CHECK_FALSE(desk.people.bearer(digest, desk.now.wall));
  }
  SECTION("withdrawn with all the others") {
    desk.people.withdraw_all_tokens(desk.now.wall);
    CHECK_FALSE(desk.people.bearer(digest, desk.now.wall));
    REQUIRE(desk.people.tokens("").size() == 1);
    CHECK(desk.people.tokens("").front().withdrawn_at == desk.now.wall);
  }
  SECTION("disabled, and the token stays withdrawn when the person is enabled again") {
    REQUIRE(desk.people.disable("dana", desk.now.wall));
    CHECK(desk.people.password_of("dana").empty());
    CHECK_FALSE(desk.people.bearer(digest, desk.now.wall));
    REQUIRE(desk.people.enable("dana"));
    CHECK_FALSE(desk.people.bearer(digest, desk.now.wall));
    CHECK_FALSE(desk.people.password_of("dana").empty());
  }
}

TEST_CASE("the store keeps of a token its digest alone", "[desk]") {
  Desk desk;
  desk.add("dana", wire::UserRole::adviser);
  const auto made = desk.people.make_token("dana", Scope::all, 24h, desk.entropy, desk.now.wall);
  REQUIRE(made);
  for (const auto& [name, content] : desk.disk.image().files) {
    const std::string text(content.begin(), content.end());
    CHECK(text.find(made->token) == std::string::npos);
  }
}

TEST_CASE("who asks about people with a token must be an administrator", "[desk]") {
  Desk desk;
  desk.add("dana", wire::UserRole::adviser);
  desk.add("root", wire::UserRole::administrator);
  const auto danas =
      desk.people.make_token("dana", Scope::all, 24h, desk.entropy, desk.now.wall)->token;
  const auto roots =
      desk.people.make_token("root", Scope::all, 24h, desk.entropy, desk.now.wall)->token;
  const json add = {
      {"do", "user-add"}, {"name", "eve"}, {"role", "administrator"}, {"password", "$argon2id$x"}};
  auto asked = add;
  asked["bearer"] = danas;
  CHECK_FALSE(desk.ask(asked)["ok"]);
  asked["bearer"] = "forged";
  CHECK_FALSE(desk.ask(asked)["ok"]);
  CHECK_FALSE(desk.people.find("eve"));
  asked["bearer"] = roots;
  CHECK(desk.ask(asked)["ok"]);
  CHECK(desk.people.find("eve")->role == wire::UserRole::administrator);
}

TEST_CASE("an administrator's token for reading reads what operators see, and changes nothing",
          "[desk]") {
  Desk desk;
  desk.add("root", wire::UserRole::administrator);
  const auto bearer = [&](Scope scope) {
    return desk.people.make_token("root", scope, 24h, desk.entropy, desk.now.wall)->token;
  };
  const auto reading = bearer(Scope::read);
  const auto refused = [&](const std::string& what, const std::string& token) {
    const json request = {{"do", what}, {"bearer", token}};
    const auto answer = refuse_operator(desk.database, request.dump(), desk.now);
    return answer && json::parse(*answer)["reason"] == "forbidden";
  };
  CHECK(desk.ask({{"do", "user-list"}, {"bearer", reading}})["ok"]);
  CHECK(desk.ask({{"do", "user-tokens"}, {"name", "root"}, {"bearer", reading}})["ok"]);
  const auto made =
      desk.ask({{"do", "user-token"}, {"name", "root"}, {"scope", "all"}, {"bearer", reading}});
  CHECK_FALSE(made["ok"]);
  CHECK(made["reason"] == "forbidden");
  CHECK(desk.people.tokens("root").size() == 1);
  for (const auto* what : {"status", "alarms", "aside-list", "aside-show", "undelivered-list"})
    CHECK_FALSE(refused(what, reading));
  const auto all = bearer(Scope::all);
  for (const auto* what : {"aside-retry", "aside-drop", "undelivered-seen", "undelivered-again",
                           "backup", "confirm-key", "override", "of-tomorrow"}) {
    CHECK(refused(what, reading));
    CHECK_FALSE(refused(what, all));
  }
}

TEST_CASE("requests about people are checked field by field, and nothing is half done", "[desk]") {
  Desk desk;
  const auto error = [&](const json& request) {
    const auto answer = desk.ask(request);
    CHECK_FALSE(answer["ok"]);
    CHECK(desk.people.list().empty());
    return answer["error"].get<std::string>();
  };
  CHECK(error({{"do", "user-add"}, {"name", "Dana"}, {"role", "adviser"}, {"password", "x"}})
            .find("a sign-in name is") == 0);
  CHECK(error({{"do", "user-add"}, {"name", "dana"}, {"role", "caseworker"}, {"password", "x"}})
            .find("the roles at an office") == 0);
  CHECK(error({{"do", "user-add"}, {"name", "dana"}, {"role", "adviser"}})
            .find("no password was given") == 0);
  CHECK(error({{"do", "user-add"},
               {"name", "dana"},
               {"role", "adviser"},
               {"with_token", true},
               {"valid", "soon"}}) != "");
  CHECK(error({{"do", "user-add"},
               {"name", "dana"},
               {"role", "adviser"},
               {"with_token", true},
               {"scope", "some"}}) == "a token's scope is all or read");
  CHECK(error({{"do", "user-add"},
               {"name", "dana"},
               {"role", "adviser"},
               {"with_token", true},
               {"pasword", "x"}})
            .find("\"pasword\"") != std::string::npos);
  CHECK(error({{"do", "user-disable"}, {"name", "nobody"}})
            .find("there is nobody of the name nobody") == 0);
  CHECK(error({{"do", "user-fly"}}) == "there is no such request about people");
  CHECK_FALSE(answer_people(desk.database, NodeRole::adviser, desk.entropy, nullptr,
                            R"({"do":"status"})", desk.now));
}

TEST_CASE("a password that nobody could sign in with is refused when it is set", "[desk]") {
  CHECK(check_password(" horses, all correct "));
  CHECK(check_password("p\u00e4ssw\u00f6rd"));
  CHECK(check_password(std::string(password_bytes_max, 'x')));
  CHECK(check_password(std::string(password_bytes_max + 1, 'x')).error().reason ==
        Reason::too_large);
  CHECK(check_password("seven77").error().text.find("too short") != std::string::npos);
  CHECK(check_password("not UTF-8: \xff").error().text.find("UTF-8") != std::string::npos);
}

TEST_CASE("disabling someone ends their sessions", "[desk]") {
  Desk desk;
  desk.add("dana", wire::UserRole::adviser);
  Caller dana;
  dana.name = "dana";
  const auto session = desk.sessions.open(dana, desk.now.steady);
  REQUIRE(desk.sessions.find(session, desk.now.steady));
  CHECK(desk.ask({{"do", "user-disable"}, {"name", "dana"}})["ok"]);
  CHECK_FALSE(desk.sessions.find(session, desk.now.steady));
}

TEST_CASE("a session ends when it is idle, when it is old, and when it is closed", "[desk]") {
  Desk desk;
  Caller dana;
  dana.name = "dana";
  auto session = desk.sessions.open(dana, 0h);
  CHECK(desk.sessions.find(session, 59min)->name == "dana");
  CHECK_FALSE(desk.sessions.find(session, 59min + 61min));
  session = desk.sessions.open(dana, 0h);
  for (auto at = 0min; at <= 12h; at += 30min)
    CHECK(desk.sessions.find(session, at));
  CHECK_FALSE(desk.sessions.find(session, 12h + 30min));
  session = desk.sessions.open(dana, 0h);
  desk.sessions.close(session);
  CHECK_FALSE(desk.sessions.find(session, 0h));
}

TEST_CASE("an idempotency key gives what it made, to the same person and the same request only",
          "[desk]") {
  Desk desk;
  const Digest request = digest_of_token("POST /api/v1/clients {}");
  CHECK_FALSE(*earlier_answer(desk.database, "dana", "k1", request));
  keep_answer(desk.database, "dana", "k1", request, "made-this", desk.now.wall);
  CHECK(**earlier_answer(desk.database, "dana", "k1", request) == "made-this");
  CHECK_FALSE(*earlier_answer(desk.database, "imran", "k1", request));
  CHECK(earlier_answer(desk.database, "dana", "k1", digest_of_token("another")).error().reason ==
        Reason::conflict);
  keep_answer(desk.database, "dana", "k2", request, "made-that", desk.now.wall + answers_kept + 1h);
  CHECK_FALSE(*earlier_answer(desk.database, "dana", "k1", request));
}

TEST_CASE("viewings are listed newest first", "[desk]") {
  Desk desk;
  const auto id = desk.entropy.fresh<CaseId>();
  const auto referral = desk.entropy.fresh<ReferralId>();
  record_viewing(desk.database, {desk.now.wall, "dana", id, std::nullopt, "client"});
  record_viewing(desk.database, {desk.now.wall, "imran", id, referral, "referral"});
  record_viewing(desk.database,
                 {desk.now.wall, "dana", desk.entropy.fresh<CaseId>(), std::nullopt, "client"});
  const auto seen = viewings(desk.database, id, {});
  REQUIRE(seen.size() == 2);
  CHECK(seen.front().person == "imran");
  CHECK(seen.front().referral == referral);
  CHECK(seen.back().what == "client");
}

TEST_CASE("the same thing looked at again by the same person within the hour is one viewing",
          "[desk]") {
  Desk desk;
  const auto id = desk.entropy.fresh<CaseId>();
  const auto referral = desk.entropy.fresh<ReferralId>();
  const auto all = [&] { return viewings(desk.database, id, {}).size(); };
  const Viewing first{desk.now.wall, "dana", id, std::nullopt, "client"};
  auto again = first;
  for (const auto later : {0min, 1min, 59min}) {
    again.at = first.at + later;
    record_viewing(desk.database, again);
  }
  CHECK(all() == 1);
  auto other = again;
  SECTION("an hour later it is another") {
    other.at = first.at + viewed_again;
    record_viewing(desk.database, other);
    CHECK(all() == 2);
  }
  SECTION("so it is by another person, of a referral or attachment, of another case") {
    other.person = "imran";
    record_viewing(desk.database, other);
    CHECK(all() == 2);
    for (const auto* what : {"referral", "attachment", "referral", "attachment"}) {
      record_viewing(desk.database, {again.at, "dana", id, referral, what});
    }
    CHECK(all() == 5);  // each attachment may be another
    record_viewing(desk.database,
                   {again.at, "dana", id, desk.entropy.fresh<ReferralId>(), "referral"});
    CHECK(all() == 6);
    other.person = "dana";
    other.case_id = desk.entropy.fresh<CaseId>();
    record_viewing(desk.database, other);
    CHECK(all() == 6);
    CHECK(viewings(desk.database, other.case_id, {}).size() == 1);
  }
}

TEST_CASE("older viewings are on the next pages, which end with a whole second", "[desk]") {
  Desk desk;
  const auto id = desk.entropy.fresh<CaseId>();
  const auto at = std::chrono::floor<std::chrono::seconds>(desk.now.wall);
  for (const auto& [person, later] : std::vector<std::pair<std::string, Duration>>{
           {"ann", 0s}, {"bo", 1200ms}, {"cy", 1500ms}, {"di", 1900ms}, {"ed", 3s}, {"flo", 3s}})
    record_viewing(desk.database, {at + later, person, id, std::nullopt, "client"});
  const auto people = [&](const ViewingsPage& page) {
    std::string out;
    for (const auto& one : viewings(desk.database, id, page))
      out += one.person + " ";
    return out;
  };
  CHECK(people({}) == "flo ed di cy bo ann ");
  CHECK(people({.most = 1}) == "flo ed ");
  CHECK(people({.before = at + 3s, .most = 1}) == "di cy bo ");
  CHECK(people({.before = at + 1s, .most = 1}) == "ann ");
  CHECK(people({.before = at, .most = 1}).empty());
}

TEST_CASE("views of lists and of records push out none of each other", "[desk]") {
  Desk desk;
  const auto id = desk.entropy.fresh<CaseId>();
  auto at = [&, hours = 0]() mutable { return desk.now.wall + std::chrono::hours(++hours); };
  const auto record = [&] {
    record_viewing(desk.database, {at(), "dana", id, std::nullopt, "client"});
  };
  const auto list = [&] {
    record_viewing(desk.database, {at(), "dana", {}, std::nullopt, "list of cases"});
  };
  const auto counted = [&] {
    return std::pair(viewings(desk.database, id, {}).size(),
                     list_viewings(desk.database, desk.now.wall, {}).size());
  };
  using Counts = std::pair<std::size_t, std::size_t>;
  record();
  list();
  REQUIRE(counted() == Counts(1, 1));
  CHECK(list_viewings(desk.database, desk.now.wall + 3h, {}).empty());  // opened later
  const auto full = [&](std::int64_t row, const CaseId& of) {
    auto insert = desk.database.prepare(
        "INSERT INTO viewing(rowid, at, person, case_id, what) VALUES (?, ?, 'imran', ?, 'x')");
    insert.run(row, at(), of);
  };
  full(-list_viewings_max, {});
  list();
  CHECK(counted() == Counts(1, 2));  // the first list has made room, no record did
  full(viewings_max, id);
  record();
  CHECK(counted() == Counts(2, 2));
}
