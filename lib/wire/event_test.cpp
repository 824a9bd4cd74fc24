#include "wire/event.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "wire/case_summary.h"
#include "wire/limits.h"
#include "wire/mark.h"

using namespace liaison;
using namespace liaison::wire;

namespace {

constexpr Date day = std::chrono::year(2026) / 5 / 6;

NodeId node(const char* id) {
  return NodeId::parse(id).value();
}

Event event(EventBody body) {
  Event out;
  out.id.octets[0] = 1;
  out.case_id.octets[1] = 2;
  out.strand.kind = StrandKind::referral;
  out.strand.id.octets[2] = 3;
  out.author = node("able-futures");
  out.strand.id = marked(out.strand.id, out.author);
  out.id = marked(out.id, out.author);
  out.incarnation = 4;
  out.user = "rosa";
  out.user_name = "Rosa Finch";
  out.user_role = UserRole::caseworker;
  out.at = from_ms(1'790'000'000'123);
  out.answers.emplace().octets[4] = 5;
  out.number = 6;
  out.cites.resize(2);
  out.cites[1].octets[5] = 7;
  out.body = std::move(body);
  return out;
}

const Person person{node("jcp-leeds"), "ann", "Ann Lee"};
const Ground ground{Basis::agreed, "Ann Lee", "in person", "the referral",
                    day,           "none",    "M. Shaw",   false};
const Item item{"needs", {"pain", "sleep"}, ground};
const Due due{Standard::progress, day, true};
const events::Meeting meeting{from_ms(1'790'000'100'000), "Seacroft", "Rosa", "ground floor"};

Attachment attachment() {
  return {"cv.pdf", AttachmentKind::docx, 700, Digest{}, 400, {Digest{}, Digest{}}};
}

events::ClientRecord client() {
  events::ClientRecord out;
  out.given_name = "Maud";
  out.family_name = "Quill";
  out.known_as = "Mo";
  out.date_of_birth = day;
  out.national_insurance_number = "QQ123456C";
  out.phone = "07700 900123";
  out.email = "mo@example.org";
  out.address = {"1 High Street", "Leeds"};
  out.postcode = "LS1 4AP";
  out.needs = {"pain"};
  out.needs_text = "and more";
  out.language = "cy";
  out.communication = {"bsl"};
  out.caring = "two children";
  out.travel = "bus";
  out.permitted_work = "16 hours";
  out.preferred_times = "mornings";
  out.safe_contact = events::SafeContact{"her sister", "after six", true};
  out.acts_for = events::ActsFor{"Jo", "appointee", "benefits", "01632 960001", day};
  return out;
}

events::Requested request() {
  events::Requested out;
  out.provider = node("able-futures");
  out.service = "cmp";
  out.service_name = "Condition Management";
  out.listing_version = 3;
  out.listing_text = "Helps with pain";
  out.contracted = true;
  out.route = events::Route::informal;
  out.need = "pain";
  out.hoped_for = {"sleep better", "work"};
  out.effects = "cannot stand long";
  out.tried = "tablets";
  out.urgency = events::Urgency::soon;
  out.answers = {{"gp", "Dr Moss"}};
  out.items = {item};
  out.attachments = {attachment()};
  out.adviser = {"Ann Lee", "Leeds", "0113", "ann@example.org"};
  out.case_manager = person;
  out.dues = {due};
  out.idempotency_key = "key";
  out.again_of.emplace().octets[0] = 9;
  out.override_reason = "nearer";
  return out;
}

events::ExitReport report() {
  return {{{"work", events::Hope::partly}},
          {{events::OutcomeCode::volunteering, day, "shop"}},
          "sessions",
          "rest",
          true};
}

std::vector<EventBody> one_of_each() {
  using namespace events;
  return {CaseOpened{person, 1, Handling::safe_contact},
          ParticipantJoined{person, "Able", "referral"},
          ParticipantLeft{node("able-futures"), "done"},
          ManagerAllocated{person, "why"},
          ManagerProposed{person, "why"},
          ManagerAccepted{},
          ManagerDeclined{"full"},
          Shared{node("able-futures"), {"name", "phone"}, ground},
          SharingWithdrawn{node("able-futures"), {"phone"}, "asked"},
          HandlingChanged{Handling::safe_contact},
          CaseClosed{"work"},
          LeadMoved{node("jcp-bradford"), 2, person},
          ClientRecorded{client()},
          ClientEdited{client(), {"phone"}},
          ReferralDrafted{ReferralId{}, request()},
          NoteWritten{"rang"},
          request(),
          Received{},
          Acknowledged{"seen"},
          Asked{"stairs?"},
          Answered{"yes"},
          DetailsGiven{{item, item}},
          AttachmentAdded{attachment()},
          Taken{},
          Refused{Refusal::finished, "over"},
          Waiting{day, "list"},
          Accepted{person, "0113", meeting, day, "welcome"},
          Accepted{person, "", std::nullopt, std::nullopt, ""},
          WorkerNamed{person, "0113"},
          Declined{DeclineReason::out_of_area, "far", "thrive"},
          Started{day, "came", {due}},
          Progressed{Progress::event_unattended, meeting, NotAttended::forgot, true, "note", {due}},
          PauseRequested{"ill", day},
          Paused{"ill", std::nullopt},
          ResumeRequested{"well"},
          Resumed{"well"},
          Completed{report()},
          EndedEarly{EndReason::died, "", std::nullopt},
          EndedEarly{EndReason::illness, "long", report()},
          WithdrawalRequested{WithdrawnBy::client, "moved"},
          Withdrawn{"ok"},
          ErrorClaimed{"wrong client"},
          EnteredInError{},
          DeciderTakenOver{4, "revoked"}};
}

}  // namespace

TEST_CASE("an event of every kind is read as it was written", "[wire]") {
  std::vector<bool> seen(std::variant_size_v<EventBody>);
  for (EventBody& body : one_of_each()) {
    Event before = event(body);
    auto after = decode_event(encode(before));
    INFO(name_of(body));
    REQUIRE(after.has_value());
    CHECK(*after == before);
    seen[body.index()] = true;
  }
  for (std::size_t kind = 1; kind < seen.size(); ++kind)
    CHECK(seen[kind]);
}

TEST_CASE("an event of every kind is shown with all that it says", "[wire]") {
  for (EventBody& body : one_of_each()) {
    const Event before = event(body);
    const auto text = json_of_event(encode(before));
    INFO(name_of(body));
    REQUIRE(text);
    const auto shown = nlohmann::json::parse(*text);
    CHECK(shown.at("id") == before.id.text());
    CHECK(shown.at("case") == before.case_id.text());
    CHECK(shown.at("author") == before.author.text());
    CHECK(shown.at("at") == to_rfc3339(before.at));
    CHECK(shown.at("number") == before.number);
    // One kind, by its name: case_opened is caseOpened.
    REQUIRE(shown.at("body").size() == 1);
    std::string kind;
    for (const char c : shown.at("body").begin().key())
      kind += c >= 'A' && c <= 'Z' ? std::string{'_', static_cast<char>(c + 32)} : std::string{c};
    CHECK(kind == name_of(body));
  }
  const auto asked = json_of_event(encode(event(events::Asked{"what \"hurts\""})));
  CHECK(nlohmann::json::parse(*asked)["body"]["asked"]["text"] == "what \"hurts\"");
  CHECK_FALSE(json_of_event(Bytes(64)));
  CHECK_FALSE(json_of_event(Bytes(event_bytes_max + 8)));
}

TEST_CASE("an event of the core has no strand id, one of a referral has", "[wire]") {
  Event core = event(events::Taken{});
  core.strand.kind = StrandKind::core;
  CHECK_FALSE(decode_event(encode(core)).has_value());
  core.strand.id = {};
  CHECK(decode_event(encode(core)).value() == core);
  core.strand.kind = StrandKind::referral;
  CHECK_FALSE(decode_event(encode(core)).has_value());
}

TEST_CASE("nobody speaks under an id that is another's", "[wire]") {
  Event forged = event(events::Taken{});
  forged.author = node("hope-house");
  CHECK(decode_event(encode(forged)).error().text == "event: id that is not its author's");
  Event request = event(events::Requested{});
  request.strand.id = marked(request.strand.id, node("hope-house"));
  CHECK(decode_event(encode(request)).error().text == "event: id of a referral that another made");
  // The published test value of FNV-1a, 64 bit, for "foobar".
  CHECK(to_hex(mark_of(node("foobar"))) == "85944171f73967e8");
}

TEST_CASE("a value that a later version added makes the event one of an unknown kind", "[wire]") {
  Event later = event(events::Declined{static_cast<events::DeclineReason>(99), "", ""});
  auto read = decode_event(encode(later));
  REQUIRE(read.has_value());
  CHECK(std::holds_alternative<events::Unknown>(read->body));
  CHECK(read->number == later.number);
}

TEST_CASE("an event over a limit is refused", "[wire]") {
  auto reason = [](EventBody body) {
    return decode_event(encode(event(std::move(body)))).error().reason;
  };
  CHECK(reason(events::Asked{std::string(8193, 'x')}) == Reason::too_large);
  CHECK(reason(events::Shared{node("able-futures"), std::vector<std::string>(65, "x"), ground}) ==
        Reason::too_large);
  CHECK(reason(events::Asked{"\xff"}) == Reason::malformed);
  auto nameless = attachment();
  nameless.name = "../cv.pdf";
  CHECK(reason(events::AttachmentAdded{nameless}) == Reason::malformed);
  auto short_of_parts = attachment();
  short_of_parts.parts.pop_back();
  CHECK(reason(events::AttachmentAdded{short_of_parts}) == Reason::malformed);
  CHECK(decode_event(Bytes(event_bytes_max + 8)).error().reason == Reason::too_large);
}

TEST_CASE("what an event's signature covers begins with its purpose", "[wire]") {
  CHECK(as_text(signed_bytes_of_event(as_bytes("body"))) == "liaison eventbody");
}

TEST_CASE("a case summary is read as it was written", "[wire]") {
  CaseSummary summary;
  summary.id.octets[3] = 1;
  summary.lead_office = node("jcp-leeds");
  summary.open = false;
  summary.whole = false;
  summary.handling = Handling::safe_contact;
  summary.name = "Maud Quill";
  summary.known_as = "Mo";
  summary.date_of_birth = day;
  summary.needs = {"pain"};
  summary.lead_adviser = person;
  summary.case_manager = person;
  summary.opened_at = from_ms(5);
  summary.changed_at = from_ms(6);
  summary.referrals.resize(2);
  summary.referrals[0] = {
      StrandId{}, "received", "waiting",  node("able-futures"), "cmp", "CMP", "Rosa",
      "pain",     due,        from_ms(1), from_ms(2),           3,     true};
  summary.not_applied = 1;
  CHECK(decode_case_summary(encode(summary)).value() == summary);
}
