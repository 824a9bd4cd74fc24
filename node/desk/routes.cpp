#include "node/desk/routes.h"

#include <iterator>

namespace liaison::node {

std::vector<DeskRoute> joined(std::vector<DeskRoute> first, std::vector<DeskRoute> second) {
  first.insert(first.end(), std::make_move_iterator(second.begin()),
               std::make_move_iterator(second.end()));
  return first;
}

std::vector<DeskRoute> common_routes() {
  auto out = service_routes();
  out = joined(std::move(out), people_routes());
  out = joined(std::move(out), directory_routes());
  out = joined(std::move(out), case_routes());
  out = joined(std::move(out), either_side_routes());
  return joined(std::move(out), manager_routes());
}

DeskRoute reads(std::string pattern, Roles roles, std::string name, std::string about,
                std::string answer,
                std::function<web::Response(Desk&, const web::Request&, const Caller&)> handler) {
  return {web::Method::get,  std::move(pattern), roles, std::move(name), std::move(about), "",
          std::move(answer), std::move(handler)};
}

DeskRoute posts(std::string pattern, Roles roles, std::string name, std::string about,
                std::string body, std::string answer,
                std::function<web::Response(Desk&, const web::Request&, const Caller&)> handler) {
  return {web::Method::post, std::move(pattern), roles,
          std::move(name),   std::move(about),   std::move(body),
          std::move(answer), std::move(handler)};
}

}  // namespace liaison::node
