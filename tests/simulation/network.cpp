#include "network.h"

#include <fmt/format.h>

#include <algorithm>

#include "trace.h"
#include "wire/frame.h"

namespace liaison::simulation {
namespace {

constexpr std::size_t kept_max = 16;

/// Frames whose repetition a network, or a broker gone bad, may cause. A goodbye or a welcome said
/// again would only deny service, which a broker can do anyway.
bool may_be_replayed(const wire::Frame& frame) {
  return !std::holds_alternative<wire::Hello>(frame) &&
         !std::holds_alternative<wire::Welcome>(frame) &&
         !std::holds_alternative<wire::Goodbye>(frame);
}

/// One line for people who look for what happened to a letter.
void trace_frame(NodeIndex node, Way way, const wire::Frame* frame) {
  std::string line = fmt::format("  {} node {}: ", way == Way::to_broker ? "from" : "to", node);
  const auto list = [&](const char* what, const auto& letters, auto id) {
    line += what;
    for (const auto& each : letters)
      line += " " + id(each);
  };
  if (frame == nullptr) {
    line += "unreadable";
  } else if (const auto* letters = std::get_if<std::vector<wire::Letter>>(frame)) {
    list("submit", *letters,
         [](const auto& each) { return each.id.text() + ">" + each.recipient.text(); });
  } else if (const auto* accepted = std::get_if<std::vector<wire::Accepted>>(frame)) {
    list("accepted", *accepted, [](const auto& each) { return each.letter.text(); });
  } else if (const auto* refused = std::get_if<std::vector<wire::Refused>>(frame)) {
    list("refused", *refused, [](const auto& each) {
      return fmt::format("{} {}", each.letter ? each.letter->text() : "-",
                         wire::name_of(each.reason));
    });
  } else if (const auto* taken = std::get_if<std::vector<wire::Taken>>(frame)) {
    list("taken", *taken, [](const auto& each) { return each.letter.text(); });
  } else if (const auto* aside = std::get_if<std::vector<wire::SetAside>>(frame)) {
    list("aside", *aside, [](const auto& each) { return each.letter.text(); });
  } else if (const auto* deliveries = std::get_if<std::vector<wire::Delivery>>(frame)) {
    list("deliver", *deliveries, [](const auto& each) {
      const auto* letter = std::get_if<wire::Letter>(&each.item);
      return letter != nullptr
                 ? letter->id.text()
                 : fmt::format("report:{} {}", std::get<wire::Report>(each.item).letter.text(),
                               wire::name_of(std::get<wire::Report>(each.item).reason));
    });
  } else if (const auto* hello = std::get_if<wire::Hello>(frame)) {
    line += fmt::format("hello, of epoch {}", hello->epoch);
  } else if (const auto* welcome = std::get_if<wire::Welcome>(frame)) {
    line += fmt::format("welcome to epoch {}{}", welcome->epoch,
                        welcome->recovering ? ", recovering" : "");
  } else if (const auto* goodbye = std::get_if<wire::Goodbye>(frame)) {
    line += fmt::format("goodbye {} {}", wire::name_of(goodbye->reason), goodbye->text);
  } else {
    static constexpr const char* names[] = {
        "hello",   "welcome", "submit",  "accepted",  "refused",  "credit",  "deliver",
        "taken",   "aside",   "publish", "published", "since",    "entries", "renew",
        "renewed", "goodbye", "prove",   "proofs",    "cosigned", "unknown"};
    static_assert(std::size(names) == std::variant_size_v<wire::Frame>);
    line += names[frame->index()];
  }
  trace(line);
}

}  // namespace

Network::Network(Timeline& timeline, LetterWatch& letters, Dice dice, std::size_t nodes)
    : timeline_(timeline), letters_(letters), dice_(dice), lines_(nodes) {}

void Network::dial(NodeIndex node) {
  auto& line = lines_[node];
  if (line.dialling || (line.current && line.current->node_end)) return;
  line.dialling = true;
  line.attempts = 0;
  timeline_.after(Duration(dice_.between(1, 300)), [this, node] { attempt(node); });
}

void Network::attempt(NodeIndex node) {
  auto& line = lines_[node];
  if (!line.dialling) return;
  const auto key = ends_.dials(node);
  if (!key) {
    line.dialling = false;
    return;
  }
  if (line.parted || !ends_.admits(*key)) {
    // Reconnecting with jitter, ever more slowly; join() and broker_serves() shorten it.
    const std::int64_t base = std::int64_t{200} << std::min(++line.attempts, 14);
    timeline_.after(Duration(dice_.between(base / 2, base)), [this, node, tries = line.attempts] {
      if (lines_[node].attempts == tries) attempt(node);
    });
    return;
  }
  line.dialling = false;
  auto made = std::make_shared<Connection>();
  made->id = ConnectionId{++connections_};
  made->node = node;
  made->key = *key;
  line.current = made;
  line.believed.push_back(made);
  ends_.connected_at_node(made);
}

void Network::send(const ConnectionRef& connection, Way way, Bytes frame) {
  auto& line = lines_[connection->node];
  const auto decoded = wire::decode_frame(frame);
  if (tracing()) trace_frame(connection->node, way, decoded ? &*decoded : nullptr);
  if (spy_) spy_(connection->node, way, frame, decoded ? &*decoded : nullptr);
  auto cargo = decoded ? letters_.sent(*decoded, way) : LetterWatch::Cargo{};
  if (decoded && may_be_replayed(*decoded)) keep_for_replay(line, way, frame);
  const auto latency = Duration(dice_.between(1, line.latency_max.count()));
  auto& not_before = connection->not_before[static_cast<int>(way)];
  not_before = std::max(not_before, timeline_.now() + latency);
  const int copies = repeat_one_in_ != 0 && decoded && may_be_replayed(*decoded) &&
                             dice_.below(repeat_one_in_) == 0
                         ? 2
                         : 1;
  for (int copy = 0; copy < copies; ++copy) {
    if (copy > 0) cargo = letters_.sent(*decoded, way);
    timeline_.at(not_before,
                 [this, connection, way, frame, cargo] { arrive(connection, way, frame, cargo); });
  }
}

void Network::arrive(const ConnectionRef& connection, Way way, const Bytes& frame,
                     const LetterWatch::Cargo& cargo) {
  letters_.arrived(cargo);
  if (connection->cut || connection->lossy[static_cast<int>(way)]) return;
  if (way == Way::to_broker) {
    if (connection->broker_end) ends_.at_broker(connection, frame);
  } else if (connection->node_end) {
    ends_.at_node(connection, frame);
  }
}

void Network::keep_for_replay(Line& line, Way way, ByteView frame) {
  auto& kept = line.kept[static_cast<int>(way)];
  if (kept.size() < kept_max) {
    kept.push_back(copy_of(frame));
  } else if (dice_.chance(100)) {
    kept[dice_.below(kept_max)] = copy_of(frame);
  }
}

bool Network::replay(NodeIndex node, Way way) {
  auto& line = lines_[node];
  const auto& kept = line.kept[static_cast<int>(way)];
  if (kept.empty() || !line.current || !line.current->node_end || !line.current->broker_end)
    return false;
  send(line.current, way, dice_.pick(kept));
  return true;
}

void Network::forget_to_replay_from_broker() {
  for (auto& line : lines_)
    line.kept[static_cast<int>(Way::to_node)].clear();
}

void Network::tell_broker(const ConnectionRef& connection) {
  if (!connection->broker_end) return;
  connection->broker_end = false;
  auto& believed = lines_[connection->node].believed;
  believed.erase(std::remove(believed.begin(), believed.end(), connection), believed.end());
  ends_.closed_at_broker(connection);
}

void Network::tell_node(const ConnectionRef& connection) {
  if (!connection->node_end) return;
  connection->node_end = false;
  auto& line = lines_[connection->node];
  if (line.current == connection) line.current = nullptr;
  ends_.closed_at_node(connection);
}

void Network::lose(const ConnectionRef& connection, Duration broker_hears, Duration node_hears) {
  connection->cut = true;
  timeline_.after(broker_hears, [this, connection] { tell_broker(connection); });
  timeline_.after(node_hears, [this, connection] { tell_node(connection); });
}

void Network::close_by_broker(const ConnectionRef& connection) {
  if (!connection->broker_end) return;
  connection->broker_end = false;
  auto& believed = lines_[connection->node].believed;
  believed.erase(std::remove(believed.begin(), believed.end(), connection), believed.end());
  timeline_.at(std::max(timeline_.now(), connection->not_before[static_cast<int>(Way::to_node)]),
               [this, connection] { tell_node(connection); });
}

void Network::close_by_node(const ConnectionRef& connection) {
  if (!connection->node_end) return;
  connection->node_end = false;
  auto& line = lines_[connection->node];
  if (line.current == connection) line.current = nullptr;
  timeline_.at(std::max(timeline_.now(), connection->not_before[static_cast<int>(Way::to_broker)]),
               [this, connection] { tell_broker(connection); });
}

void Network::broker_died() {
  for (auto& line : lines_) {
    for (const auto& connection : line.believed) {
      connection->broker_end = false;
      connection->cut = true;
      const auto hears = dice_.chance(200) ? heartbeat_patience : Duration(dice_.between(1, 50));
      timeline_.after(hears, [this, connection] { tell_node(connection); });
    }
    line.believed.clear();
  }
}

void Network::node_died(NodeIndex node) {
  auto& line = lines_[node];
  line.dialling = false;
  ++line.attempts;
  if (const auto connection = line.current) {
    connection->node_end = false;
    connection->cut = true;
    line.current = nullptr;
    const auto hears = dice_.chance(200) ? heartbeat_patience : Duration(dice_.between(1, 50));
    timeline_.after(hears, [this, connection] { tell_broker(connection); });
  }
}

void Network::broker_serves() {
  for (NodeIndex node = 0; node < lines_.size(); ++node) {
    if (!lines_[node].dialling) continue;
    lines_[node].attempts = 0;
    timeline_.after(Duration(dice_.between(1, 1000)), [this, node] {
      if (lines_[node].attempts == 0) attempt(node);
    });
  }
}

void Network::cut(NodeIndex node) {
  if (const auto connection = lines_[node].current) {
    lose(connection, Duration(dice_.between(0, 50)), Duration(dice_.between(0, 50)));
  }
}

void Network::cut_one_way(NodeIndex node, Way way) {
  const auto connection = lines_[node].current;
  if (!connection) return;
  connection->lossy[static_cast<int>(way)] = true;
  // Heartbeats are missed by the end that hears nothing; the other believes for longer.
  const auto soon = heartbeat_patience;
  const auto late = heartbeat_patience * 3;
  timeline_.after(soon, [connection] { connection->cut = true; });
  timeline_.after(way == Way::to_broker ? soon : late,
                  [this, connection] { tell_broker(connection); });
  timeline_.after(way == Way::to_node ? soon : late, [this, connection] { tell_node(connection); });
}

void Network::stall(NodeIndex node, Way way, Duration by) {
  if (const auto connection = lines_[node].current) {
    auto& not_before = connection->not_before[static_cast<int>(way)];
    not_before = std::max(not_before, timeline_.now()) + by;
  }
}

void Network::part(NodeIndex node) {
  lines_[node].parted = true;
  if (const auto connection = lines_[node].current) {
    lose(connection, heartbeat_patience, heartbeat_patience);
  }
}

void Network::join(NodeIndex node) {
  auto& line = lines_[node];
  line.parted = false;
  if (!line.dialling) return;
  line.attempts = 0;
  timeline_.after(Duration(dice_.between(1, 500)), [this, node] {
    if (lines_[node].attempts == 0) attempt(node);
  });
}

void Network::slow(NodeIndex node, Duration latency_max) {
  lines_[node].latency_max = latency_max;
}

void Network::heal() {
  repeat_one_in_ = 0;
  for (NodeIndex node = 0; node < lines_.size(); ++node) {
    lines_[node].latency_max = std::chrono::milliseconds(20);
    if (lines_[node].parted) join(node);
  }
}

}  // namespace liaison::simulation
