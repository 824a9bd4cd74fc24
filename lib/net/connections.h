#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/connection_id.h"
#include "base/id.h"
#include "base/time.h"

namespace liaison::net {

/// A ROUTER's connections and the descriptors under them. Inside lib/net only; knows no ZeroMQ.
///
/// libzmq tells of descriptors (by its monitor: accepted, disconnected) and of frames (routing id,
/// User-Id, the descriptor's number), each in order but not in order with each other, and a number
/// is used again as soon as it is closed. To shut down a peer's descriptor and never another's:
///
///  - each accept of a number begins a new *tenancy* of it;
///  - a frame from a number belongs to its newest tenancy or an earlier one. libzmq hands over all
///    frames of a tenancy before it closes the number, hence before the next accept. So a frame
///    that is read after the ROUTER was seen empty, which was after the newest accept was heard of,
///    belongs to that tenancy: then the connection is *certain*;
///  - a connection that never sends another frame is certain a while after the newest accept, if
///  libzmq still has
///    a route to it: it forgets the route of one that ended before it can serve the next;
///  - a tenancy that has not ended by the monitor, asked after the number was duplicated, is what
///  the duplicate refers to.
class Connections {
 public:
  struct Connection {
    ConnectionId id;
    std::uint32_t routing;  ///< the number libzmq made its routing id from
    CurveKey user;
    int descriptor;
    std::uint64_t tenancy_at_most;
    bool is_certain = false;
    bool is_dropped = false;
    unsigned strikes = 0;
  };

  // What the monitor says.
  void accepted(int descriptor, Duration steady_now);
  void disconnected(int descriptor);
  /// The ROUTER had nothing more to read, and all the monitor's news were heard before it was
  /// asked.
  void seen_empty();

  // What frames say.

  /// The connection with this routing number; nullptr: none known.
  [[nodiscard]] Connection* find(std::uint32_t routing);
  [[nodiscard]] Connection* find(ConnectionId id);
  /// Whether a connection with this routing number has ended: its last frames may come after.
  [[nodiscard]] bool has_ended(std::uint32_t routing) const { return ended_.contains(routing); }
  /// A connection's first frame, once the monitor's news have been heard after it was read.
  Connection& add(std::uint32_t routing, const CurveKey& user, int descriptor);

  /// What is known of a descriptor at the moment a frame from it has been read.
  struct Claim {
    int descriptor;
    std::uint64_t tenancy;
    bool is_settled;
  };
  [[nodiscard]] Claim claim(int descriptor) const;
  /// Asked once the monitor's news have been heard after the claim: whether the frame is of that
  /// tenancy for certain.
  [[nodiscard]] bool holds(const Claim& claim) const;
  /// Whether that tenancy has not ended as far as heard.
  [[nodiscard]] bool is_open(int descriptor, std::uint64_t tenancy) const;

  /// Whether its newest tenancy began before `than` and has not ended as far as heard.
  [[nodiscard]] bool is_open_since(int descriptor, Duration than) const;
  /// It was of an earlier tenancy, and all its frames have been read: the newest one is silent
  /// again if no other frame came from its number.
  void end(const Connection& connection);

  /// Connections that ended and of which all frames have been read.
  std::vector<ConnectionId> take_closed();
  /// Descriptors that have carried no frame although accepted before `than`, with their tenancies.
  [[nodiscard]] std::vector<std::pair<int, std::uint64_t>> silent_since(Duration than);
  /// Of the open descriptors that have carried no frame, those beyond the `most` newest, with their
  /// tenancies. Each is given once, and from then on not counted.
  std::vector<std::pair<int, std::uint64_t>> take_silent_beyond(std::size_t most);
  /// Connections that ended without a frame: never admitted, no ZeroMQ at all, or gone before.
  [[nodiscard]] std::uint64_t ended_unheard() const { return ended_unheard_; }
  [[nodiscard]] std::size_t size() const { return by_id_.size(); }

 private:
  struct Descriptor {
    std::uint64_t tenancy = 0;
    std::uint64_t accept = 0;  ///< of all descriptors' accepts: which
    bool is_open = false;
    bool has_spoken = false;
    std::uint64_t heard_at_empty = 0;  ///< empties_ when the accept was heard of
    Duration since{0};
    std::vector<ConnectionId> connections;
  };
  struct Ending {
    int descriptor;
    std::uint64_t tenancy;
  };
  void end(const Ending& ending);
  void forget(ConnectionId id);

  std::unordered_map<ConnectionId, Connection> by_id_;
  std::unordered_map<std::uint32_t, Connection*>
      by_routing_;  // nodes of by_id_ stay where they are
  std::unordered_map<int, Descriptor> descriptors_;
  std::map<std::uint64_t, int> silent_;  ///< by accept
  std::vector<Ending> endings_;
  std::vector<ConnectionId> closed_;
  std::unordered_set<std::uint32_t> ended_;
  std::deque<std::uint32_t> ended_in_order_;
  std::uint64_t ended_unheard_ = 0;
  std::uint64_t accepts_ = 0;
  std::uint64_t empties_ = 1;
  std::uint64_t next_id_ = 1;
};

}  // namespace liaison::net
