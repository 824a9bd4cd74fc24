#include "casework/items.h"

#include <algorithm>
#include <array>

#include "casework/codes.h"
#include "casework/needs.h"
#include "wire/events/limits.h"

namespace liaison::casework {
namespace {

using Record = wire::events::ClientRecord;
using Values = std::vector<std::string>;

Values one(const std::string& text) {
  return text.empty() ? Values{} : Values{text};
}

Values name(const Record& client) {
  if (client.given_name.empty() || client.family_name.empty())
    return one(client.given_name + client.family_name);
  return {client.given_name + " " + client.family_name};
}
Values needs_of(const Record& client) {
  Values values = client.needs;
  if (!client.needs_text.empty()) values.push_back(client.needs_text);
  return values;
}
Values safe_contact(const Record& client) {
  if (!client.safe_contact) return {};
  const auto& safe = *client.safe_contact;
  return {safe.channel, safe.times,
          safe.may_leave_message ? "a message may be left" : "leave no message"};
}
Values acts_for(const Record& client) {
  if (!client.acts_for) return {};
  const auto& acts = *client.acts_for;
  return {acts.name, acts.capacity, acts.powers, acts.contact,
          acts.until ? "until " + to_text(*acts.until) : ""};
}
Values nothing(const Record&) {
  return {};
}

constexpr std::array rules{
    ItemRule{"name", Reach::anyone, false, name},
    ItemRule{"known_as", Reach::anyone, false,
             [](const Record& client) { return one(client.known_as); }},
    ItemRule{"date_of_birth", Reach::anyone, false,
             [](const Record& client) {
               return client.date_of_birth ? Values{to_text(*client.date_of_birth)} : Values{};
             }},
    ItemRule{"national_insurance_number", Reach::contracted, false,
             [](const Record& client) { return one(client.national_insurance_number); }},
    ItemRule{"phone", Reach::anyone, true, [](const Record& client) { return one(client.phone); }},
    ItemRule{"email", Reach::anyone, true, [](const Record& client) { return one(client.email); }},
    ItemRule{"address", Reach::anyone, true, [](const Record& client) { return client.address; }},
    ItemRule{"postcode", Reach::anyone, true,
             [](const Record& client) { return one(client.postcode); }},
    ItemRule{"needs", Reach::anyone, false, needs_of},
    ItemRule{"language", Reach::anyone, false,
             [](const Record& client) { return one(client.language); }},
    ItemRule{"communication", Reach::anyone, false,
             [](const Record& client) { return client.communication; }},
    ItemRule{"caring", Reach::anyone, false,
             [](const Record& client) { return one(client.caring); }},
    ItemRule{"travel", Reach::anyone, true,
             [](const Record& client) { return one(client.travel); }},
    ItemRule{"permitted_work", Reach::anyone, false,
             [](const Record& client) { return one(client.permitted_work); }},
    ItemRule{"preferred_times", Reach::anyone, false,
             [](const Record& client) { return one(client.preferred_times); }},
    ItemRule{"safe_contact", Reach::anyone, false, safe_contact},
    ItemRule{"acts_for", Reach::anyone, false, acts_for},
    ItemRule{"benefit_amounts", Reach::nobody, false, nothing},
    ItemRule{"criminal_history", Reach::nobody, false, nothing},
};

std::string names() {
  std::string out;
  for (const ItemRule& rule : rules) {
    if (rule.reach != Reach::nobody) out += (out.empty() ? "" : ", ") + std::string(rule.name);
  }
  return out;
}

/// "abuse at home" as an intake requirement would call it: "abuse_at_home".
bool intake_asks_for(const Service& service, std::string_view need) {
  std::string id(need);
  std::ranges::replace(id, ' ', '_');
  return std::ranges::any_of(service.intake,
                             [&](const IntakeRequirement& asked) { return asked.id == id; });
}

}  // namespace

std::span<const ItemRule> item_rules() {
  return rules;
}

const ItemRule* find_item(std::string_view wanted) {
  const auto* at = std::ranges::find(rules, wanted, &ItemRule::name);
  return at == rules.end() ? nullptr : at;
}

Result<void> check_item(std::string_view item, bool contracted, Handling handling) {
  const ItemRule* rule = find_item(item);
  std::string name = shorten(item);
  if (rule == nullptr)
    return fail(Reason::malformed,
                "items: there is no item \"" + name + "\"; there are: " + names());
  if (rule->reach == Reach::nobody)
    return fail(Reason::forbidden, name + ": is shared with nobody; leave it out");
  if (rule->reach == Reach::contracted && !contracted) {
    return fail(Reason::forbidden, name + ": goes to contracted services only; leave it out");
  }
  if (rule->tells_place && handling == Handling::safe_contact) {
    return fail(Reason::forbidden,
                name + ": this client is reached by safe contact only; share safe_contact instead");
  }
  return {};
}

Result<wire::Ground> check_ground(wire::Ground ground, const Actor& actor, Instant now) {
  if (ground.recorded_by.empty())
    ground.recorded_by = actor.display_name.empty() ? actor.user : actor.display_name;
  switch (ground.basis) {
    case Basis::required:
      return ground;
    case Basis::agreed:
      if (ground.until &&
          std::chrono::sys_days(*ground.until) < std::chrono::floor<std::chrono::days>(now)) {
        return fail(Reason::malformed,
                    "until: " + to_text(*ground.until) + " has passed; give a later day or none");
      }
      return ground;
    case Basis::safety:
      if (ground.reason.empty()) {
        return fail(Reason::malformed,
                    "reason: sharing on the basis of safety needs a reason; give one");
      }
      if (ground.decided_by.empty() && actor.role == UserRole::manager)
        ground.decided_by = ground.recorded_by;
      if (ground.decided_by.empty()) {
        return fail(Reason::malformed,
                    "decided_by: a manager decides on sharing for safety; name the manager");
      }
      return ground;
  }
  return fail(Reason::malformed, "basis: is none of " + codes_of<wire::Basis>());
}

bool holds(const ShareView& share, Instant now) {
  if (share.ended) return false;
  return !share.ground->until ||
         std::chrono::sys_days(*share.ground->until) + std::chrono::days(1) > now;
}

std::vector<std::string> values_for(const ItemRule& rule, const Record& client,
                                    const Service* service) {
  Values values = rule.values(client);
  if (rule.name == "needs") {
    std::erase_if(values, [service](const std::string& value) {
      const Need* need = find_need(value);
      return need != nullptr && need->guarded &&
             (service == nullptr || !intake_asks_for(*service, need->name));
    });
  }
  if (values.size() > wire::events::item_values_max) values.resize(wire::events::item_values_max);
  return values;
}

}  // namespace liaison::casework
