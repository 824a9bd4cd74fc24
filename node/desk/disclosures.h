#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "node/shell/engine.h"

namespace liaison::node {

/// Answers the administration socket's requests about disclosing one letter to an auditor:
/// {"do": "letter-show" | "letter-disclose", "letter": ID}, like answer_admin()
/// (node/shell/admin.h). nullopt: none of these. Showing says who wrote to whom, about whom and
/// what; disclosing gives the file as well. Either leaves a trace where views of the record do
/// (node/desk/records.h), and a line in the log; the request's "bearer" token, which the caller has
/// checked, names the person.
std::optional<std::string> answer_disclosures(Engine& engine, std::string_view request, Now now);

}  // namespace liaison::node
