#include "base/deliberate_bug.h"
#include "broker/core/core.h"

/// What waits goes to its recipient within the credit it gave: each mailbox by itself.
namespace liaison::broker {

namespace {
constexpr std::uint64_t frame_bytes = 1'000'000;  // leaves room for the frame's own structure
constexpr int frames_a_turn = 8;  // of one mailbox, so that the others have their turn
}  // namespace

void Core::queue_for_delivery(NodeNumber node) {
  auto& state = states_[node.value];
  if (state.queued || connections_.count(node) == 0) return;
  state.queued = true;
  deliverable_.push_back(node);
}

/// Where a letter's acceptance stands in the log: as a repeat of it would be answered.
std::optional<Leaf> Core::leaf_of(const Item& item) const {
  if (item.kind == Item::Kind::report) return std::nullopt;
  const auto answer = accepted_.find(item.sender, item.letter, item.digest);
  return answer ? std::optional(answer->leaf) : std::nullopt;
}

void Core::deliver() {
  for (auto node : answered_)
    states_[node.value].unanswered = 0;
  answered_.clear();
  if (state_.recovering)
    return;  // a revocation that was forgotten may be among what nodes still tell
  auto nodes = std::exchange(deliverable_, {});
  for (std::size_t at = 0; at < nodes.size(); ++at) {
    const auto node = nodes[at];
    states_[node.value].queued = false;
    auto connection = connections_.find(node);
    if (connection == connections_.end()) continue;
    auto& session = sessions_.at(connection->second);
    if (session.state != Session::State::open) continue;
    auto& mailbox = mailboxes_[node.value];
    int frames = 0;
    for (; frames < frames_a_turn && mailbox.has_more(); ++frames) {
      auto batch = mailbox.next(session.credit_letters, session.credit_bytes, frame_bytes,
                                wire::letters_per_frame_max);
      if (batch.items.empty()) break;
      session.credit_letters -= batch.items.size();
      session.credit_bytes -= batch.bytes;
      counts_.delivered += batch.items.size();
      SendItems give{session.connection, {}};
      give.items.reserve(batch.items.size());
      for (const auto* item : batch.items)
        give.items.push_back({item->sequence, leaf_of(*item)});
      out_.sends.push_back(std::move(give));
    }
    if (frames == frames_a_turn && mailbox.has_more()) queue_for_delivery(node);
    if (LIAISON_BUG(one_mailbox_blocks_all) && frames == 0 && mailbox.has_more()) {
      for (auto rest = at; rest < nodes.size(); ++rest)
        states_[nodes[rest].value].queued = false;
      return;
    }
  }
}

}  // namespace liaison::broker
