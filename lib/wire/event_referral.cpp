#include "wire/event_io.h"

// What follows a request in a referral's strand.

namespace liaison::wire::io {

void put(const events::Refused& refused, cw::Refused::Builder out) {
  out.setWhy(static_cast<cw::Refusal>(refused.why));
  out.setText(to_text(refused.text));
}
void get(cw::Refused::Reader from, events::Refused& refused) {
  refused.why =
      get_enum(from.getWhy(), events::Refusal::finished, events::Refusal::other, "refusal");
  refused.text = get_text(from.getText(), "text");
}

void put(const events::Waiting& waiting, cw::Waiting::Builder out) {
  out.setExpected(to_text(date_text(waiting.expected)));
  out.setNote(to_text(waiting.note));
}
void get(cw::Waiting::Reader from, events::Waiting& waiting) {
  waiting.expected = get_date(from.getExpected(), "expected");
  waiting.note = get_text(from.getNote(), "note");
}

void put(const events::Meeting& meeting, cw::Meeting::Builder out) {
  out.setAt(to_ms(meeting.at));
  out.setPlace(to_text(meeting.place));
  out.setWith(to_text(meeting.with));
  out.setNote(to_text(meeting.note));
}
void get(cw::Meeting::Reader from, events::Meeting& meeting) {
  meeting.at = read_time(from.getAt(), "meeting's time");
  meeting.place = get_line(from.getPlace(), "meeting's place");
  meeting.with = get_line(from.getWith(), "meeting's with");
  meeting.note = get_text(from.getNote(), "meeting's note");
}

void put(const events::Accepted& accepted, cw::Accepted::Builder out) {
  put(accepted.worker, out.initWorker());
  out.setWorkerPhone(to_text(accepted.worker_phone));
  if (accepted.meeting) put(*accepted.meeting, out.initMeeting());
  out.setWaitUntil(to_text(date_text(accepted.wait_until)));
  out.setNote(to_text(accepted.note));
}
void get(cw::Accepted::Reader from, events::Accepted& accepted) {
  get(from.getWorker(), accepted.worker);
  accepted.worker_phone = get_line(from.getWorkerPhone(), "worker's phone");
  if (from.hasMeeting()) get(from.getMeeting(), accepted.meeting.emplace());
  accepted.wait_until = get_date(from.getWaitUntil(), "wait until");
  accepted.note = get_text(from.getNote(), "note");
}

void put(const events::WorkerNamed& named, cw::WorkerNamed::Builder out) {
  put(named.worker, out.initWorker());
  out.setWorkerPhone(to_text(named.worker_phone));
}
void get(cw::WorkerNamed::Reader from, events::WorkerNamed& named) {
  get(from.getWorker(), named.worker);
  named.worker_phone = get_line(from.getWorkerPhone(), "worker's phone");
}

void put(const events::Declined& declined, cw::Declined::Builder out) {
  out.setReason(static_cast<cw::DeclineReason>(declined.reason));
  out.setText(to_text(declined.text));
  out.setSuggests(to_text(declined.suggests));
}
void get(cw::Declined::Reader from, events::Declined& declined) {
  declined.reason = get_enum(from.getReason(), events::DeclineReason::no_capacity,
                             events::DeclineReason::other, "reason");
  declined.text = get_text(from.getText(), "text");
  declined.suggests = get_line(from.getSuggests(), "suggests");
}

void put(const events::Started& started, cw::Started::Builder out) {
  out.setOn(to_text(date_text(started.on)));
  out.setNote(to_text(started.note));
  put_list(started.dues, out.initDues(count_of(started.dues)));
}
void get(cw::Started::Reader from, events::Started& started) {
  started.on = get_date(from.getOn(), "on");
  started.note = get_text(from.getNote(), "note");
  started.dues = get_list<Due>(from.getDues(), limit::dues_max, "dues");
}

void put(const events::Progressed& progressed, cw::Progressed::Builder out) {
  out.setProgress(static_cast<cw::Progress>(progressed.progress));
  if (progressed.meeting) put(*progressed.meeting, out.initMeeting());
  out.setNotAttended(static_cast<cw::NotAttended>(progressed.not_attended));
  out.setWithNotice(progressed.with_notice);
  out.setNote(to_text(progressed.note));
  put_list(progressed.dues, out.initDues(count_of(progressed.dues)));
}
void get(cw::Progressed::Reader from, events::Progressed& progressed) {
  progressed.progress = get_enum(from.getProgress(), events::Progress::event_scheduled,
                                 events::Progress::as_planned, "progress");
  if (from.hasMeeting()) get(from.getMeeting(), progressed.meeting.emplace());
  progressed.not_attended = get_enum(from.getNotAttended(), events::NotAttended::none,
                                     events::NotAttended::other, "not attended");
  progressed.with_notice = from.getWithNotice();
  progressed.note = get_text(from.getNote(), "note");
  progressed.dues = get_list<Due>(from.getDues(), limit::dues_max, "dues");
}

void put(const events::ExitReport& report, cw::ExitReport::Builder out) {
  auto hopes = out.initHopes(count_of(report.hopes));
  for (unsigned i = 0; i < report.hopes.size(); ++i) {
    hopes[i].setHopedFor(to_text(report.hopes[i].hoped_for));
    hopes[i].setResult(static_cast<cw::Hope>(report.hopes[i].result));
  }
  auto outcomes = out.initOutcomes(count_of(report.outcomes));
  for (unsigned i = 0; i < report.outcomes.size(); ++i) {
    outcomes[i].setCode(static_cast<cw::OutcomeCode>(report.outcomes[i].code));
    outcomes[i].setOn(to_text(date_text(report.outcomes[i].on)));
    outcomes[i].setNote(to_text(report.outcomes[i].note));
  }
  out.setWhatWasDone(to_text(report.what_was_done));
  out.setWhatNext(to_text(report.what_next));
  out.setClientSawIt(report.client_saw_it);
}
void get(cw::ExitReport::Reader from, events::ExitReport& report) {
  auto hopes = read_list(from.getHopes(), limit::hopes_max, "hopes");
  for (auto hope : hopes) {
    report.hopes.push_back(
        {read_text(hope.getHopedFor(), limit::hope_max, "hoped for"),
         get_enum(hope.getResult(), events::Hope::achieved, events::Hope::not_achieved, "result")});
  }
  auto outcomes = read_list(from.getOutcomes(), limit::outcomes_max, "outcomes");
  for (auto outcome : outcomes) {
    report.outcomes.push_back(
        {get_enum(outcome.getCode(), events::OutcomeCode::work_16_hours_and_over,
                  events::OutcomeCode::completed_without_further_step, "outcome"),
         get_date(outcome.getOn(), "outcome's date"), get_text(outcome.getNote(), "note")});
  }
  report.what_was_done = get_text(from.getWhatWasDone(), "what was done");
  report.what_next = get_text(from.getWhatNext(), "what next");
  report.client_saw_it = from.getClientSawIt();
}

void put(const events::EndedEarly& ended, cw::EndedEarly::Builder out) {
  out.setReason(static_cast<cw::EndReason>(ended.reason));
  out.setText(to_text(ended.text));
  if (ended.report) put(*ended.report, out.initReport());
}
void get(cw::EndedEarly::Reader from, events::EndedEarly& ended) {
  ended.reason = get_enum(from.getReason(), events::EndReason::client_left,
                          events::EndReason::other, "reason");
  ended.text = get_text(from.getText(), "text");
  if (from.hasReport()) get(from.getReport(), ended.report.emplace());
}

void put(const events::WithdrawalRequested& asked, cw::WithdrawalRequested::Builder out) {
  out.setBy(static_cast<cw::WithdrawnBy>(asked.by));
  out.setReason(to_text(asked.reason));
}
void get(cw::WithdrawalRequested::Reader from, events::WithdrawalRequested& asked) {
  asked.by =
      get_enum(from.getBy(), events::WithdrawnBy::adviser, events::WithdrawnBy::client, "by");
  asked.reason = get_text(from.getReason(), "reason");
}

void put(const events::DeciderTakenOver& taken, cw::DeciderTakenOver::Builder out) {
  out.setAfter(taken.after);
  out.setReason(to_text(taken.reason));
}
void get(cw::DeciderTakenOver::Reader from, events::DeciderTakenOver& taken) {
  taken.after = from.getAfter();
  taken.reason = get_text(from.getReason(), "reason");
}

}  // namespace liaison::wire::io
