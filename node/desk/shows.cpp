#include "node/desk/shows.h"

#include <nlohmann/json.hpp>

#include "casework/json/casework_json.h"
#include "node/desk/by_prefix.h"
#include "node/desk/records.h"
#include "web/json.h"
#include "wire/frame.h"

namespace liaison::node {
namespace {

using nlohmann::json;

json time_json(const std::optional<Instant>& at) {
  return at ? json(to_rfc3339(*at)) : json(nullptr);
}

/// The four steps of the referral's request; null at who received it.
json delivery_json(const std::vector<DeliveryStep>& steps) {
  if (steps.empty()) return nullptr;
  const auto& step = steps.front();
  return {{"recipient", step.recipient.text()},
          {"step", name_of_step(step)},
          {"queued_at", to_rfc3339(step.queued_at)},
          {"accepted_at", time_json(step.accepted_at)},
          {"stored_at", time_json(step.stored_at)},
          {"opened_at", time_json(step.opened_at)},
          {"refused", step.refused ? json(wire::name_of(*step.refused)) : json(nullptr)}};
}

void log_view(Engine& engine, Now now, const Caller& caller, const CaseId& id,
              const std::optional<ReferralId>& referral, const char* what) {
  record_viewing(engine.database_for_writing(), {now.wall, caller.name, id, referral, what});
}

Result<const casework::CaseView*> viewed(Engine& engine, Now now, const Caller& caller,
                                         const std::string& text, const char* what) {
  const auto id = find_case(engine, text);
  if (!id) return fail(id.error());
  log_view(engine, now, caller, *id, std::nullopt, what);
  return engine.case_view(*id);
}

}  // namespace

Result<CaseId> find_case(const Engine& engine, const std::string& text) {
  const auto found = by_prefix(engine.cases(), text);
  if (found.several)
    return fail(Reason::conflict,
                "more than one case begins with " + text + ": give more of the id");
  if (found.at != engine.cases().end()) return found.at->first;
  return fail(Reason::not_found,
              "there is no client or case of that id here: list them, and take the id from there");
}

Result<FoundReferral> find_referral(const Engine& engine, const std::string& text) {
  const auto found = by_prefix(engine.referrals(), text);
  if (found.several)
    return fail(Reason::conflict,
                "more than one referral begins with " + text + ": give more of the id");
  if (found.at != engine.referrals().end()) return FoundReferral{found.at->first, found.at->second};
  return fail(Reason::not_found, "there is no referral of that id here: referral list shows them");
}

std::string version_of(const casework::CaseView& view) {
  return std::to_string(view.core.history.size()) + "." + std::to_string(view.own.history.size());
}

std::string version_of(const casework::ReferralView& referral) {
  return std::to_string(referral.strand.last_number) + "." +
         std::to_string(referral.strand.history.size());
}

Result<Shown> show_referral(Engine& engine, Now now, const Caller& caller,
                            const std::string& text) {
  const auto found = find_referral(engine, text);
  if (!found) return fail(found.error());
  log_view(engine, now, caller, found->case_id, found->id, "referral");
  if (engine.role() == NodeRole::provider) {
    const auto opened = engine.opened(found->case_id, found->id, now);
    if (!opened) return fail(opened.error());
  }
  const auto delivery = delivery_json(engine.delivery_of(found->case_id, found->id));
  const auto view = engine.case_view(found->case_id);
  if (!view) return fail(view.error());
  const auto* referral = (*view)->referral(found->id);
  if (referral == nullptr)
    return fail(Reason::unavailable, "the referral is still arriving: look again in a moment");
  return Shown{web::to_text(casework::referral_json(**view, *referral, engine.self(), delivery)),
               version_of(*referral)};
}

Result<Shown> show_case(Engine& engine, Now now, const Caller& caller, const std::string& text) {
  const auto view = viewed(engine, now, caller, text, "case");
  if (!view) return fail(view.error());
  return Shown{web::to_text(casework::case_json(**view, engine.self())), version_of(**view)};
}

Result<Shown> show_client(Engine& engine, Now now, const Caller& caller, const std::string& text) {
  const auto view = viewed(engine, now, caller, text, "client");
  if (!view) return fail(view.error());
  return Shown{web::to_text(casework::client_json(**view, engine.self())), version_of(**view)};
}

Result<Shown> show_manager(Engine& engine, Now now, const Caller& caller, const std::string& text) {
  const auto view = viewed(engine, now, caller, text, "case");
  if (!view) return fail(view.error());
  return Shown{web::to_text(casework::manager_json(**view)), version_of(**view)};
}

}  // namespace liaison::node
