#include "provider_node/routes.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <set>

#include "node/cli/serve.h"
#include "node/desk/routes.h"
#include "provider_node/commands.h"

using namespace liaison;
using nlohmann::json;

TEST_CASE("the API's description and the routes that are served are the same", "[provider]") {
  const auto routes = node::with_description(provider_node::routes(), NodeRole::provider);
  const auto document = json::parse(node::openapi_document(routes, NodeRole::provider));
  std::set<std::string> served;
  std::set<std::string> names;
  for (const auto& route : routes) {
    std::string method = web::name_of(route.method);
    for (auto& c : method)
      c = static_cast<char>(c - 'A' + 'a');
    served.insert(method + " " + route.pattern);
    CHECK(names.insert(route.name).second);
  }
  std::set<std::string> described;
  for (const auto& [path, operations] : document["paths"].items()) {
    for (const auto& [method, operation] : operations.items())
      described.insert(method + " " + path);
  }
  CHECK(served == described);
  const auto text = document.dump();
  for (auto at = text.find("#/components/"); at != std::string::npos;
       at = text.find("#/components/", at + 1)) {
    const auto pointer = text.substr(at + 1, text.find('"', at) - at - 1);
    INFO(pointer);
    CHECK(document.contains(json::json_pointer(pointer)));
  }
}

TEST_CASE("every command says what it does, with an example that begins with its own words",
          "[provider]") {
  const auto kind = provider_node::kind();
  std::set<std::string> paths;
  for (const auto& command : provider_node::commands(kind)) {
    INFO(command.path);
    CHECK(paths.insert(command.path).second);
    CHECK_FALSE(command.about.empty());
    CHECK(command.example.compare(0, kind.program.size() + 1 + command.path.size(),
                                  kind.program + " " + command.path) == 0);
  }
}
