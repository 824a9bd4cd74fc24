#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>

#include "casework/commands.h"
#include "casework/directory.h"
#include "wire/case_summary.h"

/// The casework's JSON: what commands read and print (snake_case keys, RFC 3339 times). Input is
/// read strictly: an unknown field is an error that names the nearest known one; every error names
/// the field and the remedy.
namespace liaison::casework {

/// client.json of `client add` and `client edit`. `handling` of the file is put in `handling`.
Result<OpenCase> parse_client(std::string_view json);
/// Fields of client.json laid over `before`; a field set to null is cleared.
Result<wire::events::ClientRecord> parse_client_changes(std::string_view json,
                                                        const wire::events::ClientRecord& before);
/// referral.json of `refer`.
Result<ReferralInput> parse_referral(std::string_view json);
/// The exit report of `complete` and `end`: JSON, or plain text (then all of it is what_was_done).
Result<wire::events::ExitReport> parse_exit_report(std::string_view json_or_text);

nlohmann::json json_of(const wire::events::ClientRecord& client);
/// `client show`: the record with id, handling, case manager, shares and referrals in short; with
/// `record_lost`, true, if `self` must be given the record again.
nlohmann::json client_json(const CaseView& view, const NodeId& self);
/// `case show`: what this node may see of the case.
nlohmann::json case_json(const CaseView& view, const NodeId& self);
/// `referral show`; `delivery` is the caller's (the four steps of each letter), put in as it is.
nlohmann::json referral_json(const CaseView& view, const ReferralView& referral, const NodeId& self,
                             const nlohmann::json& delivery);
nlohmann::json history_json(const StrandView& strand);
nlohmann::json manager_json(const CaseView& view);
nlohmann::json summary_json(const wire::CaseSummary& summary);
nlohmann::json service_json(const Service& service, Instant now);

/// One service as Open Referral UK 3.0 JSON with what Liaison adds under "liaison". Checks the
/// fields the standard requires and our limits; malformed and too_large name the field by its path.
Result<Service> parse_service(std::string_view json);

}  // namespace liaison::casework
