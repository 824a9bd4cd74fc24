#include <array>

#include "casework/commands/common.h"

// Opening a case and keeping the client's record.

namespace liaison::casework {
namespace {

namespace ev = wire::events;
using ev::ClientRecord;

/// One field of the record as an edit compares it.
struct Field {
  const char* name;
  bool (*same)(const ClientRecord&, const ClientRecord&);
};
template <auto Member>
bool same(const ClientRecord& a, const ClientRecord& b) {
  return a.*Member == b.*Member;
}
constexpr std::array fields{
    Field{"given_name", same<&ClientRecord::given_name>},
    Field{"family_name", same<&ClientRecord::family_name>},
    Field{"known_as", same<&ClientRecord::known_as>},
    Field{"date_of_birth", same<&ClientRecord::date_of_birth>},
    Field{"national_insurance_number", same<&ClientRecord::national_insurance_number>},
    Field{"phone", same<&ClientRecord::phone>},
    Field{"email", same<&ClientRecord::email>},
    Field{"address", same<&ClientRecord::address>},
    Field{"postcode", same<&ClientRecord::postcode>},
    Field{"needs", same<&ClientRecord::needs>},
    Field{"needs_text", same<&ClientRecord::needs_text>},
    Field{"language", same<&ClientRecord::language>},
    Field{"communication", same<&ClientRecord::communication>},
    Field{"caring", same<&ClientRecord::caring>},
    Field{"travel", same<&ClientRecord::travel>},
    Field{"permitted_work", same<&ClientRecord::permitted_work>},
    Field{"preferred_times", same<&ClientRecord::preferred_times>},
    Field{"safe_contact", same<&ClientRecord::safe_contact>},
    Field{"acts_for", same<&ClientRecord::acts_for>},
};

/// No one to be referred is unborn, or older than anyone has become (122 years).
Result<void> check_birth(const ClientRecord& client, Instant now) {
  constexpr int age_max = 123;
  if (!client.date_of_birth) return {};
  const Date born = *client.date_of_birth;
  const Date today{std::chrono::floor<std::chrono::days>(now)};
  if (born > today)
    return fail(Reason::malformed, "date_of_birth: " + to_text(born) +
                                       " is in the future; write the day of birth as 1969-04-12");
  if (born + std::chrono::years(age_max) < today)
    return fail(Reason::malformed, "date_of_birth: " + to_text(born) + " is over " +
                                       std::to_string(age_max) +
                                       " years ago; write the day of birth as 1969-04-12");
  return {};
}

/// Under safe contact nothing that tells where or how to find the client is in any event.
Result<void> check_record(const ClientRecord& client, Handling handling) {
  if (client.given_name.empty() && client.family_name.empty() && client.known_as.empty()) {
    return fail(Reason::malformed, "given_name: is missing; give a name, or known_as");
  }
  if (handling == Handling::ordinary) return {};
  auto hidden = [](const char* field) {
    return fail(Reason::forbidden,
                std::string(field) + ": is not recorded under safe contact; leave it out");
  };
  if (!client.phone.empty()) return hidden("phone");
  if (!client.email.empty()) return hidden("email");
  if (!client.address.empty()) return hidden("address");
  if (!client.postcode.empty()) return hidden("postcode");
  if (!client.travel.empty()) return hidden("travel");
  if (!client.safe_contact || client.safe_contact->channel.empty()) {
    return fail(Reason::malformed,
                "safe_contact: is missing; say through whom or what the client can be reached");
  }
  return {};
}

}  // namespace

Drafts decide(const CaseView& view, const Actor& actor, const OpenCase& command, Instant now) {
  if (auto may = may_do_casework(actor); !may) return fail(may.error());
  if (actor.role == UserRole::caseworker || actor.role == UserRole::practitioner) {
    return fail(Reason::forbidden,
                "a case is opened at an office, by an adviser, a specialist or a manager");
  }
  if (view.opened) return fail(Reason::conflict, "the case is open already");
  if (auto good = check_birth(command.client, now); !good) return fail(good.error());
  if (auto good = check_record(command.client, command.handling); !good) return fail(good.error());
  std::vector<Draft> drafts;
  drafts.push_back({{StrandKind::core, {}},
                    1,
                    std::nullopt,
                    {},
                    ev::CaseOpened{person_of(actor), 1, command.handling}});
  drafts.push_back(
      {{StrandKind::own, {}}, 1, std::nullopt, {}, ev::ClientRecorded{command.client}});
  return checked(std::move(drafts));
}

Drafts decide(const CaseView& view, const Actor& actor, const EditClient& command, Instant now) {
  if (auto at = at_lead_office(view, actor); !at) return fail(at.error());
  // A record that was kept with such a date can be changed in other ways all the same.
  if (!view.client || view.client->date_of_birth != command.client.date_of_birth)
    if (auto good = check_birth(command.client, now); !good) return fail(good.error());
  if (auto good = check_record(command.client, view.handling); !good) return fail(good.error());
  ev::ClientEdited edited{command.client, {}};
  for (const Field& field : fields) {
    if (!view.client || !field.same(*view.client, command.client))
      edited.changed.emplace_back(field.name);
  }
  if (edited.changed.empty()) return std::vector<Draft>{};
  if (!view.client) return checked(decision(view.own, ev::ClientRecorded{command.client}));
  return checked(decision(view.own, std::move(edited)));
}

Drafts decide(const CaseView& view, const Actor& actor, const ChangeHandling& command, Instant) {
  if (auto at = at_lead_office(view, actor); !at) return fail(at.error());
  if (command.handling == view.handling) return std::vector<Draft>{};
  std::vector<Draft> drafts{decision(view.core, ev::HandlingChanged{command.handling})};
  if (command.handling == Handling::safe_contact && view.client) {
    ClientRecord client = *view.client;
    client.phone.clear();
    client.email.clear();
    client.address.clear();
    client.postcode.clear();
    client.travel.clear();
    if (auto good = check_record(client, command.handling); !good) return fail(good.error());
    ev::ClientEdited edited{client, {}};
    for (const Field& field : fields) {
      if (!field.same(*view.client, client)) edited.changed.emplace_back(field.name);
    }
    if (!edited.changed.empty()) drafts.push_back(decision(view.own, std::move(edited)));
  }
  return checked(std::move(drafts));
}

Drafts decide(const CaseView& view, const Actor& actor, const WriteNote& command, Instant) {
  if (auto at = at_lead_office(view, actor); !at) return fail(at.error());
  if (auto text = require_text("text", command.text); !text) return fail(text.error());
  return checked(decision(view.own, ev::NoteWritten{command.text}));
}

Drafts decide(const CaseView& view, const Actor& actor, const CloseCase& command, Instant) {
  if (auto at = at_lead_office(view, actor); !at) return fail(at.error());
  for (const ReferralView& referral : view.referrals) {
    if (is_final(referral.state)) continue;
    return fail(Reason::conflict, "referral " + referral.id.text() + " is still " +
                                      name_of(referral.state) +
                                      "; withdraw it first, or wait until it has ended");
  }
  return checked(decision(view.core, ev::CaseClosed{command.reason}));
}

}  // namespace liaison::casework
