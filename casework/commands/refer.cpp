#include <algorithm>

#include "base/text.h"
#include "casework/attachments.h"
#include "casework/codes.h"
#include "casework/commands/common.h"
#include "casework/items.h"
#include "wire/events/limits.h"

// Requesting a referral: what is asked is complete, what goes has a basis, and it is not asked
// twice.

namespace liaison::casework {
namespace {

namespace ev = wire::events;

Result<void> check_input(const ReferralInput& input, const Service& service, ev::Route route) {
  if (auto need = require_text("need", input.need); !need) return need;
  if (route == ev::Route::formal && input.hoped_for.empty()) {
    return fail(Reason::malformed,
                "hoped_for: is empty; name at least one thing the client hopes for");
  }
  std::vector<std::string_view> asked;
  for (const IntakeRequirement& requirement : service.intake)
    asked.push_back(requirement.id);
  for (const ev::IntakeAnswer& answer : input.answers) {
    if (std::ranges::count(asked, answer.requirement) != 0) continue;
    std::string all;
    for (std::string_view id : asked)
      all += (all.empty() ? "" : ", ") + std::string(id);
    auto near = nearest(answer.requirement, asked);
    return fail(Reason::malformed, "answers." + shorten(answer.requirement) +
                                       ": the service does not ask for it; " +
                                       (!near.empty() ? "did you mean " + std::string(near) + "?"
                                        : all.empty() ? "it asks for nothing"
                                                      : "it asks for: " + all));
  }
  for (const IntakeRequirement& requirement : service.intake) {
    if (!requirement.required) continue;
    auto at = std::ranges::find(input.answers, requirement.id, &ev::IntakeAnswer::requirement);
    if (at == input.answers.end() || at->answer.empty()) {
      return fail(Reason::malformed, "answers." + requirement.id +
                                         ": is missing; the service needs it (" + requirement.text +
                                         ")");
    }
  }
  return {};
}

Result<void> check_not_twice(const CaseView& view, const Refer& command) {
  for (const ReferralView& referral : view.referrals) {
    bool same_key = !command.idempotency_key.empty() &&
                    referral.request.idempotency_key == command.idempotency_key;
    if (same_key) {
      return fail(Reason::conflict,
                  "this request was made already, as referral " + referral.id.text());
    }
    if (referral.id == command.id)
      return fail(Reason::conflict, "referral " + command.id.text() + " exists already");
    bool same_service = referral.provider == command.service.provider &&
                        referral.request.service == command.service.id;
    if (same_service && !is_final(referral.state)) {
      return fail(Reason::conflict, "the client has an open referral to this service already: " +
                                        referral.id.text() + " (" + name_of(referral.state) + ")");
    }
  }
  if (command.again_of) {
    auto earlier = find_referral(view, *command.again_of);
    if (!earlier) return fail(earlier.error());
    if (!is_final((*earlier)->state)) {
      return fail(Reason::conflict, "referral " + command.again_of->text() +
                                        " has not ended; it cannot be made again yet");
    }
  }
  return {};
}

/// The items that go, each on its basis: those recorded for that provider, then those the request
/// names, then, where neither does and the service is contracted, what a formal referral requires.
struct Shares {
  std::vector<wire::Item> items;
  std::vector<ev::Shared> newly;  ///< to be recorded in the core
};

Result<Shares> gather(const CaseView& view, const Actor& actor, const Refer& command, Instant now) {
  const Service& service = command.service;
  Shares out;
  auto add = [&](const std::string& item, const wire::Ground& ground) -> Result<void> {
    if (auto good = check_item(item, service.contracted, view.handling); !good) return good;
    std::erase_if(out.items, [&](const wire::Item& before) { return before.name == item; });
    auto values = values_for(*find_item(item), *view.client, &service);
    if (!values.empty()) out.items.push_back({item, std::move(values), ground});
    return {};
  };
  bool recorded = false;
  for (const ShareView& share : view.shares) {
    if (share.to != service.provider) continue;
    recorded = true;  // withdrawn, too: nothing goes by itself to whom the client had refused it
    if (!holds(share, now)) continue;
    // Recorded under another contract or handling: what may no longer go is left behind.
    if (!check_item(share.item, service.contracted, view.handling)) continue;
    if (auto added = add(share.item, *share.ground); !added) return fail(added.error());
  }
  for (const ItemsOnGround& share : command.input.share) {
    auto ground = check_ground(share.ground, actor, now);
    if (!ground) return fail(ground.error());
    for (const std::string& item : share.items) {
      if (auto added = add(item, *ground); !added) return fail(added.error());
    }
    out.newly.push_back({service.provider, share.items, *ground});
  }
  if (!recorded && command.input.share.empty() && service.contracted &&
      command.route == ev::Route::formal) {
    ev::Shared required{
        service.provider,
        {"name", "known_as", "phone", "email", "needs", "language", "communication"},
        {}};
    if (view.handling == Handling::safe_contact) {
      required.items = {"name", "known_as", "safe_contact", "needs", "language", "communication"};
    }
    required.ground.basis = Basis::required;
    required.ground.recorded_by = person_of(actor).name;
    required.ground.purpose = "referral to a contracted service";
    for (const std::string& item : required.items) {
      if (auto added = add(item, required.ground); !added) return fail(added.error());
    }
    out.newly.push_back(std::move(required));
  }
  bool named = std::ranges::any_of(out.items, [](const wire::Item& item) {
    return item.name == "name" || item.name == "known_as";
  });
  if (!named) {
    return fail(Reason::forbidden,
                "name: there is no basis for sharing it with " + service.provider.text() +
                    "; record one first (share CLIENT --to " + service.provider.text() +
                    " --basis agreed --items name,phone,needs) or give it under \"share\"");
  }
  return out;
}

/// What the listing says now, in words: kept with the request, whatever becomes of the listing.
std::string text_of(const Service& service) {
  std::string text = service.name + "\n" + service.description;
  auto line = [&text](const char* label, const std::string& value) {
    if (!value.empty()) text += std::string("\n") + label + ": " + value;
  };
  line("Who it is for", service.eligibility);
  line("Cost to the client", service.fees);
  line("How to refer", service.how_to_refer);
  line("Expected wait", service.expected_wait);
  line("Accessibility", service.accessibility);
  return cut(text, ev::listing_text_max);
}

ev::Requested request_of(const CaseView& view, const Actor& actor, const Refer& command,
                         std::vector<wire::Item> items, Instant now) {
  const Service& service = command.service;
  ev::Requested request;
  request.provider = service.provider;
  request.service = service.id;
  request.service_name = service.name;
  request.listing_version = service.version;
  request.listing_text = text_of(service);
  request.contracted = service.contracted;
  request.route = command.route;
  request.need = command.input.need;
  request.hoped_for = command.input.hoped_for;
  request.effects = command.input.effects;
  request.tried = command.input.tried;
  request.urgency = command.input.urgency;
  request.answers = command.input.answers;
  request.items = std::move(items);
  request.attachments = command.attachments;
  request.adviser = command.input.adviser;
  if (request.adviser.name.empty()) request.adviser.name = person_of(actor).name;
  request.case_manager = view.manager.holder;
  const Calendar& calendar = command.calendar != nullptr ? *command.calendar : england_and_wales();
  request.dues = dues_at_request(calendar, now, command.route, service);
  request.idempotency_key = command.idempotency_key;
  request.again_of = command.again_of;
  request.override_reason = command.input.override_reason;
  return request;
}

Result<void> check_target(const CaseView& view, const Refer& command) {
  const Service& service = command.service;
  if (service.closed)
    return fail(Reason::conflict, "service: " + service.name + " has closed; choose another");
  if (service.provider.empty() || service.provider == view.lead_office) {
    return fail(Reason::malformed, "service: is not published by a provider on the exchange");
  }
  if (command.route != ev::Route::formal && command.route != ev::Route::informal) {
    return fail(Reason::unsupported, "route: " + std::string(name_of(command.route)) +
                                         " sends nothing; use formal or informal");
  }
  return {};
}

}  // namespace

Drafts decide(const CaseView& view, const Actor& actor, const Refer& command, Instant now) {
  if (auto at = at_lead_office(view, actor); !at) return fail(at.error());
  if (auto has = has_record(view, actor); !has) return fail(has.error());
  if (auto good = check_target(view, command); !good) return fail(good.error());
  if (auto once = check_not_twice(view, command); !once) return fail(once.error());
  if (auto good = check_input(command.input, command.service, command.route); !good)
    return fail(good.error());
  if (auto good = check_attachments(command.attachments); !good) return fail(good.error());
  auto shares = gather(view, actor, command, now);
  if (!shares) return fail(shares.error());

  std::vector<Draft> drafts;
  std::uint32_t number = view.core.next_number();
  auto in_core = [&](wire::EventBody body) {
    drafts.push_back({view.core.strand, number++, std::nullopt, {}, std::move(body)});
  };
  if (!view.takes_part(command.service.provider)) {
    // Everyone in the case reads this: it names no service, for other referrals are not theirs to
    // see.
    in_core(ev::ParticipantJoined{{command.service.provider, "", command.service.organisation},
                                  command.service.organisation,
                                  "referral"});
  }
  for (ev::Shared& shared : shares->newly)
    in_core(std::move(shared));
  drafts.push_back({{StrandKind::referral, command.id},
                    0,
                    std::nullopt,
                    {},
                    request_of(view, actor, command, std::move(shares->items), now)});
  return checked(std::move(drafts));
}

Drafts decide(const CaseView& view, const Actor& actor, const SaveDraft& command, Instant now) {
  if (auto at = at_lead_office(view, actor); !at) return fail(at.error());
  if (view.referral(command.refer.id) != nullptr)
    return fail(Reason::conflict, "the referral has been sent already");
  return checked(decision(
      view.own,
      ev::ReferralDrafted{command.refer.id, request_of(view, actor, command.refer, {}, now)}));
}

const ReferralView* referral_by_key(const CaseView& view, std::string_view idempotency_key) {
  if (idempotency_key.empty()) return nullptr;
  for (const ReferralView& referral : view.referrals) {
    if (referral.request.idempotency_key == idempotency_key) return &referral;
  }
  return nullptr;
}

}  // namespace liaison::casework
