#pragma once

#include <nlohmann/json_fwd.hpp>

#include "node/desk/people_store.h"

namespace liaison::node {

nlohmann::json person_json(const Person& person);
nlohmann::json token_json(const TokenView& token);

}  // namespace liaison::node
