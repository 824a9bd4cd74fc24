#include "base/check.h"
#include "base/text.h"
#include "broker/core/core.h"
#include "wire/limits.h"

/// The registry: publications of nodes, entries of the broker's own making, and the copies of it
/// that every node keeps.
namespace liaison::broker {

namespace {
constexpr std::uint64_t entries_frame_bytes = 225'000;
/// To one node between two of its questions. Pushes have no credit: of more it is told only that
/// there is more, and fetches it at its own pace.
constexpr std::uint64_t pushed_bytes_max = 16'384;
/// Of those that are asked for: what is told in a turn is in memory at once.
constexpr int entries_frames_a_turn = 16;
constexpr std::uint64_t entry_overhead_bytes = 64;
constexpr auto publication_window = std::chrono::minutes(1);
constexpr auto entries_window = std::chrono::hours(24);
// What others tell a restored broker of one node may be what it said in some weeks.
constexpr std::uint64_t recovered_days = 20;
}  // namespace

bool Core::may_publish(ConnectionId connection, Now now) {
  const auto* open = session(connection);
  return open != nullptr && states_[open->node.value].publications.within(publication_window, now) <
                                limits_.publications_per_minute_max;
}

/// Why the day's share of the node whose making it is does not allow one more; if it does, nothing,
/// and it is counted. Certificates and lists are the authority's making.
std::optional<std::string> Core::why_no_more(const CheckedEntry& entry) {
  const auto days = state_.recovering ? recovered_days : 1;
  const auto count_of = [&](NodeNumber maker, Tally NodeState::*tally) -> std::uint64_t& {
    return (states_[maker.value].*tally).within(entries_window, now_);
  };
  const std::string too_many = "this node published all that it may in one day; try again tomorrow";
  if (const auto* sealing = std::get_if<SealingFacts>(&entry.facts)) {
    const auto maker = registry_.find(sealing->node);
    if (!maker) return std::nullopt;
    auto& made = count_of(*maker, &NodeState::sealings);
    if (made >= limits_.sealings_per_day_max * days) return too_many;
    ++made;
  } else if (const auto* listing = std::get_if<ListingFacts>(&entry.facts)) {
    const auto maker = registry_.find(listing->publisher);
    if (!maker) return std::nullopt;
    auto& made = count_of(*maker, &NodeState::listings);
    auto& bytes = count_of(*maker, &NodeState::listing_bytes);
    if (made >= limits_.listings_per_day_max * days) return too_many;
    if (bytes + entry.body.size() > limits_.listing_bytes_per_day_max * days)
      return "this node's listings of one day are longer in all than the exchange takes: shorten "
             "them, or try again tomorrow";
    ++made;
    bytes += entry.body.size();
  }
  return std::nullopt;
}

void Core::on(PublicationCame& event) {
  auto* session = open_session(event.connection);
  if (session == nullptr) return;
  const auto digest = event.entry.digest;
  const auto answer = [&](auto result) {
    out_.sends.push_back(
        SendFrame{event.connection, std::vector<wire::Published>{{digest, std::move(result)}}});
  };
  auto& published = states_[session->node.value].publications.within(publication_window, now_);
  // While recovering, one node may tell the whole registry.
  if (!state_.recovering) ++published;
  const auto refuse = [&](const char* reason, std::string text) {
    if (state_.recovering) ++published;
    deny(Denial::What::publication, session->node, reason);
    answer(std::move(text));
  };
  const auto* sealing = std::get_if<SealingFacts>(&event.entry.facts);
  const bool owns = sealing != nullptr && sealing->node == registry_.node(session->node).id;
  auto judged = registry_.judge(event.entry, owns ? Registry::From::owner : Registry::From::anyone);
  if (!judged) return refuse(name_of(judged.error().reason), judged.error().text);
  if (judged->known) return answer(*judged->known);
  if (registry_.size() >= limits_.registry_entries_max)
    return refuse("registry_full", "the registry is full");
  if (auto why = why_no_more(event.entry)) return refuse("too_many", std::move(*why));
  answer(append(std::move(event.entry)));
}

void Core::on(PublicationAnswered& event) {
  const auto* session = open_session(event.connection);
  if (session == nullptr) return;
  if (!event.denied.empty()) {
    ++states_[session->node.value].publications.within(publication_window, now_);
    deny(Denial::What::publication, session->node, event.denied);
  }
  out_.sends.push_back(
      SendFrame{event.connection, std::vector<wire::Published>{std::move(event.answer)}});
}

void Core::on(EntryMade& event) {
  auto judged = registry_.judge(event.entry, Registry::From::owner);
  if (judged && !judged->known) append(std::move(event.entry), event.why);
}

std::uint64_t Core::append(CheckedEntry&& entry, std::string_view why) {
  const auto index = registry_.size();
  const auto nodes_before = registry_.nodes();
  const auto* signing = std::get_if<SigningFacts>(&entry.facts);
  const bool lists = std::holds_alternative<RevocationFacts>(entry.facts);
  std::vector<bool> revoked_before;
  if (lists)
    for (std::uint32_t number = 0; number < nodes_before; ++number)
      revoked_before.push_back(registry_.node(NodeNumber{number}).revoked());
  registry_.apply(entry, now_.wall);
  make_room();
  entries_came_ = true;
  if (registry_.nodes() > nodes_before) {
    const NodeNumber number{static_cast<std::uint32_t>(nodes_before)};
    out_.writes.push_back(KeepNode{number, registry_.node(number).id, 0});
  }
  if (signing != nullptr && signing->reason == wire::IssueReason::rejoined) cut_off(signing->node);
  if (signing != nullptr || lists) admitted_changed_ = true;
  out_.writes.push_back(AppendRegistry{index, now_.wall, std::move(entry)});
  for (std::uint32_t number = 0; number < revoked_before.size(); ++number)
    if (!revoked_before[number] && registry_.node(NodeNumber{number}).revoked())
      shut_out(NodeNumber{number}, why);
  return index;
}

void Core::cut_off(const NodeId& node) {
  const auto number = registry_.find(node);
  LIAISON_CHECK(number.has_value());
  const auto connection = connections_.find(*number);
  // One that has the new certificate's CURVE key too stays: if that is not its own certificate, it
  // has to be able to say so.
  if (connection != connections_.end() && registry_.is_void(sessions_.at(connection->second).curve))
    turn_away(connection->second, wire::GoodbyeReason::revoked,
              "this node joined again with other keys");
}

void Core::shut_out(NodeNumber node, std::string_view why) {
  if (auto connection = connections_.find(node); connection != connections_.end()) {
    std::string text = "this node was shut out of the exchange";
    if (!why.empty()) text = cut(text + ": " + std::string(why), wire::text_line_max);
    turn_away(connection->second, wire::GoodbyeReason::revoked, std::move(text));
  }
  for (const auto& item : mailboxes_[node.value].clear_letters()) {
    ++counts_.returned;
    leave(node, item, wire::LogKind::returned, wire::RefusalReason::recipient_revoked);
  }
}

void Core::on(SinceCame& event) {
  auto* session = open_session(event.connection);
  if (session == nullptr) return;
  const bool is_for_more = std::exchange(session->told_of_more, false);
  if (!is_for_more && ++states_[session->node.value].sinces.within(asking_window, now_) >
                          limits_.sinces_per_minute_max) {
    deny(Denial::What::frame, session->node, "too_many");
    return turn_away(event.connection, wire::GoodbyeReason::strikes,
                     "the registry was asked for too often in one minute; try again later");
  }
  if (!session->asks_from) asking_.push_back(event.connection);
  session->asks_from = std::min(event.index, registry_.size());
  session->follows_from.reset();
  reported(session->node);
}

void Core::answer_asking() {
  for (int answers = 0; answers < entries_frames_a_turn && !asking_.empty();) {
    const auto session = sessions_.find(asking_.front());
    asking_.pop_front();
    if (session == sessions_.end() || !session->second.asks_from) continue;
    const auto first = *std::exchange(session->second.asks_from, {});
    auto room = entries_frame_bytes;
    auto answer = entries_from(session->first, first, room);
    if (answer.count == 0 && first < answer.size) answer.count = 1;  // one always goes
    session->second.push_room = pushed_bytes_max;
    give_entries(session->second, answer);
    ++answers;
  }
}

void Core::give_entries(Session& session, const SendEntries& entries) {
  const auto end = entries.first + entries.count;
  // There is more: the node sees that by `size`, and asks.
  session.follows_from = end == entries.size ? std::optional(end) : std::nullopt;
  out_.sends.push_back(entries);
}

/// As many as there are and `room` octets hold, which become fewer; it may be none.
SendEntries Core::entries_from(ConnectionId to, std::uint64_t first, std::uint64_t& room) const {
  SendEntries out{to, first, 0, registry_.size()};
  while (first + out.count < out.size && out.count < wire::entries_per_frame_max) {
    const auto bytes = registry_.body_bytes(first + out.count) + entry_overhead_bytes;
    if (bytes > room) break;
    room -= bytes;
    ++out.count;
  }
  return out;
}

void Core::push_entries() {
  if (!std::exchange(entries_came_, false)) return;
  for (const auto& [node, connection] : connections_) {
    auto& session = sessions_.at(connection);
    if (!session.follows_from || *session.follows_from == registry_.size() ||
        session.state != Session::State::open)
      continue;
    give_entries(session, entries_from(connection, *session.follows_from, session.push_room));
    session.told_of_more = !session.follows_from;
  }
}

}  // namespace liaison::broker
