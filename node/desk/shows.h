#pragma once

#include <string>

#include "node/desk/desk.h"

/// What the desk shows of cases and referrals, at both kinds of node. Each view of a client's
/// record is written down (records.h).
namespace liaison::node {

/// One referral; at its provider, being shown is what *opened* means.
Result<Shown> show_referral(Engine& engine, Now now, const Caller& caller, const std::string& id);
Result<Shown> show_case(Engine& engine, Now now, const Caller& caller, const std::string& id);
Result<Shown> show_client(Engine& engine, Now now, const Caller& caller, const std::string& id);
Result<Shown> show_manager(Engine& engine, Now now, const Caller& caller, const std::string& id);

/// The case of `text`, an id or the only one that begins so; not_found names what lists them.
Result<CaseId> find_case(const Engine& engine, const std::string& text);
/// The referral of `text` and its case, likewise.
struct FoundReferral {
  ReferralId id;
  CaseId case_id;
};
Result<FoundReferral> find_referral(const Engine& engine, const std::string& text);

/// Versions for ETag: they change with every event.
std::string version_of(const casework::CaseView& view);
std::string version_of(const casework::ReferralView& referral);

/// Decides a command of casework in a referral's case, as `caller`, if what they saw is what there
/// is; the referral's id.
template <class Command>
Result<std::string> act_on_referral(Engine& engine, Now now, const Caller& caller,
                                    const web::Request& request, Command command,
                                    const std::vector<NewAttachment>& attachments = {}) {
  const auto found = find_referral(engine, request.parameter("id"));
  if (!found) return fail(found.error());
  command.referral = found->id;
  const auto actor = caller.at(engine.self());
  const auto done = engine.act(
      found->case_id, actor,
      [&](const casework::CaseView& view) -> Result<std::vector<casework::Draft>> {
        const auto* referral = view.referral(found->id);
        if (referral != nullptr) {
          const auto same = check_version(request, version_of(*referral));
          if (!same) return fail(same.error());
        }
        return decide(view, actor, command, now.wall);
      },
      now, attachments);
  if (!done) return fail(done.error());
  return found->id.text();
}

/// Likewise in a case; the case's id.
template <class Command>
Result<std::string> act_on_case(Engine& engine, Now now, const Caller& caller,
                                const web::Request& request, const Command& command) {
  const auto id = find_case(engine, request.parameter("id"));
  if (!id) return fail(id.error());
  const auto actor = caller.at(engine.self());
  const auto done = engine.act(
      *id, actor,
      [&](const casework::CaseView& view) -> Result<std::vector<casework::Draft>> {
        const auto same = check_version(request, version_of(view));
        if (!same) return fail(same.error());
        return decide(view, actor, command, now.wall);
      },
      now);
  if (!done) return fail(done.error());
  return id->text();
}

}  // namespace liaison::node
