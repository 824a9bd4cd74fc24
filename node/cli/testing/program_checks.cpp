#include "node/cli/testing/program_checks.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <set>

#include "node/cli/serve.h"
#include "node/desk/routes.h"

namespace liaison::node::testing {

using nlohmann::json;

void check_description(const std::vector<DeskRoute>& given, NodeRole role) {
  const SessionCookie cookie{NodeId::parse("described").value()};
  const auto routes = with_description(given, role, cookie);
  const auto document = json::parse(openapi_document(routes, role, cookie));
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

void check_commands(const Kind& kind, const std::vector<cli::Command>& own) {
  auto commands = own;
  for (const auto& group :
       {join_commands(kind), operator_commands(kind), user_commands(kind), desk_commands(kind)})
    commands.insert(commands.end(), group.begin(), group.end());
  std::set<std::string> paths;
  for (const auto& command : commands) {
    INFO(command.path);
    CHECK(paths.insert(command.path).second);
    CHECK_FALSE(command.about.empty());
    CHECK(command.example.compare(0, kind.program.size() + 1 + command.path.size(),
                                  kind.program + " " + command.path) == 0);
  }
}

}  // namespace liaison::node::testing
