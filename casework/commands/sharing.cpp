#include <algorithm>

#include "casework/codes.h"
#include "casework/commands/common.h"
#include "casework/items.h"

// Recording on what basis items may be shared, and ending it.

namespace liaison::casework {

namespace ev = wire::events;

Drafts decide(const CaseView& view, const Actor& actor, const Share& command, Instant now) {
  if (auto at = at_lead_office(view, actor); !at) return fail(at.error());
  // Without it nothing would go to the open referrals, and nobody would hear of that.
  if (auto has = has_record(view, actor); !has) return fail(has.error());
  if (command.to.empty() || command.to == view.lead_office) {
    return fail(Reason::malformed, "to: name the node of the organisation to share with");
  }
  if (command.items.empty())
    return fail(Reason::malformed,
                "items: is empty; name what is shared, such as name,phone,needs");
  auto ground = check_ground(command.ground, actor, now);
  if (!ground) return fail(ground.error());
  for (const std::string& item : command.items) {
    if (auto good = check_item(item, command.contracted, view.handling); !good)
      return fail(good.error());
  }
  std::vector<Draft> drafts{decision(view.core, ev::Shared{command.to, command.items, *ground})};
  for (const ReferralView& referral : view.referrals) {
    if (referral.provider != command.to || is_final(referral.state)) continue;
    ev::DetailsGiven details;
    for (const std::string& item : command.items) {
      // Another listing of that provider may be contracted where this referral's service is not.
      if (!check_item(item, referral.request.contracted, view.handling)) continue;
      auto values = values_for(*find_item(item), *view.client, nullptr);
      if (!values.empty()) details.items.push_back({item, std::move(values), *ground});
    }
    if (!details.items.empty()) drafts.push_back(proposal(referral.strand, std::move(details)));
  }
  return checked(std::move(drafts));
}

Drafts decide(const CaseView& view, const Actor& actor, const WithdrawSharing& command,
              Instant now) {
  if (auto at = at_lead_office(view, actor); !at) return fail(at.error());
  auto shared = [&](const std::string& item) {
    return std::ranges::any_of(view.shares, [&](const ShareView& share) {
      return share.to == command.to && (item.empty() || share.item == item) && holds(share, now);
    });
  };
  if (command.items.empty() && !shared("")) {
    return fail(Reason::not_found, "to: nothing is shared with " + command.to.text() + " now");
  }
  for (const std::string& item : command.items) {
    if (!shared(item)) {
      return fail(Reason::not_found,
                  shorten(item) + ": is not shared with " + command.to.text() + " now");
    }
  }
  return checked(
      decision(view.core, ev::SharingWithdrawn{command.to, command.items, command.reason}));
}

}  // namespace liaison::casework
