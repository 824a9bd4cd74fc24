#include <algorithm>

#include "casework/codes.h"
#include "casework/json/casework_json.h"
#include "casework/json/reader.h"
#include "casework/language.h"
#include "casework/needs.h"

// client.json: what `client add` and `client edit` read.

namespace liaison::casework {
namespace {

using wire::events::ClientRecord;
namespace limit = wire::events;

constexpr std::size_t client_json_max = 64 * 1024;

bool is_letter(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
char upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

std::string compact(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c != ' ' && c != '-') out += upper(c);
  }
  return out;
}

/// Two letters, six digits, A to D.
void check_national_insurance_number(Reader& reader, std::string& number) {
  if (number.empty()) return;
  std::string given = compact(number);
  bool good = given.size() == 9 && is_letter(given[0]) && is_letter(given[1]) &&
              std::all_of(given.begin() + 2, given.begin() + 8, is_digit) && given[8] >= 'A' &&
              given[8] <= 'D';
  if (!good)
    return reader.complain("national_insurance_number",
                           "is not one; it has two letters, six digits and a letter from A to D");
  number = given;
}

/// Outward code of 2 to 4, inward code of a digit and two letters; kept with one space between.
void check_postcode(Reader& reader, std::string& postcode) {
  if (postcode.empty()) return;
  std::string given = compact(postcode);
  bool good = given.size() >= 5 && given.size() <= 7 && is_letter(given[0]) &&
              std::ranges::all_of(given, [](char c) { return is_letter(c) || is_digit(c); }) &&
              std::any_of(given.begin() + 1, given.end() - 3, is_digit) &&
              is_digit(given[given.size() - 3]) && is_letter(given[given.size() - 2]) &&
              is_letter(given[given.size() - 1]);
  if (!good) return reader.complain("postcode", "is not a postcode; write it as LS1 4AP");
  postcode = given.substr(0, given.size() - 3) + " " + given.substr(given.size() - 3);
}

void check_reachable(Reader& reader, const ClientRecord& client) {
  if (!client.phone.empty() && std::ranges::count_if(client.phone, is_digit) < 3) {
    reader.complain("phone", "is not a telephone number; write it as 01632 960001");
  }
  auto at = client.email.find('@');
  if (!client.email.empty() &&
      (at == 0 || at == std::string::npos || at + 1 == client.email.size())) {
    reader.complain("email", "is not an e-mail address; write it as name@example.org");
  }
  if (!client.language.empty() && !is_language(client.language))
    reader.complain("language", "\"" + client.language +
                                    "\" is not a known language; write its code of ISO 639, such "
                                    "as en, cy or ur (British Sign Language: bfi)");
}

/// Needs of the controlled list under their own names; what is not on it is kept as free text.
void sort_needs(ClientRecord& client) {
  std::vector<std::string> known;
  for (const std::string& given : client.needs) {
    if (const Need* need = find_need(given)) {
      if (std::ranges::count(known, need->name) == 0) known.emplace_back(need->name);
    } else if (client.needs_text.find(given) == std::string::npos) {
      client.needs_text += (client.needs_text.empty() ? "" : "; ") + given;
    }
  }
  client.needs = std::move(known);
}

void read_safe_contact(Reader& reader, ClientRecord& client) {
  const Json* value = reader.find("safe_contact");
  if (value == nullptr) return;
  Reader safe(*value, "safe_contact.", reader.error());
  safe.only({"channel", "times", "may_leave_message"});
  client.safe_contact.emplace();
  safe.text("channel", client.safe_contact->channel);
  safe.text("times", client.safe_contact->times);
  safe.flag("may_leave_message", client.safe_contact->may_leave_message);
}

void read_acts_for(Reader& reader, ClientRecord& client) {
  const Json* value = reader.find("acts_for");
  if (value == nullptr) return;
  Reader acts(*value, "acts_for.", reader.error());
  acts.only({"name", "capacity", "powers", "contact", "until"});
  client.acts_for.emplace();
  acts.text("name", client.acts_for->name);
  acts.text("capacity", client.acts_for->capacity);
  acts.text("powers", client.acts_for->powers);
  acts.text("contact", client.acts_for->contact);
  acts.date("until", client.acts_for->until);
}

void read_client(Reader& reader, ClientRecord& client) {
  reader.only({"given_name",
               "family_name",
               "known_as",
               "date_of_birth",
               "national_insurance_number",
               "phone",
               "email",
               "address",
               "postcode",
               "needs",
               "needs_text",
               "language",
               "communication",
               "caring",
               "travel",
               "permitted_work",
               "preferred_times",
               "safe_contact",
               "acts_for",
               "handling"},
              // What `client show` adds, so that its output can be edited and read back.
              {"id", "case", "lead_office", "lead_adviser", "case_manager", "opened_at",
               "closed_at", "shares", "referrals", "record_lost"});
  reader.text("given_name", client.given_name);
  reader.text("family_name", client.family_name);
  reader.text("known_as", client.known_as);
  reader.date("date_of_birth", client.date_of_birth);
  if (client.date_of_birth && int(client.date_of_birth->year()) < 1900) {
    reader.complain("date_of_birth", "is before 1900; write it as 1969-04-12");
  }
  reader.text("national_insurance_number", client.national_insurance_number);
  reader.text("phone", client.phone);
  reader.text("email", client.email);
  reader.texts("address", client.address, limit::address_lines_max);
  reader.text("postcode", client.postcode);
  reader.texts("needs", client.needs);
  reader.text("needs_text", client.needs_text, limit::text_max);
  reader.text("language", client.language);
  reader.texts("communication", client.communication);
  reader.text("caring", client.caring, limit::text_max);
  reader.text("travel", client.travel, limit::text_max);
  reader.text("permitted_work", client.permitted_work, limit::text_max);
  reader.text("preferred_times", client.preferred_times, limit::text_max);
  read_safe_contact(reader, client);
  read_acts_for(reader, client);
  check_national_insurance_number(reader, client.national_insurance_number);
  check_postcode(reader, client.postcode);
  check_reachable(reader, client);
  sort_needs(client);
}

}  // namespace

Result<OpenCase> parse_client(std::string_view text) {
  auto json = parse_json(text, client_json_max, "the client's record");
  if (!json) return fail(json.error());
  OpenCase command;
  std::optional<Error> error;
  Reader reader(*json, "", error);
  read_client(reader, command.client);
  reader.code("handling", command.handling, &parse<wire::Handling>);
  if (error) return fail(*error);
  return command;
}

Result<ClientRecord> parse_client_changes(std::string_view text, const ClientRecord& before) {
  auto json = parse_json(text, client_json_max, "the client's record");
  if (!json) return fail(json.error());
  std::optional<Error> error;
  Reader reader(*json, "", error);
  if (error) return fail(*error);
  // null clears a field: it starts from what a new record has.
  ClientRecord client = before;
  const ClientRecord fresh;
  auto cleared = [&](const char* name) {
    auto at = json->find(name);
    return at != json->end() && at->is_null();
  };
  if (cleared("given_name")) client.given_name.clear();
  if (cleared("family_name")) client.family_name.clear();
  if (cleared("known_as")) client.known_as.clear();
  if (cleared("date_of_birth")) client.date_of_birth.reset();
  if (cleared("national_insurance_number")) client.national_insurance_number.clear();
  if (cleared("phone")) client.phone.clear();
  if (cleared("email")) client.email.clear();
  if (cleared("address")) client.address.clear();
  if (cleared("postcode")) client.postcode.clear();
  if (cleared("needs")) client.needs.clear();
  if (cleared("needs_text")) client.needs_text.clear();
  if (cleared("language")) client.language = fresh.language;
  if (cleared("communication")) client.communication.clear();
  if (cleared("caring")) client.caring.clear();
  if (cleared("travel")) client.travel.clear();
  if (cleared("permitted_work")) client.permitted_work.clear();
  if (cleared("preferred_times")) client.preferred_times.clear();
  if (cleared("safe_contact")) client.safe_contact.reset();
  if (cleared("acts_for")) client.acts_for.reset();
  read_client(reader, client);
  if (error) return fail(*error);
  return client;
}

}  // namespace liaison::casework
