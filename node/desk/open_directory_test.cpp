#include "node/desk/open_directory.h"

#include <catch2/catch.hpp>
#include <future>
#include <nlohmann/json.hpp>

#include "node/desk/recent.h"
#include "node/desk/routes.h"
#include "node/desk/testing/office.h"

using namespace liaison;
using namespace liaison::node;
using nlohmann::json;
using node::testing::Office;
using web::Method;
using namespace std::chrono_literals;

namespace {

OpenService service(const std::string& id, const std::string& name, std::string published) {
  OpenService out;
  out.service.provider = NodeId::parse("hope-house").value();
  out.service.id = id;
  out.service.version = 1;
  out.service.name = name;
  out.published = std::move(published);
  return out;
}

json page(const OpenDirectory& directory, const std::string& words, std::size_t per_page,
          std::size_t number) {
  return json::parse(directory.page(words, per_page, number));
}

}  // namespace

TEST_CASE("pages of the open directory hold what was published, in order of names", "[desk]") {
  std::vector<OpenService> services;
  for (const auto* id : {"a", "b", "c"})
    services.push_back(service(id, std::string("Walks ") + id, json{{"id", id}}.dump()));
  services.push_back(service("d", "Debt desk", R"({ "id": "d" })"));
  services.push_back(service("e", "Echo", "no JSON"));
  const OpenDirectory directory(std::move(services));
  CHECK(page(directory, "walks", 2, 1) == json{{"contents", {{{"id", "a"}}, {{"id", "b"}}}},
                                               {"total_items", 3},
                                               {"total_pages", 2},
                                               {"page_number", 1},
                                               {"size", 2},
                                               {"first_page", true},
                                               {"last_page", false},
                                               {"empty", false}});
  CHECK(page(directory, "walks", 2, 9)["contents"] == json::array({{{"id", "c"}}}));
  CHECK(page(directory, "", 50, 1)["total_items"] == 4);
  CHECK(page(directory, "nothing", 50, 0)["empty"] == true);
  CHECK(page(OpenDirectory({}), "", 0, 1)["contents"] == json::array());
}

TEST_CASE("a page of the open directory is bounded in octets, and all pages hold all", "[desk]") {
  std::vector<OpenService> services;
  for (int i = 0; i < 20; ++i) {
    const auto id = std::to_string(i);
    services.push_back(
        service(id, id, json{{"id", id}, {"text", std::string(200'000, 'x')}}.dump()));
  }
  const OpenDirectory directory(std::move(services));
  const auto first = directory.page("", 200, 1);
  CHECK(first.size() < OpenDirectory::page_bytes_max + 1000);
  const std::size_t pages = json::parse(first)["total_pages"];
  CHECK(pages == 2);
  std::size_t items = 0;
  for (std::size_t i = 1; i <= pages; ++i)
    items += page(directory, "", 200, i)["contents"].size();
  CHECK(items == 20);
}

TEST_CASE("a recent value is made once, and again when it is no longer good", "[desk]") {
  Recent<int> recent;
  int made = 0;
  const auto at = [&](Duration now) {
    return *recent.get(
        now, [](int, Duration age) { return age < 1s; }, [&] { return ++made; });
  };
  CHECK(at(10s) == 1);
  CHECK(at(10s + 999ms) == 1);
  CHECK(at(11s) == 2);
}

TEST_CASE("strangers are answered while the engine is at work, as it last said", "[desk]") {
  Office office(common_routes(), {.status_stands = 1h, .directory_stands = 1h});
  const std::vector<std::string> paths = {"/healthz", "/metrics", "/open-referral",
                                          "/open-referral/services",
                                          "/open-referral/services?search=walks&per_page=200"};
  for (const auto& path : paths)
    REQUIRE(office.as("", Method::get, path).status == 200);
  std::promise<void> at_work;
  std::shared_future<void> released;
  std::future<void> work;
  std::promise<void> done;  // last, so that whatever happens nobody is left waiting for it
  released = done.get_future().share();
  work = std::async(std::launch::async, [&] {
    office.loop.call([&](Engine&, Now) {
      at_work.set_value();
      released.wait();
    });
  });
  at_work.get_future().wait();
  for (const auto& path : paths)
    CHECK(office.as("", Method::get, path).status == 200);
  done.set_value();
  work.get();
}
