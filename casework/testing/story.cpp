#include "casework/testing/story.h"

#include <fmt/format.h>

#include "base/check.h"
#include "wire/mark.h"

namespace liaison::casework::testing {

namespace ev = wire::events;

Party::Party(const char* node_id, UserRole role, const char* name)
    : actor{node(node_id), "user", role, name}, file(the_case()) {}

wire::Event Party::say(const Draft& draft) {
  wire::Event event;
  event.id.octets[0] = static_cast<std::uint8_t>(incarnation);
  event.id.octets[6] = static_cast<std::uint8_t>(++made_ >> 8);
  event.id.octets[7] = static_cast<std::uint8_t>(made_);
  event.id = wire::marked(event.id, actor.node);
  event.case_id = file.id();
  event.strand = draft.strand;
  event.author = actor.node;
  event.incarnation = incarnation;
  event.user = actor.user;
  event.user_name = actor.display_name;
  event.user_role = actor.role;
  event.at = now;
  event.answers = draft.answers;
  event.number = draft.number;
  event.cites = draft.cites;
  event.body = draft.body;
  now += std::chrono::minutes(1);
  file.add(event);
  return event;
}

void Party::settle_all(std::vector<wire::Event>& said) {
  for (const Draft& draft : settle(view(), actor.node))
    said.push_back(say(draft));
  LIAISON_CHECK(settle(view(), actor.node).empty());
}

std::vector<wire::Event> Party::take(const std::vector<wire::Event>& events) {
  std::vector<wire::Event> said;
  for (const wire::Event& event : events)
    file.add(event);
  settle_all(said);
  return said;
}

CaseId the_case() {
  CaseId id;
  id.octets.fill(0xCA);
  return wire::marked(id, node("jcp-leeds"));
}

ReferralId referral_id(std::uint8_t which) {
  ReferralId id;
  id.octets.fill(which);
  return wire::marked(id, node("jcp-leeds"));
}

ev::ClientRecord client() {
  ev::ClientRecord out;
  out.given_name = "Maud";
  out.family_name = "Quill";
  out.known_as = "Mo";
  out.date_of_birth = std::chrono::year(1969) / 4 / 12;
  out.national_insurance_number = "QQ123456C";
  out.phone = "07700 900123";
  out.address = {"1 Canal Row", "Leeds"};
  out.postcode = "LS1 4AP";
  out.needs = {"pain", "abuse at home"};
  return out;
}

Service service(const char* provider, bool contracted) {
  Service out;
  out.provider = node(provider);
  out.id = "cmp";
  out.version = 2;
  out.name = "Aire Valley Condition Management";
  out.organisation = "Aire Valley";
  out.description = "Living with pain";
  out.contracted = contracted;
  out.intake = {{"effects", "Effects on daily life", true}, {"gp_name", "GP's name", false}};
  return out;
}

Refer refer(std::uint8_t which) {
  Refer out;
  out.id = referral_id(which);
  out.service = service();
  out.input.need = "help with pain";
  out.input.hoped_for = {"sleep better", "part-time work"};
  out.input.answers = {{"effects", "cannot stand long"}};
  return out;
}

wire::Attachment document(std::uint8_t which) {
  wire::Attachment out;
  out.name = "letter.pdf";
  out.kind = wire::AttachmentKind::pdf;
  out.size = 1;
  out.digest.octets.fill(which);
  out.part_size = 1;
  out.parts = {out.digest};
  return out;
}

ev::ExitReport report() {
  return {{{"sleep better", ev::Hope::achieved}, {"part-time work", ev::Hope::partly}},
          {{ev::OutcomeCode::volunteering, std::nullopt, ""}},
          "eight sessions",
          "a work trial",
          true};
}

Story::Story() {
  LIAISON_CHECK(office.act(OpenCase{client(), Handling::ordinary}).has_value());
  LIAISON_CHECK(office.act(refer()).has_value());
  exchange();
}

void Story::exchange() {
  auto all = [](const Party& party) {
    std::vector<wire::Event> out;
    for (const auto& [id, event] : party.file.events()) {
      if (event->strand.kind != StrandKind::own) out.push_back(*event);
    }
    return out;
  };
  for (int round = 0; round < 4; ++round) {
    provider.take(all(office));
    office.take(all(provider));
  }
}

const ReferralView& Story::at_office() {
  office_view_ = office.view();
  return *office_view_.referral(referral_id());
}

const ReferralView& Story::at_provider() {
  provider_view_ = provider.view();
  return *provider_view_.referral(referral_id());
}

void Story::bring_to(ReferralState state) {
  using S = ReferralState;
  auto must = [](const auto& result) { LIAISON_CHECK(result.has_value()); };
  ReferralId id = referral_id();
  auto accept = [&] { must(provider.act(Accept{id, {}, "", std::nullopt, std::nullopt, ""})); };
  auto start = [&] {
    accept();
    must(provider.act(Start{id, std::nullopt, ""}));
  };
  switch (state) {
    case S::draft:
    case S::requested:
    case S::received:
      break;
    case S::accepted:
      accept();
      break;
    case S::declined:
      must(provider.act(Decline{id, ev::DeclineReason::no_capacity, "", ""}));
      break;
    case S::started:
      start();
      break;
    case S::paused:
      start();
      must(provider.act(Pause{id, "ill", std::nullopt}));
      break;
    case S::completed:
      start();
      must(provider.act(Complete{id, report()}));
      break;
    case S::ended_early:
      start();
      must(provider.act(EndEarly{id, ev::EndReason::client_left, "", report()}));
      break;
    case S::withdrawn:
      must(office.act(Withdraw{id, ev::WithdrawnBy::client, ""}));
      break;
    case S::entered_in_error:
      must(office.act(MarkError{id, "another client"}));
      break;
  }
  exchange();
}

namespace {

void describe_strand(std::string& out, const StrandView& strand) {
  out += fmt::format("strand {} {} decider {} last {}\n", static_cast<int>(strand.strand.kind),
                     strand.strand.id.text(), strand.decider.text(), strand.last_number);
  for (const HistoryEntry& entry : strand.history) {
    out += fmt::format(
        "  {} {} {} {} {} by {} at {}\n", entry.event->id.text(), wire::name_of(entry.event->body),
        entry.event->number, name_of(entry.verdict), name_of(entry.why),
        entry.decided_by ? entry.decided_by->text() : "-", to_rfc3339(entry.shown_at));
  }
  for (const wire::Gap& gap : strand.gaps)
    out += fmt::format("  gap {}..{}\n", gap.first, gap.last);
  for (const Equivocation& twice : strand.equivocations) {
    out += fmt::format("  twice {} {} {}\n", twice.number, twice.stands.text(), twice.other.text());
  }
}

}  // namespace

std::string describe(const CaseView& view) {
  std::string out = fmt::format("lead {} {} manager {} {} handling {}\n", view.lead_office.text(),
                                view.lead_number, view.manager.holder.node.text(),
                                view.manager.holder.name, static_cast<int>(view.handling));
  for (const Participant& participant : view.participants) {
    out += fmt::format("participant {} {}\n", participant.who.node.text(),
                       participant.until ? "left" : "here");
  }
  for (const ShareView& share : view.shares) {
    out += fmt::format("share {} {} {}\n", share.to.text(), share.item,
                       share.ended ? "ended" : "holds");
  }
  describe_strand(out, view.core);
  describe_strand(out, view.own);
  for (const ReferralView& referral : view.referrals) {
    out += fmt::format("referral {} {} {} worker {} items {} questions {} asked {}{}{}\n",
                       referral.id.text(), name_of(referral.state), referral.progress,
                       referral.worker.name, referral.items.size(), referral.questions.size(),
                       referral.withdrawal_asked ? "w" : "", referral.pause_asked ? "p" : "",
                       referral.error_claimed ? "e" : "");
    describe_strand(out, referral.strand);
  }
  for (const Unplaced& unplaced : view.unplaced)
    out += fmt::format("unplaced {}\n", unplaced.strand.id.text());
  return out;
}

}  // namespace liaison::casework::testing
