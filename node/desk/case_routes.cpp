#include <algorithm>
#include <nlohmann/json.hpp>

#include "casework/attachments.h"
#include "casework/json/casework_json.h"
#include "node/desk/records.h"
#include "node/desk/routes.h"
#include "node/desk/shows.h"
#include "node/shell/loop.h"
#include "web/download.h"
#include "web/json.h"
#include "web/problem.h"
#include "wire/frame.h"

namespace liaison::node {
namespace {

using nlohmann::json;
using web::Request;
using web::Response;

json referral_line(const wire::CaseSummary& summary, const wire::ReferralSummary& referral) {
  json out = {{"id", referral.id.text()},
              {"case", summary.id.text()},
              {"client", summary.known_as.empty() ? summary.name : summary.known_as},
              {"state", referral.state},
              {"progress", referral.progress.empty() ? json(nullptr) : json(referral.progress)},
              {"office", summary.lead_office.text()},
              {"provider", referral.provider.text()},
              {"service", referral.service},
              {"service_name", referral.service_name},
              {"worker", referral.worker.empty() ? json(nullptr) : json(referral.worker)},
              {"questions_open", referral.questions_open},
              {"withdrawal_requested", referral.withdrawal_asked},
              {"requested_at", to_rfc3339(referral.requested_at)},
              {"changed_at", to_rfc3339(referral.changed_at)}};
  out["due"] = referral.next_due ? json(to_text(referral.next_due->on)) : json(nullptr);
  return out;
}

Response list_referrals(Desk& desk, const Request& request, const Caller& caller) {
  const auto state = request.query_value("state");
  if (state) {
    const auto known = casework::parse_referral_state(*state);
    if (!known) return web::problem(known.error());
  }
  return desk.read([&](Engine& engine, Now now) -> Result<Shown> {
    record_viewing(engine.database_for_writing(),
                   {now.wall, caller.name, {}, std::nullopt, "list of referrals"});
    std::vector<std::pair<Instant, json>> found;
    for (const auto& [id, summary] : engine.cases()) {
      for (const auto& referral : summary.referrals) {
        if (state && referral.state != *state) continue;
        found.emplace_back(referral.changed_at, referral_line(summary, referral));
      }
    }
    std::stable_sort(found.begin(), found.end(),
                     [](const auto& a, const auto& b) { return a.first > b.first; });
    auto out = json::array();
    for (auto& [at, line] : found)
      out.push_back(std::move(line));
    return Shown{web::to_text(out), ""};
  });
}

Response show_one_referral(Desk& desk, const Request& request, const Caller& caller) {
  return desk.read([&](Engine& engine, Now now) {
    return show_referral(engine, now, caller, request.parameter("id"));
  });
}

Response list_cases(Desk& desk, const Request&, const Caller& caller) {
  return desk.read([&](Engine& engine, Now now) -> Result<Shown> {
    record_viewing(engine.database_for_writing(),
                   {now.wall, caller.name, {}, std::nullopt, "list of cases"});
    auto out = json::array();
    for (const auto& [id, summary] : engine.cases())
      out.push_back(casework::summary_json(summary));
    return Shown{web::to_text(out), ""};
  });
}

Response show_one_case(Desk& desk, const Request& request, const Caller& caller) {
  return desk.read([&](Engine& engine, Now now) {
    return show_case(engine, now, caller, request.parameter("id"));
  });
}

/// By digest, or by the first digits of it.
const wire::Attachment* find_attachment(const casework::ReferralView& referral,
                                        const std::string& text) {
  for (const auto& one : referral.attachments) {
    if (text.size() >= 6 && one.digest.text().compare(0, text.size(), text) == 0) return &one;
  }
  return nullptr;
}

Response download(Desk& desk, const Request& request, const Caller& caller) {
  Response out;
  std::string name;
  auto octets = desk.loop().call([&](Engine& engine, Now now) -> Result<Bytes> {
    const auto found = find_referral(engine, request.parameter("id"));
    if (!found) return fail(found.error());
    const auto view = engine.case_view(found->case_id);
    if (!view) return fail(view.error());
    const auto* referral = (*view)->referral(found->id);
    const auto* attachment =
        referral == nullptr ? nullptr : find_attachment(*referral, request.parameter("attachment"));
    if (attachment == nullptr)
      return fail(Reason::not_found,
                  "the referral has no attachment of that id: referral show lists them");
    out.content_type = casework::media_type_of(attachment->kind);
    name = casework::safe_name(*attachment);
    const auto digest = attachment->digest;
    record_viewing(engine.database_for_writing(),
                   {now.wall, caller.name, found->case_id, found->id, "attachment"});
    return engine.attachment(found->case_id, digest);
  });
  if (!octets) return web::problem(octets.error());
  out.body.assign(as_text(*octets));
  // Never opened by the browser as a page of ours.
  out.with_header("Content-Disposition", web::attachment_disposition(name));
  return out;
}

Response list_undelivered(Desk& desk, const Request&, const Caller&) {
  return desk.read([](Engine& engine, Now) -> Result<Shown> {
    auto out = json::array();
    for (const auto& one : engine.undelivered()) {
      out.push_back(
          {{"event", one.step.event.text()},
           {"case", one.case_id.text()},
           {"to", one.step.recipient.text()},
           {"kind", one.kind},
           {"queued_at", to_rfc3339(one.step.queued_at)},
           {"reason", one.step.refused ? json(wire::name_of(*one.step.refused)) : json(nullptr)},
           {"text",
            one.step.refused ? json(wire::sentence_for(*one.step.refused)) : json(nullptr)}});
    }
    return Shown{web::to_text(out), ""};
  });
}

}  // namespace

std::vector<DeskRoute> case_routes() {
  return {
      reads("/api/v1/referrals", casework_staff, "listReferrals",
            "Referrals, newest change first; `state` narrows", "Referrals", list_referrals),
      reads("/api/v1/referrals/{id}", casework_staff, "showReferral",
            "One referral; at its provider this counts as opened", "Referral", show_one_referral),
      reads("/api/v1/referrals/{id}/attachments/{attachment}", casework_staff, "downloadAttachment",
            "A document that came with a referral", "Octets", download),
      reads("/api/v1/cases", casework_staff, "listCases", "Cases that this node takes part in",
            "Cases", list_cases),
      reads("/api/v1/cases/{id}", casework_staff, "showCase", "What this node may see of one case",
            "Case", show_one_case),
      reads("/api/v1/undelivered", casework_staff, "listUndelivered",
            "What ended without being delivered, and why", "Undelivered", list_undelivered),
  };
}

}  // namespace liaison::node
