#include "casework/json/casework_json.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "casework/testing/story.h"

using namespace liaison;
using namespace liaison::casework;
using namespace liaison::casework::testing;
using nlohmann::json;
namespace ev = wire::events;

namespace {

std::string client_error(const char* text) {
  auto result = parse_client(text);
  return result ? std::string() : result.error().text;
}
std::string referral_error(const char* text) {
  auto result = parse_referral(text);
  return result ? std::string() : result.error().text;
}
std::string service_error(const json& service) {
  auto result = parse_service(service.dump());
  return result ? std::string() : result.error().text;
}

/// An invented service, as a provider publishes it.
json a_service() {
  return json::parse(R"({
    "id": "5d0a1f6e-3c52-4f0e-9d8b-0f6f5c2a7b11",
    "name": "Aire Valley Condition Management",
    "status": "active",
    "description": "Living with pain, low mood and poor sleep: a group of eight weeks.",
    "url": "https://aire-valley.example/cmp",
    "email": "desk@aire-valley.example",
    "minimum_age": 16,
    "assured_date": "2026-04-01",
    "organization": {"id": "8a1c7f0a-52a1-4d57-8a53-55c6fb6f0a01", "name": "Aire Valley",
      "description": "Invented"},
    "service_at_locations": [{"id": "1", "location": {"id": "2", "location_type": "physical",
      "name": "Seacroft Centre",
      "latitude": 53.8226, "longitude": -1.4606,
      "addresses": [{"id": "3", "address_1": "1 Canal Row", "city": "Leeds",
      "state_province": "West Yorkshire",
                     "postal_code": "LS14 6JD", "country": "GB", "address_type": "physical"}],
      "accessibility": [{"id": "4", "description": "step-free"}]}}],
    "contacts": [{"id": "5", "name": "R. Finch", "title": "Coordinator", "phones": [{"id": "6",
      "number": "01632 960002"}]}],
    "schedules": [{"id": "7", "byday": "TU", "opens_at": "10:00", "closes_at": "12:00",
      "description": "group"}],
    "liaison": {"kind": "condition management", "contracted": true, "needs": ["pain",
      "Low mood or anxiety"],
      "intake": ["GP name", {"id": "effects", "text": "Effects on daily life", "required": true}],
      "capacity": {"places_free": 4, "places_total": 12, "expected_wait": "starts 12 May"},
      "reply_time_days": 2, "how_to_refer": "here"}
  })");
}

}  // namespace

TEST_CASE("a client's record is read whole", "[casework]") {
  auto command = parse_client(
      R"({"given_name": " Maud ", "family_name": "Quill", "date_of_birth": "1969-04-12",
    "national_insurance_number": "qq 12 34 56 c", "phone": "07700 900123",
      "email": "mo@example.org",
    "address": ["1 Canal Row", "Leeds"], "postcode": "ls14ap", "needs": ["pain", "steam trains"],
      "language": "en",
    "handling": "ordinary"})");
  REQUIRE(command);
  CHECK(command->client.given_name == "Maud");
  CHECK(command->client.date_of_birth == std::chrono::year(1969) / 4 / 12);
  CHECK(command->client.national_insurance_number == "QQ123456C");
  CHECK(command->client.postcode == "LS1 4AP");
  CHECK(command->client.needs == std::vector<std::string>{"pain"});
  CHECK(command->client.needs_text == "steam trains");
}

TEST_CASE("an error in a client's record names the field and the remedy", "[casework]") {
  CHECK(client_error(R"({"date_of_birth": "1969-02-30"})") ==
        "date_of_birth: \"1969-02-30\" is not a date; write it as 2026-05-06");
  CHECK(client_error(R"({"given_name": "A", "given_name": "B"})") ==
        "given_name: is given twice; keep the one that holds");
  CHECK(client_error(R"({"safe_contact": {"times": "a", "times": "b"}})") ==
        "times: is given twice; keep the one that holds");
  CHECK(client_error(R"({"given_name": "A\u0007"})") ==
        "given_name: holds a character that is not text (U+0007); it takes one line of text");
  CHECK(client_error(R"({"family_name": "two\nlines"})").find("(U+000A)") != std::string::npos);
  CHECK(client_error(R"({"needs_text": "a\u202eb"})") ==
        "needs_text: holds a character that is not text (U+202E); it takes text");
  CHECK(client_error(R"({"given_name": "A", "language": "xx"})").find("language: \"xx\" is not") ==
        0);
  CHECK(client_error("{\"given_name\": \"\xff\"}") == "the client's record: is not UTF-8");
  CHECK(client_error(R"({"given_name": 7})") == "given_name: must be text");
  CHECK(client_error(R"({"given_nane": "Maud"})") ==
        "given_nane: is not a known field; did you mean given_name?");
  CHECK(client_error(R"({"x": 1})").find("x: is not a known field; the fields are given_name, ") ==
        0);
  CHECK(client_error(R"({"phone": 7})") == "phone: must be text");
  CHECK(client_error(R"({"phone": "none"})") ==
        "phone: is not a telephone number; write it as 01632 960001");
  CHECK(client_error(R"({"postcode": "Leeds"})") ==
        "postcode: is not a postcode; write it as LS1 4AP");
  CHECK(client_error(R"({"national_insurance_number": "QQ123456X"})")
            .find("national_insurance_number: is not one;") == 0);
  CHECK(client_error(R"({"email": "maud"})") ==
        "email: is not an e-mail address; write it as name@example.org");
  CHECK(client_error(R"({"safe_contact": {"chanel": "x"}})") ==
        "safe_contact.chanel: is not a known field; did you mean channel?");
  CHECK(client_error(R"({"handling": "secret"})") ==
        "handling: \"secret\" is none of ordinary, safe_contact");
  CHECK(client_error("[]") == "the file: must be an object, { ... }");
  CHECK(client_error("{") == "the client's record: is not JSON; check commas, quotes and brackets");
  CHECK(client_error(R"({"given_name": "a\u0000b"})").find("given_name: holds a character") == 0);
  CHECK(client_error(("{\"given_name\": \"" + std::string(201, 'x') + "\"}").c_str()) ==
        "given_name: has 201 octets; at most 200 are taken");
  std::string deep = "{\"needs\":" + std::string(100000, '[') + "}";
  CHECK_FALSE(parse_client(deep));
}

TEST_CASE("changes are laid over the record, and null clears", "[casework]") {
  auto changed =
      parse_client_changes(R"({"phone": null, "known_as": "Maudie", "id": "any"})", client());
  REQUIRE(changed);
  auto expected = client();
  expected.phone.clear();
  expected.known_as = "Maudie";
  CHECK(*changed == expected);
  auto same = parse_client_changes(json_of(client()).dump(), client());
  REQUIRE(same);
  CHECK(*same == client());
}

TEST_CASE("a referral is read whole", "[casework]") {
  auto input =
      parse_referral(R"({"need": "help with pain", "hoped_for": ["sleep better"], "urgency": "soon",
    "answers": {"GP name": "Dr Moss", "effects": true}, "effects": "stairs",
    "share": [{"items": ["name", "phone"], "basis": "agreed", "how": "in person",
      "until": "2026-12-31"}]})");
  REQUIRE(input);
  CHECK(input->urgency == ev::Urgency::soon);
  CHECK(input->answers ==
        std::vector<ev::IntakeAnswer>{{"gp_name", "Dr Moss"}, {"effects", "yes"}});
  REQUIRE(input->share.size() == 1);
  CHECK(input->share[0].ground.basis == Basis::agreed);
  CHECK(input->share[0].ground.until == std::chrono::year(2026) / 12 / 31);
}

TEST_CASE("an item without a basis is refused by name", "[casework]") {
  CHECK(referral_error(R"({"share": [{"items": ["phone"]}]})") ==
        "share[0].basis: is missing; nothing is shared without one (phone and what goes with it): "
        "say required, agreed or safety");
  CHECK(referral_error(R"({"items": ["phone"]})")
            .find("items: has no basis; put it under \"share\"") == 0);
  CHECK(referral_error(R"({"urgency": "now"})") ==
        "urgency: \"now\" is none of routine, soon, urgent");
  CHECK(referral_error(R"({"answers": {"gp": []}})") ==
        "answers.gp: must be text, a number, true or false");
  CHECK(referral_error(R"({"hopes": []})") ==
        "hopes: is not a known field; the fields are need, hoped_for, effects, tried, urgency, "
        "answers, share, override_reason, adviser");
}

TEST_CASE("an exit report is JSON or plain words", "[casework]") {
  auto words = parse_exit_report("Eight sessions.\n");
  REQUIRE(words);
  CHECK(words->what_was_done == "Eight sessions.");
  auto full = parse_exit_report(R"({"hopes": [{"hoped_for": "sleep better", "result": "achieved"}],
    "outcomes": ["volunteering", {"code": "work under 16 hours", "on": "2026-06-01"}],
      "what_next": "rest", "client_saw_it": true})");
  REQUIRE(full);
  CHECK(full->outcomes[1].code == ev::OutcomeCode::work_under_16_hours);
  CHECK(parse_exit_report(R"({"hopes": {"sleep better": "partly"}})")->hopes[0].result ==
        ev::Hope::partly);
  CHECK(parse_exit_report(R"({"outcomes": ["fame"]})")
            .error()
            .text.find("outcomes[0]: is none of work_16_hours") == 0);
}

TEST_CASE("an Open Referral UK service is read, with what Liaison adds", "[casework]") {
  auto service = parse_service(a_service().dump());
  REQUIRE(service);
  CHECK(service->organisation == "Aire Valley");
  CHECK(service->contracted);
  CHECK(service->needs == std::vector<std::string>{"pain", "low mood or anxiety"});
  CHECK(service->intake ==
        std::vector<IntakeRequirement>{{"gp_name", "GP name", false},
                                       {"effects", "Effects on daily life", true}});
  CHECK(service->places[0].latitude == 53.8226);
  CHECK(service->places[0].address == "1 Canal Row, Leeds");
  CHECK(service->contacts[0].phone == "01632 960002");
  CHECK(service->schedules[0] == "TU 10:00-12:00: group");
  CHECK(service->places_free == 4);
  CHECK(service->expected_wait == "starts 12 May");
  CHECK(service->assured == std::chrono::year(2026) / 4 / 1);
  json shown = service_json(*service, noon(6));
  CHECK(shown["stale"] == false);
  CHECK(shown["intake"][1]["required"] == true);
}

TEST_CASE("what the standard requires is required, by its path", "[casework]") {
  auto broken = [](const char* pointer, const json& value) {
    json service = a_service();
    service[json::json_pointer(pointer)] = value;
    return service_error(service);
  };
  CHECK(broken("/id", "cmp") == "id: is not a UUID, which Open Referral UK requires");
  CHECK(broken("/name", "") == "name: is missing; Open Referral UK requires it");
  CHECK(broken("/status", "open") ==
        "status: is none of active, inactive, defunct, temporarily closed");
  CHECK(broken("/minimum_age", "16") == "minimum_age: must be a number");
  CHECK(broken("/maximum_age", 12) == "minimum_age: is above maximum_age");
  CHECK(broken("/organization/name", nullptr) ==
        "organization.name: is missing; Open Referral UK requires it");
  CHECK(broken("/contacts/0/phones/0/number", 7) == "contacts[0].phones[0].number: must be text");
  CHECK(broken("/contacts", json::object()) == "contacts: must be a list, [ ... ]");
  CHECK(broken("/liaison/contracted", "yes") == "liaison.contracted: must be true or false");
  CHECK(broken("/liaison/capacity/places_free", 1.5) ==
        "liaison.capacity.places_free: must be a whole number from 0 to 100000");
  CHECK(broken("/liaison/contraced", true) ==
        "liaison.contraced: is not a known field; did you mean contracted?");
  CHECK(broken("/anything_else", 1).empty());
  CHECK_FALSE(parse_service(std::string(200 * 1024, ' ')));
}

TEST_CASE("a referral shows the same state and actions on both sides, each its own", "[casework]") {
  Story story;
  auto office = story.office.view();
  auto provider = story.provider.view();
  json delivery = json::array({{{"step", "stored"}}});
  json at_office = referral_json(office, office.referrals[0], story.office.actor.node, delivery);
  json at_provider =
      referral_json(provider, provider.referrals[0], story.provider.actor.node, nullptr);
  CHECK(at_office["state"] == "received");
  CHECK(at_office["state"] == at_provider["state"]);
  CHECK(at_office["delivery"] == delivery);
  CHECK(at_office["case_manager"]["name"] == "Ann Lee");
  CHECK(at_provider["client"]["name"] == "Maud Quill");
  CHECK(at_provider["allowed_actions"] ==
        json({"acknowledge", "ask", "wait", "accept", "decline"}));
  CHECK(at_provider["outcome"].is_null());
  CHECK(at_provider["next_due"]["on"] == "2026-05-08");
  CHECK(at_provider["history"].size() == 2);
  CHECK(at_provider["history"][0]["kind"] == "requested");
  CHECK(at_provider["history"][1]["kind"] == "received");
  CHECK(at_provider.dump().find("Canal Row") == std::string::npos);
}

TEST_CASE("who said two things under one number is shown, with both", "[casework]") {
  Story story;
  CHECK(case_json(story.office.view(), story.office.actor.node)["contradictions"].empty());
  const wire::StrandRef strand{StrandKind::referral, referral_id()};
  const auto first = story.provider.say({strand, 2, {}, {}, ev::Acknowledged{}});
  const auto second = story.provider.say({strand, 2, {}, {}, ev::Declined{}});
  story.exchange();
  const auto view = story.office.view();
  const auto& self = story.office.actor.node;
  const json shown = referral_json(view, view.referrals[0], self, nullptr)["contradictions"];
  REQUIRE(shown.size() == 1);
  CHECK(shown[0]["strand"] == referral_id().text());
  CHECK(shown[0]["number"] == 2);
  CHECK(shown[0]["by"] == "able-futures");
  CHECK(shown[0]["stands"] == first.id.text());
  CHECK(shown[0]["other"] == second.id.text());
  CHECK(case_json(view, self)["contradictions"] == shown);
}

TEST_CASE("a case shows a provider what is shared with it, and not what others get", "[casework]") {
  Story story;
  wire::Ground agreed;
  agreed.basis = Basis::agreed;
  REQUIRE(story.office.act(Share{node("hope-house"), false, {"email"}, agreed}));
  story.exchange();
  json office = case_json(story.office.view(), story.office.actor.node);
  json provider = case_json(story.provider.view(), story.provider.actor.node);
  CHECK(office.dump().find("hope-house") != std::string::npos);
  CHECK(provider.dump().find("hope-house") == std::string::npos);
  CHECK(provider["case_manager"]["name"] == "Ann Lee");
  CHECK(client_json(story.office.view(), node("jcp-leeds"))["postcode"] == "LS1 4AP");
  CHECK_FALSE(client_json(story.office.view(), node("jcp-leeds")).contains("record_lost"));
  // The same events without the office's own strand are what a restored office is given back.
  CHECK(client_json(story.provider.view(), node("jcp-leeds"))["record_lost"] == true);
  CHECK_FALSE(client_json(story.provider.view(), node("able-futures")).contains("record_lost"));
  CHECK(manager_json(story.office.view())["history"].size() == 1);
}
