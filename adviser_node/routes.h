#pragma once

#include <vector>

#include "node/desk/desk.h"

/// What the Jobcentre's desk has beside the routes of every desk.
namespace liaison::adviser_node {

std::vector<node::DeskRoute> client_routes();  ///< clients and what of them may be shared
std::vector<node::DeskRoute>
referral_routes();  ///< referring, and what follows from the office's side

/// Every route of an adviser's node.
std::vector<node::DeskRoute> routes();

}  // namespace liaison::adviser_node
