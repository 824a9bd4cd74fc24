#include "net/poller.h"

#include <zmq.h>

#include <algorithm>
#include <cerrno>

#include "net/native.h"

namespace liaison::net {

void PollSet::add_descriptor(int descriptor, For what) {
  items_.push_back({nullptr, descriptor, what});
}

void PollSet::add_socket(void* zmq_socket) {
  if (zmq_socket != nullptr) items_.push_back({zmq_socket, -1, For::reading});
}

void Poller::wait(std::optional<Duration> longest) const {
  PollSet set;
  for (const auto* what : pollables_)
    what->add_to(set);
  std::vector<zmq_pollitem_t> items;
  items.reserve(set.items_.size());
  for (const auto& item : set.items_) {
    auto events = static_cast<short>(item.what == PollSet::For::reading ? ZMQ_POLLIN : ZMQ_POLLOUT);
    items.push_back({item.socket, item.descriptor, events, 0});
  }
  long timeout_ms = -1;
  if (longest) timeout_ms = std::max<long>(0, static_cast<long>(longest->count()));
  int code = zmq_poll(items.data(), static_cast<int>(items.size()), timeout_ms);
  if (code < 0 && zmq_errno() != EINTR) zmq_failed("cannot wait for the sockets");
}

}  // namespace liaison::net
