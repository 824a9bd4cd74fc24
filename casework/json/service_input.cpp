#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "casework/codes.h"
#include "casework/json/casework_json.h"
#include "casework/json/reader.h"
#include "casework/needs.h"
#include "casework/text.h"
#include "wire/limits.h"

// One service of Open Referral UK 3.0 (Human Services Data Specification 3, UK profile), with what
// Liaison adds under "liaison". What the standard requires is required; other fields are free.

namespace liaison::casework {
namespace {

namespace limit = wire::events;

constexpr std::size_t list_max = 200;

/// 8-4-4-4-12 hexadecimal digits (RFC 9562).
bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
    bool digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    if (hyphen ? c != '-' : !digit) return false;
  }
  return true;
}

void require_text(Reader& reader, const char* name, const std::string& text) {
  if (text.empty()) reader.complain(name, "is missing; Open Referral UK requires it");
}

/// Calls `read` with a Reader for each object of a list.
template <class Read>
void each(Reader& reader, const char* name, Read read) {
  const Json* entries = reader.list(name, list_max);
  if (entries == nullptr) return;
  for (std::size_t i = 0; i < entries->size() && reader.good(); ++i) {
    Reader entry((*entries)[i], reader.path_of(name) + "[" + std::to_string(i) + "].",
                 reader.error());
    if (reader.good()) read(entry);
  }
}

void read_ages(Reader& reader, Service& out) {
  std::optional<double> least;
  std::optional<double> most;
  reader.number("minimum_age", least);
  reader.number("maximum_age", most);
  auto age = [](double years) { return static_cast<int>(std::clamp(years, 0.0, 150.0)); };
  if (least) out.minimum_age = age(*least);
  if (most) out.maximum_age = age(*most);
  if (out.minimum_age && out.maximum_age && *out.minimum_age > *out.maximum_age) {
    reader.complain("minimum_age", "is above maximum_age");
  }
}

void read_place(Reader& location, Service& out) {
  ServicePlace place;
  std::string type;
  location.text("location_type", type);
  require_text(location, "location_type", type);
  location.text("name", place.name, limit::text_max);
  std::optional<double> latitude;
  std::optional<double> longitude;
  location.number("latitude", latitude);
  location.number("longitude", longitude);
  // A position off the globe, as in the standard's own example, is no position.
  if (latitude && longitude && std::abs(*latitude) <= 90 && std::abs(*longitude) <= 180) {
    place.latitude = latitude;
    place.longitude = longitude;
  }
  each(location, "addresses", [&](Reader& address) {
    std::string line;
    for (const char* part : {"address_1", "address_2", "city", "region"}) {
      std::string text;
      address.text(part, text, limit::text_max);
      if (!text.empty()) line += (line.empty() ? "" : ", ") + text;
    }
    std::string postcode;
    address.text("postal_code", postcode);
    if (place.address.empty()) {
      place.address = line;
      place.postcode = postcode;
    }
  });
  each(location, "accessibility", [&](Reader& accessibility) {
    std::string text;
    accessibility.text("description", text, limit::text_max);
    if (!text.empty()) out.accessibility += (out.accessibility.empty() ? "" : "; ") + text;
  });
  out.places.push_back(std::move(place));
}

void read_contact(Reader& contact, Service& out) {
  ServiceContact one;
  contact.text("name", one.name);
  contact.text("title", one.role);
  contact.text("email", one.email);
  each(contact, "phones", [&](Reader& phone) {
    std::string number;
    phone.text("number", number);
    require_text(phone, "number", number);
    if (one.phone.empty()) one.phone = number;
  });
  out.contacts.push_back(std::move(one));
}

void read_schedule(Reader& schedule, Service& out) {
  std::string days;
  std::string opens;
  std::string closes;
  std::string words;
  schedule.text("byday", days);
  schedule.text("opens_at", opens);
  schedule.text("closes_at", closes);
  schedule.text("description", words, limit::text_max);
  std::string line = days;
  if (!opens.empty())
    line += (line.empty() ? "" : " ") + shorten(opens, 5) +
            (closes.empty() ? "" : "-" + shorten(closes, 5));
  if (!words.empty()) line += (line.empty() ? "" : ": ") + words;
  if (!line.empty()) out.schedules.push_back(std::move(line));
}

void read_lists(Reader& reader, Service& out) {
  each(reader, "service_at_locations", [&](Reader& at) {
    const Json* value = at.find("location");
    if (value == nullptr) return;
    Reader location(*value, at.path_of("location."), reader.error());
    if (reader.good()) read_place(location, out);
  });
  each(reader, "contacts", [&](Reader& contact) { read_contact(contact, out); });
  each(reader, "schedules", [&](Reader& schedule) { read_schedule(schedule, out); });
  each(reader, "service_areas", [&](Reader& area) {
    std::string name;
    area.text("name", name, limit::text_max);
    if (!name.empty()) out.areas.push_back(std::move(name));
  });
  each(reader, "languages", [&](Reader& language) {
    std::string name;
    language.text("name", name);
    if (name.empty()) language.text("code", name);
    if (!name.empty()) out.languages.push_back(std::move(name));
  });
  each(reader, "attributes", [&](Reader& attribute) {
    const Json* value = attribute.find("taxonomy_term");
    if (value == nullptr) return;
    Reader term(*value, attribute.path_of("taxonomy_term."), reader.error());
    std::string name;
    term.text("name", name);
    if (!name.empty()) out.terms.push_back(std::move(name));
  });
  each(reader, "cost_options", [&](Reader& cost) {
    std::string words;
    cost.text("amount_description", words, limit::text_max);
    if (!words.empty()) out.fees += (out.fees.empty() ? "" : "; ") + words;
  });
}

void read_intake(Reader& liaison, Service& out) {
  const Json* intake = liaison.list("intake", limit::list_max);
  if (intake == nullptr) return;
  for (std::size_t i = 0; i < intake->size() && liaison.good(); ++i) {
    IntakeRequirement asked;
    std::string name = "intake[" + std::to_string(i) + "]";
    if ((*intake)[i].is_string()) {
      asked.text = (*intake)[i].get<std::string>();
    } else {
      Reader entry((*intake)[i], liaison.path_of(name.c_str()) + ".", liaison.error());
      if (!liaison.good()) return;
      entry.no_slips({"id", "text", "required"});
      entry.text("id", asked.id);
      entry.text("text", asked.text);
      entry.flag("required", asked.required);
    }
    asked.id = slug(asked.id.empty() ? asked.text : asked.id);
    if (asked.text.empty()) asked.text = asked.id;
    if (const auto unfit = unfit_character(asked.text, Lines::one); !unfit.empty())
      return liaison.complain(name.c_str(), "holds a character that is not text (" + unfit + ")");
    if (asked.id.empty() || asked.text.size() > limit::line_max) {
      return liaison.complain(name.c_str(), "must say what is asked, in at most 200 octets");
    }
    if (std::ranges::count(out.intake, asked.id, &IntakeRequirement::id) != 0) {
      return liaison.complain(name.c_str(), "asks for " + asked.id + " a second time");
    }
    out.intake.push_back(std::move(asked));
  }
}

void read_liaison(Reader& reader, Service& out) {
  const Json* value = reader.find("liaison");
  if (value == nullptr) return;
  Reader liaison(*value, "liaison.", reader.error());
  if (!reader.good()) return;
  liaison.no_slips({"needs", "needs_text", "kind", "contracted", "intake", "how_to_refer",
                    "how_to_complain", "reply_time_days", "capacity", "review_interval_days",
                    "closing_date", "eligibility", "last_confirmed"});
  liaison.texts("needs", out.needs);
  for (std::string& need : out.needs) {
    if (const Need* known = find_need(need)) need = std::string(known->name);
  }
  liaison.text("needs_text", out.needs_text, limit::text_max);
  liaison.text("kind", out.kind);
  liaison.flag("contracted", out.contracted);
  liaison.text("eligibility", out.eligibility, limit::text_max);
  liaison.text("how_to_refer", out.how_to_refer, limit::text_max);
  liaison.text("how_to_complain", out.how_to_complain, limit::text_max);
  liaison.whole("reply_time_days", out.reply_time_days, 1, 60);
  liaison.date("closing_date", out.closing_date);
  liaison.date("last_confirmed", out.assured);
  std::optional<int> interval;
  liaison.whole("review_interval_days", interval, 1, 366);
  if (interval) out.review_interval_days = *interval;
  read_intake(liaison, out);
  if (const Json* held = liaison.find("capacity")) {
    Reader capacity(*held, "liaison.capacity.", reader.error());
    if (!reader.good()) return;
    capacity.no_slips({"places_free", "places_total", "expected_wait"});
    capacity.whole("places_free", out.places_free, 0, 100000);
    capacity.whole("places_total", out.places_total, 0, 100000);
    capacity.text("expected_wait", out.expected_wait);
  }
}

void read_organisation(Reader& reader, Service& out) {
  const Json* value = reader.find("organization");
  if (value == nullptr) return;
  Reader organisation(*value, "organization.", reader.error());
  if (!reader.good()) return;
  organisation.text("name", out.organisation);
  require_text(organisation, "name", out.organisation);
}

}  // namespace

Result<Service> parse_service(std::string_view text) {
  auto json = parse_json(text, wire::listing_text_max, "the service");
  if (!json) return fail(json.error());
  Service out;
  std::optional<Error> error;
  Reader reader(*json, "", error);
  if (error) return fail(*error);
  reader.text("id", out.id);
  require_text(reader, "id", out.id);
  if (reader.good() && !is_uuid(out.id))
    reader.complain("id", "is not a UUID, which Open Referral UK requires");
  reader.text("name", out.name);
  require_text(reader, "name", out.name);
  reader.text("status", out.status);
  require_text(reader, "status", out.status);
  constexpr std::string_view statuses[] = {"active", "inactive", "defunct", "temporarily closed"};
  if (reader.good() && std::ranges::count(statuses, out.status) == 0) {
    reader.complain("status", "is none of active, inactive, defunct, temporarily closed");
  }
  out.closed = out.status == "inactive" || out.status == "defunct";
  reader.text("description", out.description, 32 * 1024);
  reader.text("url", out.url, 2048);
  reader.text("email", out.email);
  reader.text("fees", out.fees, limit::text_max);
  // The standard does not say how it is written; what is a date is used.
  std::string assured;
  reader.text("assured_date", assured);
  if (auto date = parse_date(assured.substr(0, 10))) out.assured = *date;
  read_ages(reader, out);
  read_organisation(reader, out);
  read_lists(reader, out);
  read_liaison(reader, out);
  if (error) return fail(*error);
  return out;
}

}  // namespace liaison::casework
