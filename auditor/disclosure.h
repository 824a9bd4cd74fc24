#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>

#include "audit/disclosure.h"
#include "auditor/verify.h"

namespace liaison::auditor {

/// Whether a letter that was disclosed is the one that the exchange's logs speak of, by an export
/// that is verified first, whole: its digest and the key that its sender committed to are those
/// that were logged; its signature is that of a certificate which stands in the registry log, of
/// the sender that was logged; letter, sender and recipient are what is inside. Then a record of
/// who signed it, when, what became of it, and what it says, each event with whether its author
/// signed it. `options`: keys and progress; its callbacks are used here.
Result<nlohmann::json> check_disclosure(const audit::Disclosure& disclosure,
                                        const std::filesystem::path& exported,
                                        VerifyOptions options);

}  // namespace liaison::auditor
