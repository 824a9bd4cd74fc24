#include <algorithm>

#include "casework/codes.h"
#include "casework/commands/common.h"

// What a provider's person decides about a referral.

namespace liaison::casework {
namespace {

namespace ev = wire::events;

/// The worker as everyone will see them: somebody of the deciding organisation, the actor if nobody
/// is named.
Person worker_of(const Actor& actor, Person worker) {
  if (worker.name.empty() && worker.user.empty()) worker = person_of(actor);
  if (worker.name.empty()) worker.name = worker.user;
  if (worker.node.empty()) worker.node = actor.node;
  return worker;
}

bool says_something(const ev::ExitReport& report) {
  return !report.hopes.empty() || !report.outcomes.empty() || !report.what_was_done.empty();
}

/// Each thing hoped for has exactly one result. With one thing hoped for, its text may be left out.
Result<ev::ExitReport> check_report(const ReferralView& referral, ev::ExitReport report,
                                    bool whole) {
  const auto& hoped = referral.request.hoped_for;
  if (report.hopes.size() == 1 && report.hopes[0].hoped_for.empty() && hoped.size() == 1) {
    report.hopes[0].hoped_for = hoped[0];
  }
  for (const ev::HopeResult& result : report.hopes) {
    if (std::ranges::count(hoped, result.hoped_for) != 0) continue;
    return fail(Reason::malformed, "hopes: \"" + shorten(result.hoped_for, 80) +
                                       "\" is not what this referral hoped for");
  }
  for (const std::string& hope : hoped) {
    auto results = std::ranges::count(report.hopes, hope, &ev::HopeResult::hoped_for);
    if (results > 1)
      return fail(Reason::malformed,
                  "hopes: \"" + shorten(hope, 80) + "\" has two results; give one");
    if (results == 0 && whole && !report.hopes.empty()) {
      return fail(Reason::malformed, "hopes: \"" + shorten(hope, 80) + "\" has no result; say " +
                                         codes_of<ev::Hope>());
    }
  }
  return report;
}

/// The day on which a wait may be over.
Result<void> check_ahead(const char* name, const std::optional<Date>& day, Instant now) {
  if (day && *day < local_day(now))
    return fail(Reason::malformed,
                std::string(name) + ": that day has passed; say by when the wait may be over");
  return {};
}

}  // namespace

Drafts decide(const CaseView& view, const Actor& actor, const Acknowledge& command, Instant) {
  auto referral = check_move(view, actor, command.referral, kind_of<ev::Acknowledged>);
  if (!referral) return fail(referral.error());
  return checked(decision((*referral)->strand, ev::Acknowledged{command.note}));
}

Drafts decide(const CaseView& view, const Actor& actor, const Ask& command, Instant) {
  auto referral = check_move(view, actor, command.referral, kind_of<ev::Asked>);
  if (!referral) return fail(referral.error());
  if (auto text = require_text("text", command.text); !text) return fail(text.error());
  return checked(decision((*referral)->strand, ev::Asked{command.text}));
}

Drafts decide(const CaseView& view, const Actor& actor, const Wait& command, Instant now) {
  auto referral = check_move(view, actor, command.referral, kind_of<ev::Waiting>);
  if (!referral) return fail(referral.error());
  if (auto good = check_ahead("expected", command.expected, now); !good) return fail(good.error());
  return checked(decision((*referral)->strand, ev::Waiting{command.expected, command.note}));
}

Drafts decide(const CaseView& view, const Actor& actor, const Accept& command, Instant now) {
  auto referral = check_move(view, actor, command.referral, kind_of<ev::Accepted>);
  if (!referral) return fail(referral.error());
  if (auto good = check_ahead("wait_until", command.wait_until, now); !good)
    return fail(good.error());
  return checked(decision((*referral)->strand,
                          ev::Accepted{worker_of(actor, command.worker), command.worker_phone,
                                       command.meeting, command.wait_until, command.note}));
}

Drafts decide(const CaseView& view, const Actor& actor, const NameWorker& command, Instant) {
  auto referral = check_move(view, actor, command.referral, kind_of<ev::WorkerNamed>);
  if (!referral) return fail(referral.error());
  return checked(decision((*referral)->strand,
                          ev::WorkerNamed{worker_of(actor, command.worker), command.worker_phone}));
}

Drafts decide(const CaseView& view, const Actor& actor, const Decline& command, Instant) {
  auto referral = check_move(view, actor, command.referral, kind_of<ev::Declined>);
  if (!referral) return fail(referral.error());
  if (command.reason == ev::DeclineReason::other) {
    if (auto text = require_text("text", command.text); !text) {
      return fail(Reason::malformed, "text: the reason \"other\" needs words; say why");
    }
  }
  return checked(
      decision((*referral)->strand, ev::Declined{command.reason, command.text, command.suggests}));
}

Drafts decide(const CaseView& view, const Actor& actor, const Start& command, Instant now) {
  auto referral = check_move(view, actor, command.referral, kind_of<ev::Started>);
  if (!referral) return fail(referral.error());
  if (command.on && *command.on > local_day(now))
    return fail(Reason::malformed,
                "on: that day has not come; record a start once it has happened");
  return checked(decision((*referral)->strand,
                          ev::Started{command.on ? command.on : local_day(now), command.note,
                                      dues_at_start(england_and_wales(), now)}));
}

Drafts decide(const CaseView& view, const Actor& actor, const RecordProgress& command,
              Instant now) {
  auto referral = check_move(view, actor, command.referral, kind_of<ev::Progressed>);
  if (!referral) return fail(referral.error());
  if (command.progress == ev::Progress::event_scheduled && !command.meeting) {
    return fail(Reason::malformed, "meeting: is missing; say when it is");
  }
  if (command.not_attended != ev::NotAttended::none &&
      command.progress != ev::Progress::event_unattended) {
    return fail(Reason::malformed, "not_attended: goes with the progress event_unattended only");
  }
  ev::Progressed progressed{command.progress,    command.meeting, command.not_attended,
                            command.with_notice, command.note,    {}};
  if ((*referral)->started) progressed.dues = dues_at_progress(england_and_wales(), now);
  return checked(decision((*referral)->strand, std::move(progressed)));
}

Drafts decide(const CaseView& view, const Actor& actor, const Complete& command, Instant) {
  auto referral = check_move(view, actor, command.referral, kind_of<ev::Completed>);
  if (!referral) return fail(referral.error());
  if (!says_something(command.report)) {
    return fail(Reason::malformed,
                "report: is empty; say what became of each thing hoped for, the outcomes, or what "
                "was done");
  }
  auto report = check_report(**referral, command.report, true);
  if (!report) return fail(report.error());
  return checked(decision((*referral)->strand, ev::Completed{*report}));
}

Drafts decide(const CaseView& view, const Actor& actor, const EndEarly& command, Instant) {
  auto referral = check_move(view, actor, command.referral, kind_of<ev::EndedEarly>);
  if (!referral) return fail(referral.error());
  ev::EndedEarly ended{command.reason, command.text, command.report};
  bool excused = command.reason == ev::EndReason::died ||
                 command.reason == ev::EndReason::terminal_illness ||
                 command.reason == ev::EndReason::moved_abroad;
  if (!excused && (!ended.report || !says_something(*ended.report))) {
    return fail(Reason::malformed,
                "report: is missing; a referral that was started ends with an exit report");
  }
  if (ended.report) {
    auto report = check_report(**referral, *ended.report, false);
    if (!report) return fail(report.error());
    ended.report = *report;
  }
  return checked(decision((*referral)->strand, std::move(ended)));
}

}  // namespace liaison::casework
