#include "net/connections.h"

#include "base/check.h"

namespace liaison::net {
namespace {

// Routing numbers of ended connections that are remembered: far more than can end between two
// looks at the monitor.
constexpr std::size_t ended_max = 65536;

}  // namespace

void Connections::accepted(int descriptor, Duration steady_now) {
  // The monitor tells of every end before the number can be used again; were one missed, the
  // earlier tenancy has ended all the same.
  disconnected(descriptor);
  auto& entry = descriptors_[descriptor];
  ++entry.tenancy;
  entry.accept = ++accepts_;
  silent_.emplace(entry.accept, descriptor);
  entry.is_open = true;
  entry.has_spoken = false;
  entry.heard_at_empty = empties_;
  entry.since = steady_now;
}

void Connections::disconnected(int descriptor) {
  auto found = descriptors_.find(descriptor);
  if (found == descriptors_.end() || !found->second.is_open) return;
  found->second.is_open = false;
  silent_.erase(found->second.accept);
  endings_.push_back({descriptor, found->second.tenancy});
}

void Connections::seen_empty() {
  ++empties_;
  auto endings = std::move(endings_);
  endings_.clear();
  for (const auto& ending : endings)
    end(ending);
}

void Connections::end(const Ending& ending) {
  const auto of_it =
      std::erase_if(descriptors_[ending.descriptor].connections, [&](ConnectionId id) {
        auto* connection = find(id);
        LIAISON_CHECK(connection != nullptr);
        if (connection->tenancy_at_most > ending.tenancy) return false;
        forget(id);
        return true;
      });
  if (of_it == 0) ++ended_unheard_;
}

void Connections::end(const Connection& connection) {
  auto id = connection.id;
  const int descriptor = connection.descriptor;
  auto& entry = descriptors_[descriptor];
  std::erase(entry.connections, id);
  forget(id);
  // Who has the number now is not excused by a frame of who had it before.
  if (!entry.connections.empty() || !entry.is_open) return;
  entry.has_spoken = false;
  silent_.emplace(entry.accept, descriptor);
}

void Connections::forget(ConnectionId id) {
  auto found = by_id_.find(id);
  auto routing = found->second.routing;
  ended_.insert(routing);
  ended_in_order_.push_back(routing);
  if (ended_in_order_.size() > ended_max) {
    ended_.erase(ended_in_order_.front());
    ended_in_order_.pop_front();
  }
  by_routing_.erase(routing);
  by_id_.erase(found);
  closed_.push_back(id);
}

Connections::Connection* Connections::find(std::uint32_t routing) {
  auto found = by_routing_.find(routing);
  return found == by_routing_.end() ? nullptr : found->second;
}

Connections::Connection* Connections::find(ConnectionId id) {
  auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : &found->second;
}

Connections::Connection& Connections::add(std::uint32_t routing, const CurveKey& user,
                                          int descriptor) {
  LIAISON_CHECK(!by_routing_.contains(routing));
  auto& entry = descriptors_[descriptor];
  auto id = static_cast<ConnectionId>(next_id_++);
  Connection connection{id, routing, user, descriptor, entry.tenancy};
  auto& added = by_id_.emplace(id, connection).first->second;
  by_routing_[routing] = &added;
  entry.connections.push_back(id);
  entry.has_spoken = true;
  silent_.erase(entry.accept);
  // Its end was heard of before its first frame was read.
  if (!entry.is_open) endings_.push_back({descriptor, entry.tenancy});
  return added;
}

Connections::Claim Connections::claim(int descriptor) const {
  auto found = descriptors_.find(descriptor);
  if (found == descriptors_.end()) return {descriptor, 0, false};
  return {descriptor, found->second.tenancy, empties_ > found->second.heard_at_empty};
}

bool Connections::holds(const Claim& claim) const {
  return claim.is_settled && is_open(claim.descriptor, claim.tenancy);
}

bool Connections::is_open(int descriptor, std::uint64_t tenancy) const {
  auto found = descriptors_.find(descriptor);
  return found != descriptors_.end() && found->second.is_open && found->second.tenancy == tenancy;
}

bool Connections::is_open_since(int descriptor, Duration than) const {
  auto found = descriptors_.find(descriptor);
  return found != descriptors_.end() && found->second.is_open && found->second.since < than;
}

std::vector<ConnectionId> Connections::take_closed() {
  return std::exchange(closed_, {});
}

std::vector<std::pair<int, std::uint64_t>> Connections::silent_since(Duration than) {
  std::vector<std::pair<int, std::uint64_t>> out;
  for (auto& [number, entry] : descriptors_) {
    if (!entry.is_open || entry.has_spoken || entry.since >= than) continue;
    out.emplace_back(number, entry.tenancy);
  }
  return out;
}

std::vector<std::pair<int, std::uint64_t>> Connections::take_silent_beyond(std::size_t most) {
  std::vector<std::pair<int, std::uint64_t>> out;
  while (silent_.size() > most) {
    const int number = silent_.begin()->second;
    out.emplace_back(number, descriptors_.at(number).tenancy);
    silent_.erase(silent_.begin());
  }
  return out;
}

}  // namespace liaison::net
