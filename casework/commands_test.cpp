#include "casework/commands.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>

#include "casework/attachments.h"
#include "casework/directory.h"
#include "casework/testing/story.h"

using namespace liaison;
using namespace liaison::casework;
using namespace liaison::casework::testing;
namespace ev = wire::events;
using S = ReferralState;

namespace {

const wire::StrandRef core{StrandKind::core, {}};
const wire::StrandRef own{StrandKind::own, {}};

std::string refusal(const Result<std::vector<wire::Event>>& result) {
  return result ? std::string() : result.error().text;
}

Party office_with_case(Handling handling = Handling::ordinary) {
  Party office("jcp-leeds", UserRole::adviser, "Ann Lee");
  auto record = client();
  if (handling == Handling::safe_contact) {
    record.phone.clear();
    record.address.clear();
    record.postcode.clear();
    record.safe_contact = ev::SafeContact{"her sister", "after six", false};
  }
  REQUIRE(office.act(OpenCase{record, handling}));
  return office;
}

const wire::Item* item(const std::vector<wire::Item>& items, std::string_view name) {
  for (const wire::Item& one : items) {
    if (one.name == name) return &one;
  }
  return nullptr;
}

ev::Requested requested(const std::vector<wire::Event>& said) {
  return std::get<ev::Requested>(said.back().body);
}

}  // namespace

TEST_CASE(
    "opening a case says who leads it in the core, and who the client is in the office's own "
    "record",
    "[casework]") {
  CaseFile empty(the_case());
  Actor ann{node("jcp-leeds"), "ann", UserRole::adviser, "Ann Lee"};
  auto unborn = client();
  unborn.date_of_birth = std::chrono::year(2026) / 5 / 7;
  CHECK(decide(empty.fold(), ann, OpenCase{unborn, Handling::ordinary}, noon(6)).error().text ==
        "date_of_birth: 2026-05-07 is in the future; write the day of birth as 1969-04-12");
  unborn.date_of_birth = std::chrono::year(1901) / 1 / 1;
  CHECK_FALSE(decide(empty.fold(), ann, OpenCase{unborn, Handling::ordinary}, noon(6)));
  Drafts drafts = decide(empty.fold(), ann, OpenCase{client(), Handling::ordinary}, noon(6));
  REQUIRE(drafts);
  CHECK(*drafts ==
        std::vector<Draft>{
            {core,
             1,
             {},
             {},
             ev::CaseOpened{{node("jcp-leeds"), "ann", "Ann Lee"}, 1, Handling::ordinary}},
            {own, 1, {}, {}, ev::ClientRecorded{client()}}});
}

TEST_CASE("an administrator, and a provider's people, open no case", "[casework]") {
  CaseFile empty(the_case());
  for (UserRole role : {UserRole::administrator, UserRole::caseworker, UserRole::none}) {
    Actor actor{node("jcp-leeds"), "ann", role, "Ann"};
    CHECK(decide(empty.fold(), actor, OpenCase{client(), Handling::ordinary}, noon(6))
              .error()
              .reason == Reason::forbidden);
  }
}

TEST_CASE(
    "a formal referral to a contracted service: joined, shared as required, requested, in one "
    "decision",
    "[casework]") {
  Party office = office_with_case();
  auto drafts = decide(office.view(), office.actor, refer(), noon(6));
  REQUIRE(drafts);
  REQUIRE(drafts->size() == 3);
  wire::Ground required{
      Basis::required, "Ann Lee", "", "referral to a contracted service", {}, "", "", true};
  CHECK((*drafts)[0] ==
        Draft{core,
              2,
              {},
              {},
              ev::ParticipantJoined{
                  {node("able-futures"), "", "Aire Valley"}, "Aire Valley", "referral"}});
  CHECK((*drafts)[1] == Draft{core,
                              3,
                              {},
                              {},
                              ev::Shared{node("able-futures"),
                                         {"name", "known_as", "phone", "email", "needs", "language",
                                          "communication"},
                                         required}});
  CHECK((*drafts)[2].strand == wire::StrandRef{StrandKind::referral, referral_id()});
  CHECK((*drafts)[2].number == 0);
  const auto& request = std::get<ev::Requested>((*drafts)[2].body);
  CHECK(request.items ==
        std::vector<wire::Item>{{"name", {"Maud Quill"}, required},
                                {"known_as", {"Mo"}, required},
                                {"phone", {"07700 900123"}, required},
                                {"needs", {"pain"}, required},  // not "abuse at home"
                                {"language", {"en"}, required}});
  // Wednesday 6 May 2026: two working days on is Friday; fifteen pass the bank holiday of 25 May.
  CHECK(request.dues ==
        std::vector<wire::Due>{
            {wire::Standard::acknowledged, std::chrono::year(2026) / 5 / 8, false},
            {wire::Standard::meeting_offered, std::chrono::year(2026) / 5 / 28, false},
            {wire::Standard::meeting_attended, std::chrono::year(2026) / 5 / 28, false},
            {wire::Standard::started_or_outcome, std::chrono::year(2026) / 5 / 28, false}});
  CHECK(request.case_manager.name == "Ann Lee");
  CHECK(request.adviser.name == "Ann Lee");
}

TEST_CASE("a record that was lost with the disk is given again, and nothing is sent before",
          "[casework]") {
  Story story;
  // What the provider gives back to an office whose backup is older than the case.
  Party restored("jcp-leeds", UserRole::adviser, "Ann Lee");
  restored.incarnation = 2;
  for (const auto& [id, event] : story.provider.file.events())
    restored.file.add(*event);
  REQUIRE(record_lost(restored.view(), restored.actor.node));
  const std::string lost =
      "the client's record was lost with this office's disk: give it again with client edit";
  CHECK(refusal(restored.act(refer(2))) == lost);
  const Share share{node("able-futures"), true, {"name"}, {}};
  CHECK(refusal(restored.act(share)) == lost);
  CHECK(refusal(restored.act(GiveDetails{referral_id(), {"name"}})) == lost);

  REQUIRE(restored.act(EditClient{client()}));
  CHECK(restored.view().client == client());
  CHECK_FALSE(record_lost(restored.view(), restored.actor.node));
  const auto shared = restored.act(share);
  REQUIRE(shared);
  CHECK(shared->size() == 2);  // the basis, and the name to the open referral
  // At a provider the record is not lost: it was never there.
  CHECK_FALSE(record_lost(story.provider.view(), story.provider.actor.node));
}

TEST_CASE("without a basis nothing goes to a service that is not contracted", "[casework]") {
  Party office = office_with_case();
  Refer command = refer();
  command.service = service("hope-house", false);
  CHECK(refusal(office.act(command)) ==
        "name: there is no basis for sharing it with hope-house; record one first (share CLIENT "
        "--to hope-house --basis "
        "agreed --items name,phone,needs) or give it under \"share\"");
  wire::Ground agreed;
  agreed.basis = Basis::agreed;
  REQUIRE(office.act(Share{node("hope-house"), false, {"name", "phone"}, agreed}));
  auto said = office.act(command);
  REQUIRE(said);
  CHECK(requested(*said).items.size() == 2);
  CHECK(item(requested(*said).items, "phone")->ground.basis == Basis::agreed);
  CHECK(item(requested(*said).items, "phone")->ground.recorded_by == "Ann Lee");
}

TEST_CASE("a National Insurance number goes to contracted services only; some things go to nobody",
          "[casework]") {
  Party office = office_with_case();
  auto share = [&](const char* name, bool contracted) {
    return refusal(office.act(Share{node("hope-house"), contracted, {name}, {}}));
  };
  CHECK(share("national_insurance_number", false) ==
        "national_insurance_number: goes to contracted services only; leave it out");
  CHECK(share("national_insurance_number", true).empty());
  CHECK(share("benefit_amounts", true) == "benefit_amounts: is shared with nobody; leave it out");
  CHECK(share("criminal_history", true) == "criminal_history: is shared with nobody; leave it out");
  CHECK(share("shoe_size", true).find("items: there is no item \"shoe_size\"") == 0);
}

TEST_CASE("what is shared goes at once to each open referral whose own service may have it",
          "[casework]") {
  Party office = office_with_case();
  REQUIRE(office.act(Share{node("able-futures"), true, {"name"}, {}}));
  REQUIRE(office.act(refer(1)));
  Refer elsewhere = refer(2);
  elsewhere.service = service("able-futures", false);
  elsewhere.service.id = "drop-in";
  REQUIRE(office.act(elsewhere));
  const auto said =
      office.act(Share{node("able-futures"), true, {"national_insurance_number", "phone"}, {}});
  REQUIRE(said);
  std::map<ReferralId, std::vector<std::string>> given;
  for (const wire::Event& event : *said) {
    const auto* details = std::get_if<ev::DetailsGiven>(&event.body);
    if (details == nullptr) continue;
    for (const wire::Item& one : details->items)
      given[event.strand.id].push_back(one.name);
  }
  CHECK(given ==
        std::map<ReferralId, std::vector<std::string>>{
            {referral_id(1), {"national_insurance_number", "phone"}}, {referral_id(2), {"phone"}}});
  const auto nothing_for_one =
      office.act(Share{node("able-futures"), true, {"national_insurance_number"}, {}});
  REQUIRE(nothing_for_one);
  CHECK(std::ranges::none_of(*nothing_for_one, [](const wire::Event& event) {
    return event.strand.id == referral_id(2);
  }));
}

TEST_CASE("safety needs a reason and a manager", "[casework]") {
  Party office = office_with_case();
  wire::Ground safety;
  safety.basis = Basis::safety;
  CHECK(refusal(office.act(Share{node("hope-house"), false, {"name"}, safety})).find("reason:") ==
        0);
  safety.reason = "risk at home";
  CHECK(
      refusal(office.act(Share{node("hope-house"), false, {"name"}, safety})).find("decided_by:") ==
      0);
  safety.decided_by = "M. Shaw";
  CHECK(office.act(Share{node("hope-house"), false, {"name"}, safety}));
}

TEST_CASE("under safe contact no event holds where or how to find the client", "[casework]") {
  CaseFile empty(the_case());
  Actor ann{node("jcp-leeds"), "ann", UserRole::adviser, "Ann"};
  auto opened = decide(empty.fold(), ann, OpenCase{client(), Handling::safe_contact}, noon(6));
  CHECK(opened.error().text == "phone: is not recorded under safe contact; leave it out");
  Party office = office_with_case(Handling::safe_contact);
  auto said = office.act(refer());
  REQUIRE(said);
  CHECK(item(requested(*said).items, "phone") == nullptr);
  CHECK(item(requested(*said).items, "safe_contact")->values[0] == "her sister");
  CHECK(refusal(office.act(Share{node("able-futures"), true, {"postcode"}, {}})) ==
        "postcode: this client is reached by safe contact only; share safe_contact instead");
}

TEST_CASE("withdrawing ends what was agreed, and is an objection to what is required",
          "[casework]") {
  Party office = office_with_case();
  wire::Ground agreed;
  agreed.basis = Basis::agreed;
  REQUIRE(office.act(Share{node("hope-house"), false, {"name", "phone"}, agreed}));
  REQUIRE(office.act(Share{node("hope-house"), false, {"needs"}, {}}));
  REQUIRE(office.act(WithdrawSharing{node("hope-house"), {}, "changed her mind"}));
  auto shares = office.view().shares;
  REQUIRE(shares.size() == 3);
  CHECK(shares[0].ended);
  CHECK(shares[1].ended);
  CHECK_FALSE(shares[2].ended);
  CHECK(shares[2].objection);
  CHECK(refusal(office.act(WithdrawSharing{node("hope-house"), {"phone"}, ""})) ==
        "phone: is not shared with hope-house now");
}

TEST_CASE("to whom the client has refused it nothing goes by itself", "[casework]") {
  Party office = office_with_case();
  wire::Ground agreed;
  agreed.basis = Basis::agreed;
  REQUIRE(office.act(Share{node("able-futures"), true, {"name", "needs"}, agreed}));
  REQUIRE(office.act(WithdrawSharing{node("able-futures"), {}, "changed her mind"}));
  CHECK(refusal(office.act(refer())).find("name: there is no basis for sharing it") == 0);
  REQUIRE(office.act(Share{node("able-futures"), true, {"name"}, agreed}));
  const auto said = office.act(refer());
  REQUIRE(said);
  REQUIRE(requested(*said).items.size() == 1);
  CHECK(requested(*said).items[0].name == "name");
}

TEST_CASE("a double submit is caught before it is sent", "[casework]") {
  Party office = office_with_case();
  Refer first = refer(1);
  first.idempotency_key = "k1";
  REQUIRE(office.act(first));
  CHECK(refusal(office.act(first)).find("this request was made already, as referral") == 0);
  Refer again = refer(2);
  CHECK(
      refusal(office.act(again)).find("the client has an open referral to this service already") ==
      0);
  CHECK(referral_by_key(office.view(), "k1")->id == referral_id(1));
  CHECK(referral_by_key(office.view(), "") == nullptr);
}

TEST_CASE("a referral that ended can be made again, with the old one named", "[casework]") {
  Story story;
  story.bring_to(S::declined);
  Refer again = refer(2);
  again.again_of = referral_id(1);
  auto said = story.office.act(again);
  REQUIRE(said);
  CHECK(requested(*said).again_of == referral_id(1));
  CHECK(said->size() == 1);  // joined and shared already
}

TEST_CASE("a referral answers what the service asks, and no more", "[casework]") {
  Party office = office_with_case();
  Refer command = refer();
  command.input.answers.clear();
  CHECK(refusal(office.act(command)) ==
        "answers.effects: is missing; the service needs it (Effects on daily life)");
  command.input.answers = {{"efects", "x"}};
  CHECK(refusal(office.act(command)) ==
        "answers.efects: the service does not ask for it; did you mean effects?");
  command = refer();
  command.input.need = " ";
  CHECK(refusal(office.act(command)) == "need: is missing; give it");
  command = refer();
  command.input.hoped_for.clear();
  CHECK(refusal(office.act(command)).find("hoped_for:") == 0);
  command = refer();
  command.service.closed = true;
  CHECK(refusal(office.act(command)).find("service:") == 0);
  command = refer();
  command.input.effects = std::string(9000, 'x');
  CHECK(office.act(command).error().reason == Reason::too_large);
  CHECK(office.view().referrals.empty());
}

TEST_CASE("each side makes its own moves only", "[casework]") {
  Story story;
  ReferralId id = referral_id();
  CHECK(story.office.act(Accept{id, {}, "", {}, {}, ""}).error().reason == Reason::forbidden);
  CHECK(story.provider.act(Answer{id, {}, "yes"}).error().reason == Reason::forbidden);
  CHECK(story.provider.act(refer(3)).error().reason == Reason::forbidden);
  CHECK(story.provider.act(Share{node("hope-house"), false, {"name"}, {}}).error().reason ==
        Reason::forbidden);
  CHECK(refusal(story.provider.act(Complete{id, report()})) ==
        "the referral is received: \"complete\" is not possible now; possible: acknowledge, ask, "
        "wait, accept, decline");
  CHECK(story.provider.act(Accept{referral_id(9), {}, "", {}, {}, ""}).error().reason ==
        Reason::not_found);
}

TEST_CASE("an exit report says what became of each thing hoped for", "[casework]") {
  Story story;
  story.bring_to(S::started);
  auto complete = [&](ev::ExitReport what) {
    return refusal(story.provider.act(Complete{referral_id(), std::move(what)}));
  };
  CHECK(complete({}).find("report: is empty") == 0);
  ev::ExitReport partial = report();
  partial.hopes.pop_back();
  CHECK(complete(partial) ==
        "hopes: \"part-time work\" has no result; say achieved, partly, not_achieved");
  ev::ExitReport other = report();
  other.hopes[0].hoped_for = "fame";
  CHECK(complete(other) == "hopes: \"fame\" is not what this referral hoped for");
  CHECK(refusal(story.provider.act(EndEarly{referral_id(), ev::EndReason::illness, "", {}}))
            .find("report: is missing") == 0);
  CHECK(complete(report()).empty());
  story.exchange();
  CHECK(story.at_office().report == report());

  Story died;
  died.bring_to(S::started);
  CHECK(died.provider.act(EndEarly{referral_id(), ev::EndReason::died, "", {}}));
}

TEST_CASE("an answer goes to the question that is open", "[casework]") {
  Story story;
  CHECK(story.office.act(Answer{referral_id(), {}, "yes"}).error().reason == Reason::conflict);
  auto first = story.provider.act(Ask{referral_id(), "stairs?"}).value();
  REQUIRE(story.provider.act(Ask{referral_id(), "mornings?"}));
  story.exchange();
  CHECK(refusal(story.office.act(Answer{referral_id(), {}, "yes"})) ==
        "question: several are open; name the one you answer");
  REQUIRE(story.office.act(Answer{referral_id(), first[0].id, "yes"}));
  REQUIRE(story.office.act(Answer{referral_id(), {}, "no"}));
  CHECK(story.office.act(Answer{referral_id(), first[0].id, "yes"}).error().reason ==
        Reason::conflict);
  story.exchange();
  CHECK(story.at_provider().questions[1].answer_text == "no");
}

TEST_CASE("documents that the provider has not taken yet count among those of the referral",
          "[casework]") {
  Story story;
  for (std::size_t i = 0; i < attachments_max; ++i)
    REQUIRE(story.office.act(AddAttachment{referral_id(), document()}));
  REQUIRE(story.at_office().attachments.empty());
  CHECK(story.office.act(AddAttachment{referral_id(), document()}).error().reason ==
        Reason::too_large);
}

TEST_CASE("while earlier steps of a strand are missing nobody decides in it", "[casework]") {
  Story story;
  story.bring_to(S::accepted);
  Party restored("able-futures", UserRole::caseworker, "Rosa");
  for (const auto& [id, event] : story.provider.file.events()) {
    if (event->strand.kind != StrandKind::referral || event->number != 1) restored.file.add(*event);
  }
  auto refused = restored.act(Start{referral_id(), {}, ""});
  CHECK(refused.error().reason == Reason::unavailable);
  CHECK(settle(restored.view(), restored.actor.node).empty());
}

TEST_CASE("who may hold a strand's events", "[casework]") {
  Story story;
  auto view = story.office.view();
  std::set<NodeId> both{node("jcp-leeds"), node("able-futures")};
  CHECK(audience(view, core) == both);
  CHECK(audience(view, own) == std::set<NodeId>{node("jcp-leeds")});
  CHECK(audience(view, {StrandKind::referral, referral_id()}) == both);
}

TEST_CASE("a case with an open referral is not closed", "[casework]") {
  Story story;
  CHECK(refusal(story.office.act(CloseCase{"work"})).find("is still received; withdraw it first") !=
        std::string::npos);
  story.bring_to(S::declined);
  REQUIRE(story.office.act(CloseCase{"work"}));
  CHECK(story.office.view().closed_at);
  CHECK(refusal(story.office.act(refer(4))).find("the case is closed") == 0);
}

TEST_CASE("a service whose id looks like another provider's reference is not that one's",
          "[casework]") {
  Directory directory;
  Service posing = service("hope-house", false);
  posing.id = "able-futures/cmp";
  REQUIRE(directory.put(posing));
  CHECK(directory.find("able-futures/cmp").error().reason == Reason::not_found);
}

TEST_CASE("the directory finds by words, by id and by reference", "[casework]") {
  Directory directory;
  Service one = service();
  one.needs = {"pain"};
  Service two = service("hope-house", false);
  two.id = "money";
  two.name = "Armley Debt Desk";
  two.description = "Debt advice; we know that pain costs money";
  CHECK(directory.put(one));
  CHECK(directory.put(two));
  CHECK_FALSE(directory.put(two));
  CHECK(directory.search("pain").size() == 2);
  CHECK(directory.search("pain")[0]->id == "cmp");
  CHECK(directory.search("DEB")[0]->id == "money");
  CHECK(directory.search("ebt").empty());
  CHECK(directory.search("debt pain").size() == 1);
  CHECK(directory.find("money").value()->name == "Armley Debt Desk");
  CHECK(directory.find("hope-house/money").value()->name == "Armley Debt Desk");
  CHECK(directory.find("nothing").error().reason == Reason::not_found);
  two.provider = node("other");
  REQUIRE(directory.put(two));
  CHECK(directory.find("money").error().reason == Reason::conflict);
  two.closed = true;
  two.version = 9;
  REQUIRE(directory.put(two));
  CHECK(directory.search("debt").size() == 1);
  CHECK(is_stale(one, one.published_at + std::chrono::days(91)));
  CHECK_FALSE(is_stale(one, one.published_at + std::chrono::days(90)));
}
