#pragma once

#include <vector>

#include "node/desk/desk.h"

/// The desk's routes that both kinds of node have, one table a subject.
namespace liaison::node {

std::vector<DeskRoute> service_routes();    ///< health, metrics, the API's description, changes
std::vector<DeskRoute> people_routes();     ///< signing in and out, people, tokens, status
std::vector<DeskRoute> directory_routes();  ///< services, also as Open Referral UK 3.0
std::vector<DeskRoute> case_routes();       ///< cases, referrals, attachments
std::vector<DeskRoute>
either_side_routes();                     ///< what office and provider both may do with a referral
std::vector<DeskRoute> manager_routes();  ///< who is case manager

/// All of them.
std::vector<DeskRoute> common_routes();
/// `first`, then `second`.
std::vector<DeskRoute> joined(std::vector<DeskRoute> first, std::vector<DeskRoute> second);

/// The document at /api/openapi.json (OpenAPI 3.1) for these routes.
std::string openapi_document(const std::vector<DeskRoute>& routes, NodeRole role,
                             const SessionCookie& cookie);

/// A route whose caller must be one of `roles`.
DeskRoute reads(std::string pattern, Roles roles, std::string name, std::string about,
                std::string answer,
                std::function<web::Response(Desk&, const web::Request&, const Caller&)> handler);
DeskRoute posts(std::string pattern, Roles roles, std::string name, std::string about,
                std::string body, std::string answer,
                std::function<web::Response(Desk&, const web::Request&, const Caller&)> handler);

}  // namespace liaison::node
