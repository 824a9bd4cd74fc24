#pragma once

#include <vector>

#include "node/desk/desk.h"

/// What a provider's desk has beside the routes of every desk.
namespace liaison::provider_node {

std::vector<node::DeskRoute> service_routes();   ///< its own listings
std::vector<node::DeskRoute> referral_routes();  ///< deciding on referrals

/// Every route of a provider's node.
std::vector<node::DeskRoute> routes();

}  // namespace liaison::provider_node
