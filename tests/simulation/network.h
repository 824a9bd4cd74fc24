#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/connection_id.h"
#include "base/id.h"
#include "dice.h"
#include "letter_watch.h"
#include "timeline.h"

namespace liaison::simulation {

using NodeIndex = std::size_t;

/// One connection of a node with the broker. Each end goes on believing in it until told.
struct Connection {
  ConnectionId id{};
  NodeIndex node = 0;
  CurveKey key;  ///< the node's: what ZAP would have admitted
  bool node_end = true;
  bool broker_end = true;
  bool cut = false;        ///< nothing in flight arrives any more
  bool lossy[2]{};         ///< by Way: nothing arrives that way
  Moment not_before[2]{};  ///< by Way: frames keep their order
};
using ConnectionRef = std::shared_ptr<Connection>;

/// Frames between nodes and the broker, as TCP with ZeroMQ's heartbeats carries them: in order and
/// whole within a connection, any part of the end lost when it breaks, and each end hearing of that
/// when it does. The simulation's own: it may repeat frames and send those of an earlier session.
class Network {
 public:
  /// What happens at the ends.
  struct Ends {
    std::function<bool(const CurveKey&)> admits;  ///< the broker serves and lets this key in
    std::function<void(const ConnectionRef&, ByteView)> at_broker;
    std::function<void(const ConnectionRef&)> closed_at_broker;
    std::function<void(const ConnectionRef&)> connected_at_node;
    std::function<void(const ConnectionRef&, ByteView)> at_node;
    std::function<void(const ConnectionRef&)> closed_at_node;
    std::function<std::optional<CurveKey>(NodeIndex)>
        dials;  ///< the key it dials with; nothing: it does not
  };
  Network(Timeline& timeline, LetterWatch& letters, Dice dice, std::size_t nodes);
  void attach(Ends ends) { ends_ = std::move(ends); }

  /// The node starts to dial until it is connected (again). Any number of times.
  void dial(NodeIndex node);
  void send(const ConnectionRef& connection, Way way, Bytes frame);
  /// One end closes in good order: what it sent before arrives.
  void close_by_broker(const ConnectionRef& connection);
  void close_by_node(const ConnectionRef& connection);
  /// The process at one end is gone; the other hears of it soon, or after its heartbeats' patience.
  void broker_died();
  void node_died(NodeIndex node);
  void broker_serves();  ///< who waits for it dials

  // Faults.
  void cut(NodeIndex node);                   ///< the connection breaks with what is in flight
  void cut_one_way(NodeIndex node, Way way);  ///< frames that way are lost until heartbeats notice
  void stall(NodeIndex node, Way way, Duration by);
  void part(NodeIndex node);  ///< unreachable until joined
  void join(NodeIndex node);
  void slow(NodeIndex node, Duration latency_max);
  void repeat_one_in(std::uint64_t frames) { repeat_one_in_ = frames; }
  /// Sends a frame of an earlier session of that node once more, if one is kept.
  bool replay(NodeIndex node, Way way);
  /// The broker's disk is another: an `accepted` of the old one said again would be a lie about
  /// what the new one has, by which a letter is withheld. A broker can do that anyway.
  void forget_to_replay_from_broker();
  /// Everything is well from here on.
  void heal();

  [[nodiscard]] ConnectionRef connection(NodeIndex node) const { return lines_[node].current; }
  /// Sees every frame that is sent; what it decodes to, if it can be read.
  using Spy = std::function<void(NodeIndex, Way, ByteView, const wire::Frame*)>;
  void spy(Spy spy) { spy_ = std::move(spy); }
  static constexpr Duration heartbeat_patience = std::chrono::seconds(12);

 private:
  struct Line {
    ConnectionRef current;
    std::vector<ConnectionRef> believed;  ///< by the broker: replaced ones too
    bool parted = false;
    bool dialling = false;
    int attempts = 0;
    Duration latency_max = std::chrono::milliseconds(20);
    std::vector<Bytes> kept[2];  ///< frames to replay
  };
  void attempt(NodeIndex node);
  void lose(const ConnectionRef& connection, Duration broker_hears, Duration node_hears);
  void tell_broker(const ConnectionRef& connection);
  void tell_node(const ConnectionRef& connection);
  void arrive(const ConnectionRef& connection, Way way, const Bytes& frame,
              const LetterWatch::Cargo& cargo);
  void keep_for_replay(Line& line, Way way, ByteView frame);

  Timeline& timeline_;
  LetterWatch& letters_;
  Dice dice_;
  Ends ends_;
  std::vector<Line> lines_;
  std::uint64_t connections_ = 0;
  std::uint64_t repeat_one_in_ = 0;
  Spy spy_;
};

}  // namespace liaison::simulation
