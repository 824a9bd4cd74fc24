#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "auditor/tally.h"
#include "auditor/verify.h"

namespace liaison::auditor {

/// What a verified export says of its exchange: traffic by pair, day and kind, what was accepted
/// and never taken, refused and why, how long letters took, who was silent, what administrators
/// did.
nlohmann::json report_of(const Tally& tally, const VerifiedExport& verified);
/// The same for people: lines for a terminal, or one page without anything from elsewhere.
std::string text_of(const nlohmann::json& report);
std::string html_of(const nlohmann::json& report);

}  // namespace liaison::auditor
