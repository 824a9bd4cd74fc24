#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "casework/case_view.h"
#include "casework/service.h"

namespace liaison::casework {

/// To whom an item may go at all.
enum class Reach : std::uint8_t { anyone, contracted, nobody };

/// One item of a client's record that can be shared, by name (docs/CASEWORK.md lists them).
struct ItemRule {
  std::string_view name;
  Reach reach;
  bool tells_place;  ///< where or how to find the client: in no event under safe contact
  std::vector<std::string> (*values)(const wire::events::ClientRecord&);  ///< empty: not recorded
};

std::span<const ItemRule> item_rules();
const ItemRule* find_item(std::string_view name);

/// Whether `item` may be shared at all: known, not for nobody, to a contracted provider where it
/// must be, and not under safe contact where that hides it. The error names the item.
Result<void> check_item(std::string_view item, bool contracted, Handling handling);

/// A basis with what it needs: safety wants a reason and a manager's decision. Fills in who
/// recorded it.
Result<wire::Ground> check_ground(wire::Ground ground, const Actor& actor, Instant now);

/// Whether a share is in force for a node.
bool holds(const ShareView& share, Instant now);

/// The values of an item as they may go to a service (none: a directory entry is not at hand):
/// guarded needs only where the service's intake asks for them. Empty: nothing to send.
std::vector<std::string> values_for(const ItemRule& rule, const wire::events::ClientRecord& client,
                                    const Service* service);

}  // namespace liaison::casework
