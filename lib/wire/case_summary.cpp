#include "wire/case_summary.h"

#include "wire/event_io.h"

namespace liaison::wire {
namespace {

constexpr std::size_t name_max = io::limit::item_value_max;

void put_referral(const ReferralSummary& referral, io::cw::ReferralSummary::Builder out) {
  out.setId(io::to_kj(referral.id.view()));
  out.setState(io::to_text(referral.state));
  out.setProgress(io::to_text(referral.progress));
  out.setProvider(io::to_text(referral.provider.text()));
  out.setService(io::to_text(referral.service));
  out.setServiceName(io::to_text(referral.service_name));
  out.setWorker(io::to_text(referral.worker));
  out.setNeed(io::to_text(referral.need));
  if (referral.next_due) io::put(*referral.next_due, out.initNextDue());
  out.setRequestedAt(to_ms(referral.requested_at));
  out.setChangedAt(to_ms(referral.changed_at));
  out.setQuestionsOpen(referral.questions_open);
  out.setWithdrawalAsked(referral.withdrawal_asked);
}

ReferralSummary get_referral(io::cw::ReferralSummary::Reader from) {
  ReferralSummary referral;
  referral.id = io::read_id<ReferralId>(from.getId(), "id");
  referral.state = io::get_line(from.getState(), "state");
  referral.progress = io::get_line(from.getProgress(), "progress");
  referral.provider = io::get_node_or_none(from.getProvider(), "provider");
  referral.service = io::get_line(from.getService(), "service");
  referral.service_name = io::get_line(from.getServiceName(), "service's name");
  referral.worker = io::get_line(from.getWorker(), "worker");
  referral.need = io::get_text(from.getNeed(), "need");
  if (from.hasNextDue()) io::get(from.getNextDue(), referral.next_due.emplace());
  referral.requested_at = io::read_time(from.getRequestedAt(), "time");
  referral.changed_at = io::read_time(from.getChangedAt(), "time");
  referral.questions_open = from.getQuestionsOpen();
  referral.withdrawal_asked = from.getWithdrawalAsked();
  return referral;
}

}  // namespace

Bytes encode(const CaseSummary& summary) {
  return io::encode<io::cw::CaseSummary>([&](io::cw::CaseSummary::Builder out) {
    out.setId(io::to_kj(summary.id.view()));
    out.setLeadOffice(io::to_text(summary.lead_office.text()));
    out.setOpen(summary.open);
    out.setWhole(summary.whole);
    out.setHandling(static_cast<io::cw::Handling>(summary.handling));
    out.setName(io::to_text(summary.name));
    out.setKnownAs(io::to_text(summary.known_as));
    out.setDateOfBirth(io::to_text(io::date_text(summary.date_of_birth)));
    io::put_texts(out.initNeeds(io::count_of(summary.needs)), summary.needs);
    io::put(summary.lead_adviser, out.initLeadAdviser());
    io::put(summary.case_manager, out.initCaseManager());
    out.setOpenedAt(to_ms(summary.opened_at));
    out.setChangedAt(to_ms(summary.changed_at));
    auto referrals = out.initReferrals(io::count_of(summary.referrals));
    for (unsigned i = 0; i < summary.referrals.size(); ++i)
      put_referral(summary.referrals[i], referrals[i]);
    out.setNotApplied(summary.not_applied);
  });
}

Result<CaseSummary> decode_case_summary(ByteView bytes) {
  return io::decode<io::cw::CaseSummary>(
      bytes, "case summary", [](io::cw::CaseSummary::Reader from) {
        CaseSummary summary;
        summary.id = io::read_id<CaseId>(from.getId(), "id");
        summary.lead_office = io::get_node_or_none(from.getLeadOffice(), "lead office");
        summary.open = from.getOpen();
        summary.whole = from.getWhole();
        auto handling = from.getHandling();
        // Its own later version may have written it: what is not known is handled with the most
        // care.
        summary.handling =
            handling == io::cw::Handling::ORDINARY ? Handling::ordinary : Handling::safe_contact;
        summary.name = io::read_text(from.getName(), name_max, "name");
        summary.known_as = io::read_text(from.getKnownAs(), name_max, "known as");
        summary.date_of_birth = io::get_date(from.getDateOfBirth(), "date of birth");
        summary.needs =
            io::get_texts(from.getNeeds(), io::limit::list_max, io::limit::item_value_max, "needs");
        io::get(from.getLeadAdviser(), summary.lead_adviser);
        io::get(from.getCaseManager(), summary.case_manager);
        summary.opened_at = io::read_time(from.getOpenedAt(), "time");
        summary.changed_at = io::read_time(from.getChangedAt(), "time");
        auto referrals =
            io::read_list(from.getReferrals(), io::limit::summary_referrals_max, "referrals");
        for (auto referral : referrals)
          summary.referrals.push_back(get_referral(referral));
        summary.not_applied = from.getNotApplied();
        return summary;
      });
}

}  // namespace liaison::wire
