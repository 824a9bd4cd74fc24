#pragma once

#include <optional>

#include "casework/case_view.h"
#include "world.h"

/// What must hold under any fault (docs/SECURITY.md): one file each, one sentence each. Each throws
/// Violation with its number.
namespace liaison::simulation::checks {

/// 1. Everything a person was told is queued is in at least one of outbox, mailbox and recipient's
/// store; a row of the outbox ends only with the recipient's receipt, or with a refusal or expiry
/// that the person is shown. Looks at one node that is up.
void nothing_is_lost(World& world, NodeMachine& node);

/// 2. A recipient's casework sees each event once, with the octets its author signed. Looks at one
/// case at one node.
void each_event_once(World& world, NodeMachine& node, const casework::CaseView& view);
/// The end: nobody holds what its author never said.
void nothing_is_invented(World& world);

/// 3. Every `accepted` stands in the message log of its epoch.
void accepted_is_logged(World& world);

/// The end: no node finds that the logs contradict each other, or what it sent or got, unless it
/// was lied to.
void logs_are_followed(World& world);

/// Nothing is sealed to a certificate that was not logged, or that its node contests.
void forged_is_not_used(World& world, NodeIndex from, const wire::Frame& frame);
/// The end: a node contests the certificate in its name that was logged, and everybody knows.
void forged_is_contested(World& world, NodeMachine& named);

/// 4. Two nodes with the same events of a strand show the same strand; there is exactly one case
/// manager; no finished work is undone. Looks at one case at one node.
void same_strand(World& world, NodeMachine& node, const casework::CaseView& view);

/// 5. Nothing of a revoked node is accepted once its revocation is published, and no list of
/// revocations goes backwards.
void revoked_stays_out(World& world);
void broker_accepts_nothing_from_revoked(World& world, NodeIndex to, const wire::Frame& frame);

/// 6. Queues drain when faults end, whoever stays away; stated bounds hold. `away`: nodes that are
/// still cut off, for which things may wait.
bool has_drained(World& world, const std::set<NodeIndex>& away, std::string* why);
void bounds_hold(World& world);

/// No letter expires before its time, and no sealing key is destroyed before it is 45 days retired,
/// however clocks jump.
void nothing_ends_early(World& world, const wire::Frame& frame);
/// Of one name, a log has one history: each checkpoint that it ever signed is of the entries that
/// it has now, or had when its disk was lost.
void checkpoints_are_consistent(World& world);
/// The same of its newest, after each turn of the broker.
void checkpoint_is_new_or_the_same(World& world);
void keys_are_kept(World& world, NodeMachine& node);

/// 7. No client's detail lies at the broker, on the wire, or at a node outside its encrypted
/// records.
void no_client_detail(World& world);
void no_client_detail_in_frame(ByteView frame, std::uint64_t number);

/// 8. A refused or unopened letter is never silently gone: sender and administrator can see it.
void refusals_are_shown(World& world, NodeMachine& node);

/// 9. After all was put right, everybody who takes part in a case holds all of its strands that
/// they may, restored from a backup or not, or is shown what is missing.
void everyone_has_all(World& world);

/// Of a restored node: one of the case's referrals' parties that has not answered yet; none: people
/// may decide.
std::optional<NodeId> awaited_in_case(const World& world, const NodeMachine& node,
                                      node::Engine& engine, const CaseId& id, Now now);

/// What is cheap, after each turn of a node; and all of it.
void after_turn(World& world, NodeMachine& node, const std::vector<CaseId>& changed);
void at_times(World& world, NodeMachine& node);
void at_the_end(World& world);

}  // namespace liaison::simulation::checks
