#include <algorithm>

#include "casework/attachments.h"
#include "casework/commands/common.h"
#include "casework/items.h"

// What the lead office says in a referral's strand: proposals, which the provider's node takes.

namespace liaison::casework {

namespace ev = wire::events;

Drafts decide(const CaseView& view, const Actor& actor, const Answer& command, Instant) {
  auto referral = check_move(view, actor, command.referral, kind_of<ev::Answered>);
  if (!referral) return fail(referral.error());
  if (auto text = require_text("text", command.text); !text) return fail(text.error());
  std::vector<const Question*> open;
  for (const Question& question : (*referral)->questions) {
    if (command.question ? question.event == *command.question : !question.answer)
      open.push_back(&question);
  }
  if (open.empty() && command.question)
    return fail(Reason::not_found, "question: there is none with that id");
  if (open.empty()) return fail(Reason::conflict, "no question is open; use details to send more");
  if (open.size() > 1)
    return fail(Reason::conflict, "question: several are open; name the one you answer");
  if (open.front()->answer) return fail(Reason::conflict, "question: has been answered already");
  return checked(proposal((*referral)->strand, ev::Answered{command.text}, open.front()->event));
}

Drafts decide(const CaseView& view, const Actor& actor, const GiveDetails& command, Instant now) {
  if (auto at = at_lead_office(view, actor); !at) return fail(at.error());
  auto referral = check_move(view, actor, command.referral, kind_of<ev::DetailsGiven>);
  if (!referral) return fail(referral.error());
  if (auto has = has_record(view, actor); !has) return fail(has.error());
  if (command.items.empty()) return fail(Reason::malformed, "items: is empty; name what is sent");
  ev::DetailsGiven details;
  for (const std::string& item : command.items) {
    if (auto good = check_item(item, (*referral)->request.contracted, view.handling); !good)
      return fail(good.error());
    auto share = std::ranges::find_if(view.shares, [&](const ShareView& candidate) {
      return candidate.to == (*referral)->provider && candidate.item == item &&
             holds(candidate, now);
    });
    if (share == view.shares.end()) {
      return fail(Reason::forbidden, item + ": there is no basis for sharing it with " +
                                         (*referral)->provider.text() +
                                         "; record one first with share");
    }
    auto values = values_for(*find_item(item), *view.client, nullptr);
    if (values.empty()) return fail(Reason::not_found, item + ": is not recorded for this client");
    details.items.push_back({item, std::move(values), *share->ground});
  }
  return checked(proposal((*referral)->strand, std::move(details)));
}

Drafts decide(const CaseView& view, const Actor& actor, const AddAttachment& command, Instant) {
  auto referral = check_move(view, actor, command.referral, kind_of<ev::AttachmentAdded>);
  if (!referral) return fail(referral.error());
  std::vector<wire::Attachment> all = (*referral)->attachments;
  // Those on their way to the provider will be part of it too.
  for (wire::Attachment& waiting : (*referral)->attachments_waiting())
    all.push_back(std::move(waiting));
  all.push_back(command.attachment);
  if (auto good = check_attachments(all); !good) return fail(good.error());
  return checked(proposal((*referral)->strand, ev::AttachmentAdded{command.attachment}));
}

Drafts decide(const CaseView& view, const Actor& actor, const TakeOver& command, Instant) {
  if (auto at = at_lead_office(view, actor); !at) return fail(at.error());
  auto referral = check_move(view, actor, command.referral, kind_of<ev::DeciderTakenOver>);
  if (!referral) return fail(referral.error());
  if (decides(**referral, actor))
    return fail(Reason::conflict, "this office decides the referral already");
  if (auto reason = require_text("reason", command.reason); !reason) return fail(reason.error());
  const StrandView& strand = (*referral)->strand;
  return checked(decision(strand, ev::DeciderTakenOver{strand.last_number, command.reason}));
}

}  // namespace liaison::casework
